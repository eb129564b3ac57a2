/**
 * A token bucket, as values: how fast calls may start, at most so many in any 20 seconds, spread evenly. Pure.
 *
 * It holds a few calls, so that a single lead goes at once, and fills slowly enough that even those few calls on top
 * keep the limit.
 */

/** Length of the windows in which Marketo counts calls, in ms. */
export const RATE_WINDOW_MS = 20_000

/** Number of calls that may start together after a pause: five, or a twentieth of the limit where that is more. */
const BURST_CALLS = 5
const BURST_SHARE = 0.05

/** Tolerance for sums of fractions in floating point. */
const EPSILON = 1e-9

export interface Bucket {
  tokens: number
  /** Time at which it was refilled to `tokens`. Later than now when no call may start until then. */
  filledAt: number
}

/** A bucket as it is after a pause. */
export const FULL_BUCKET: Bucket = { tokens: 0, filledAt: 0 }

function burstOf(callsPer20s: number): number {
  return Math.max(
    1,
    Math.min(Math.max(BURST_CALLS, Math.floor(callsPer20s * BURST_SHARE)), Math.floor(callsPer20s / 2)),
  )
}

/** Returns the time for one more token, in ms. With a limit of one call it is the whole window. */
function intervalOf(callsPer20s: number): number {
  return RATE_WINDOW_MS / Math.max(1, callsPer20s - burstOf(callsPer20s))
}

/** Returns the bucket as it is now. A clock that went backwards adds nothing and removes nothing. */
export function refill({ tokens, filledAt }: Bucket, callsPer20s: number, now: number): Bucket {
  if (now <= filledAt) return { tokens, filledAt }
  const grown = tokens + (now - filledAt) / intervalOf(callsPer20s)
  return { tokens: Math.min(burstOf(callsPer20s), grown), filledAt: now }
}

/** Returns how many calls may start now. */
export function startableCalls(bucket: Bucket, callsPer20s: number, now: number): number {
  const { tokens, filledAt } = refill(bucket, callsPer20s, now)
  return filledAt > now ? 0 : Math.floor(tokens + EPSILON)
}

/** Returns the bucket once `calls` have started. */
export function takeTokens(bucket: Bucket, callsPer20s: number, calls: number, now: number): Bucket {
  const { tokens, filledAt } = refill(bucket, callsPer20s, now)
  return { tokens: tokens - calls, filledAt }
}

/** Returns when the next call may start: now, or later. */
export function nextStartAt(bucket: Bucket, callsPer20s: number, now: number): number {
  const { tokens, filledAt } = refill(bucket, callsPer20s, now)
  const missing = Math.max(0, 1 - EPSILON - tokens)
  return Math.max(now, filledAt + Math.ceil(missing * intervalOf(callsPer20s)))
}
