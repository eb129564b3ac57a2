/** Limits for stored times. A time that lies further ahead was set by a wrong clock, and no job waits for it. Pure. */

/** Longest wait that a retry makes, in ms: an hour by the retry schedule, and an hour that a `Retry-After` asks for. */
export const LONGEST_RETRY_MS = 2 * 3_600_000

/** Longest wait for a time that a wrong clock has set, in ms: that of an account which Marketo refuses. */
export const MAX_WAIT_MS = 5 * 60_000

/** Returns when a job is due that keeps its place: before those that were accepted later. */
export function dueInOrder(acceptedAt: number, now: number): number {
  return Math.min(acceptedAt, now)
}
