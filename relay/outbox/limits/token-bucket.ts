/**
 * How fast calls may start: never more than so many in any 20 seconds, spread evenly. A token bucket, as values.
 *
 * It holds a few calls, so that a lonely lead goes at once, and fills slowly enough that even those few on top keep the
 * limit. It knows no clock and keeps nothing: times are handed in, and what stands is handed back.
 */

/** Marketo counts calls in windows of this length, in milliseconds. */
export const RATE_WINDOW_MS = 20_000

/** How many calls may start together after a quiet while: five, or a twentieth of the limit where that is more. */
const BURST = 5
const BURST_SHARE = 0.05

/** Thirds do not add up to one in floating point. */
const EPSILON = 1e-9

export interface Bucket {
  tokens: number
  /** When it was filled to that; later than now, when no call may start until then. */
  filledAt: number
}

/** As after a quiet while. */
export const FULL: Bucket = { tokens: 0, filledAt: 0 }

function burstOf(callsPer20s: number): number {
  return Math.max(1, Math.min(Math.max(BURST, Math.floor(callsPer20s * BURST_SHARE)), Math.floor(callsPer20s / 2)))
}

/** Milliseconds for one more call. With a limit of one there is none but the first: it takes the whole window. */
function intervalOf(callsPer20s: number): number {
  return RATE_WINDOW_MS / Math.max(1, callsPer20s - burstOf(callsPer20s))
}

/** The bucket as it stands now. A clock that was set back gives nothing and takes nothing. */
export function filled({ tokens, filledAt }: Bucket, callsPer20s: number, now: number): Bucket {
  if (now <= filledAt) return { tokens, filledAt }
  const grown = tokens + (now - filledAt) / intervalOf(callsPer20s)
  return { tokens: Math.min(burstOf(callsPer20s), grown), filledAt: now }
}

/** How many calls may start now. */
export function startable(bucket: Bucket, callsPer20s: number, now: number): number {
  const { tokens, filledAt } = filled(bucket, callsPer20s, now)
  return filledAt > now ? 0 : Math.floor(tokens + EPSILON)
}

/** The bucket once so many have started. */
export function started(bucket: Bucket, callsPer20s: number, calls: number, now: number): Bucket {
  const { tokens, filledAt } = filled(bucket, callsPer20s, now)
  return { tokens: tokens - calls, filledAt }
}

/** When the next may start; now, or later. */
export function nextStart(bucket: Bucket, callsPer20s: number, now: number): number {
  const { tokens, filledAt } = filled(bucket, callsPer20s, now)
  const missing = Math.max(0, 1 - EPSILON - tokens)
  return Math.max(now, filledAt + Math.ceil(missing * intervalOf(callsPer20s)))
}
