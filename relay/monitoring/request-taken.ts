/**
 * Sends a request to a service outside that only has to take it. Its address may be secret, so that no reason contains it.
 */

/** Maximum time until the reply, in seconds. */
const TIMEOUT_S = 10

/** Returns why the service has not taken the request; undefined if it has, with a status from 200 to 299. Never rejects. */
export async function whyNotTaken(
  fetch: (request: Request) => Promise<Response>,
  url: string,
  init: RequestInit = {},
): Promise<string | undefined> {
  try {
    const response = await fetch(new Request(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_S * 1_000) }))
    await response.body?.cancel()
    return response.ok ? undefined : `status ${response.status}`
  } catch (error) {
    // The message of a failed fetch may contain the address.
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return isLate ? `no reply within ${TIMEOUT_S} s` : 'no connection'
  }
}
