/** How far ahead a time may lie. One that lies further was set by a clock that was wrong, and nobody is to wait for it. */

/** Longer than any wait that a schedule makes, in milliseconds. */
export const MAX_WAIT_MS = 2 * 3_600_000

/** When a waiting job is due after the clock was set back. */
export function clampDueAt(dueAt: number, now: number): number {
  return Math.min(dueAt, now + MAX_WAIT_MS)
}

/** When a job is due that keeps its place in the line. */
export function dueInOrder(acceptedAt: number, now: number): number {
  return Math.min(acceptedAt, now)
}
