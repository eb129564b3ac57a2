/** The operator of the relay, who has leads sent again, or the relay try again, by the relay's own API. */
import type { Journal } from './journal.ts'
import { sentIdOf } from './node-relays.ts'

interface ParkedPage {
  parked: { id: string; notes: string[] }[]
}

interface ReplayAnswer {
  results: { id: string; result: string }[]
}

/** Maximum number of parked leads of a page of the API. */
const PAGE_SIZE = 200

/** Timeout of a request to a relay that may be stopped, in ms. */
const REQUEST_TIMEOUT_MS = 5_000

/**
 * Has every second parked lead of the first page sent again, and leaves the others to be checked as parked ones.
 *
 * @returns the number of leads that are sent again
 */
export async function replayParked(url: string, token: string, journal: Journal): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const { parked } = await request<ParkedPage>(`${url}/v1/parked?limit=${PAGE_SIZE}`, { headers })
  const chosen = parked.filter((_, index) => index % 2 === 0)
  const ids = chosen.map(({ id }) => id)
  if (ids.length === 0) return 0
  const body = JSON.stringify({ ids })
  // Noted before it happens: a lead may be on its way when the answer comes.
  for (const { id, notes } of chosen) journal.replayed(sentIdOf(id, notes))
  const { results } = await request<ReplayAnswer>(`${url}/v1/replay`, { method: 'POST', headers, body })
  return results.filter(({ result }) => result === 'replayed').length
}

/** Makes the relay call Marketo again at once. Resolves with false where it does not answer. */
export async function retryMarketo(url: string, token: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    await request(`${url}/v1/retry`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, signal })
    return true
  } catch {
    return false
  }
}

async function request<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
