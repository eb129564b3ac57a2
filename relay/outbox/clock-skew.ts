/** Limits for stored times. A time that lies further ahead was set by a wrong clock, and no job waits for it. Pure. */

/** Longest wait that a retry schedule makes, in ms. */
export const MAX_WAIT_MS = 2 * 3_600_000

/** Returns when a job is due that keeps its place: before those that were accepted later. */
export function dueInOrder(acceptedAt: number, now: number): number {
  return Math.min(acceptedAt, now)
}
