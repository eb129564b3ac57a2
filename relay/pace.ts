/**
 * How fast Marketo may be called: never more than so many calls in any 20 seconds, spread evenly.
 *
 * A token bucket. It holds a few calls, so that a lonely lead goes at once, and fills slowly enough that even those few
 * on top keep the limit. It knows no clock: times are handed in, in epoch milliseconds.
 */

/** Marketo counts calls in windows of this length. */
const WINDOW = 20_000

/** How many calls may start together after a quiet while. */
const BURST = 5

export interface Pace {
  /** How many calls may start now. */
  free(now: number): number
  /** So many have started. */
  start(now: number, calls: number): void
  /** When the next one may; now, or later. */
  nextAt(now: number): number
}

/**
 * Makes a pace.
 *
 * @param callsPer20s at the most in any 20 seconds, 1 or more
 */
export function createPace(callsPer20s: number): Pace {
  const burst = Math.max(1, Math.min(BURST, Math.floor(callsPer20s / 2)))
  /** Milliseconds for one more call. With a limit of one there is none but the first: it takes the whole window. */
  const interval = WINDOW / Math.max(1, callsPer20s - burst)
  let tokens = burst
  let at = -Infinity

  function fill(now: number): number {
    // A clock that was set back gives nothing and takes nothing.
    if (now > at) {
      tokens = Math.min(burst, tokens + (at === -Infinity ? 0 : (now - at) / interval))
      at = now
    }
    return tokens
  }

  return {
    free: (now) => Math.floor(fill(now) + EPSILON),
    start(now, calls) {
      fill(now)
      tokens -= calls
    },
    nextAt: (now) => (fill(now) + EPSILON >= 1 ? now : now + Math.ceil((1 - tokens) * interval)),
  }
}

/** Thirds do not add up to one in floating point. */
const EPSILON = 1e-9
