/**
 * Posts one submission, with retries, and returns the outcome; it does not touch the page and never rejects.
 *
 * Retries are safe: the body contains the submission's id, and the relay stores one lead per id.
 */
import type { Accepted, Problem } from '../../relay/protocol.ts'
import type { Globals } from '../globals.ts'

/** Reason of a failure: no response, a temporary error, a refusal, or fields to correct. */
export type FailureReason = 'network' | 'unavailable' | 'refused' | 'fields'

interface Sent {
  kind: 'sent'
  /** The form's thanks address, absolute, `http` or `https`; `undefined` if it has none. */
  next: string | undefined
  reason?: undefined
}

interface Failed {
  kind: 'failed'
  reason: FailureReason
  /** The relay's problem details, if it answered. */
  problem?: Partial<Problem>
}

export type Outcome = Sent | Failed

/** Statuses of the relay, or of a gateway before it, that a retry may overcome. */
const TEMPORARY_STATUSES = new Set([429, 502, 503, 504])

const MAX_TRIES = 3

/** Longest pause between two tries, in ms. If the relay asks for a longer one, the attempt fails at once. */
const MAX_PAUSE_MS = 5000

/**
 * Largest body sent with `keepalive`. Browsers limit such bodies to 64 KB in total, with those of the page's other scripts,
 * and fail any request above that. Tries after the first therefore go without it.
 */
const MAX_KEEPALIVE_BYTES = 60_000

/**
 * Sends `body` to `url`, up to three times with pauses of a second or two between.
 *
 * Method, headers and credentials are chosen so that the request needs no preflight (Fetch, 4.10).
 */
export async function send(url: string, body: URLSearchParams, globals: Globals): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    let failed: Failed = { kind: 'failed', reason: 'network' }
    let pause = globals.random() * 1000 * tries
    try {
      const response = await globals.fetch(url, {
        method: 'POST',
        body,
        headers: { accept: 'application/json' },
        credentials: 'omit',
        keepalive: tries === 1 && `${body}`.length < MAX_KEEPALIVE_BYTES,
        signal: AbortSignal.timeout(globals.timeout),
      })
      // A response that is not JSON does not come from the relay. It throws here and counts as no response.
      const answer = (await response.json()) as Partial<Accepted & Problem>
      const next = response.headers.get('location')
      if (response.status === 202 && answer.ok) {
        return { kind: 'sent', next: next?.match(/^https?:.*/)?.[0] }
      }
      failed = { kind: 'failed', reason: answer.errors?.map ? 'fields' : 'refused', problem: answer }
      if (!TEMPORARY_STATUSES.has(response.status)) return failed
      failed.reason = 'unavailable'
      // A missing header, or a date in it, adds no pause.
      pause += Number(response.headers.get('retry-after')) * 1000 || 0
    } catch {
      // Offline, timed out, blocked or interrupted: it is unknown whether the lead arrived, and a retry is safe.
    }
    if (tries === MAX_TRIES || pause > MAX_PAUSE_MS) return failed
    await globals.wait(pause)
  }
}
