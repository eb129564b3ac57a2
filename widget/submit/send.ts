/**
 * Posts one filled-in form and says what came of it. It knows nothing of the page, and it never rejects.
 *
 * It may ask the same thing again because the id in the body makes the same lead of it.
 */
import type { Accepted, Problem } from '../../relay/protocol.ts'
import type { World } from '../globals.ts'

/** Why a form did not arrive: no answer, an answer that says "later", one that says "no", or fields to correct. */
export type FailureReason = 'network' | 'unavailable' | 'refused' | 'fields'

export interface Sent {
  kind: 'sent'
  /** The form's thanks address, absolute, `http` or `https`; `undefined` where it has none. */
  next: string | undefined
}

export interface Failed {
  kind: 'failed'
  reason: FailureReason
  /** The relay's own words, where it could be heard. */
  problem?: Partial<Problem>
}

/** The relay, or something in front of it, is not there just now. */
const LATER = new Set([429, 502, 503, 504])

const TRIES = 3

/** A visitor who sees "Sending…" for longer than this, in milliseconds, would rather be told. */
const LONGEST_PAUSE = 5000

/** Browsers let 64 KB in all outlive their page; more than that and the request itself fails. */
const KEEPALIVE_BYTES = 60_000

/**
 * Sends `body` to `url`, up to three times, pausing a second or two between.
 *
 * Credentials, method and headers are such that no preflight is needed (Fetch, 4.10).
 */
export async function send(url: string, body: URLSearchParams, world: World): Promise<Sent | Failed> {
  for (let tries = 1; ; tries++) {
    let failed: Failed = { kind: 'failed', reason: 'network' }
    let pause = world.random() * 1000 * tries
    try {
      const response = await world.fetch(url, {
        method: 'POST',
        body,
        headers: { accept: 'application/json' },
        credentials: 'omit',
        keepalive: `${body}`.length < KEEPALIVE_BYTES,
        signal: AbortSignal.timeout(world.timeout),
      })
      // An answer that is no JSON is not the relay's: it throws here, and counts as none.
      const answer = (await response.json()) as Partial<Accepted & Problem>
      const next = response.headers.get('location')
      if (response.status === 202 && answer.ok) {
        return { kind: 'sent', next: next?.match(/^https?:.*/)?.[0] }
      }
      failed = { kind: 'failed', reason: answer.errors?.map ? 'fields' : 'refused', problem: answer }
      if (!LATER.has(response.status)) return failed
      failed.reason = 'unavailable'
      // A date, or no header at all, counts as nothing.
      pause += Number(response.headers.get('retry-after')) * 1000 || 0
    } catch {
      // No network, too slow, blocked, cut off: all of them mean that nothing is known, and that it may be asked again.
    }
    if (tries === TRIES || pause > LONGEST_PAUSE) return failed
    await world.wait(pause)
  }
}
