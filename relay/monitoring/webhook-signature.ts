/**
 * The signature of a webhook, by the specification Standard Webhooks 1.0.0: HMAC-SHA-256 over the id, the time and the body.
 * Libraries for many languages check it.
 */

const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const

/**
 * Returns the value of the header `webhook-signature`: a signature for each secret, so that a receiver may know one of two.
 *
 * @param timestamp time of the attempt, in seconds since the epoch
 */
export async function signWebhook(
  secrets: readonly Uint8Array<ArrayBuffer>[],
  id: string,
  timestamp: number,
  body: string,
): Promise<string> {
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  const signatures = secrets.map(async (secret) => {
    const key = await crypto.subtle.importKey('raw', secret, HMAC, false, ['sign'])
    const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
    return `v1,${btoa(String.fromCharCode(...bytes))}`
  })
  return (await Promise.all(signatures)).join(' ')
}
