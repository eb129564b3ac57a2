/** The number of something in the last one to two hours, in two numbers. It has no timer and no clock. */

/** Time for which something counts, in ms. */
const WINDOW_MS = 3_600_000

/** What was counted in the present window, and in the one before. */
export interface Recent {
  index: number
  now: number
  before: number
}

/** Returns a count of nothing. */
export function noneYet(): Recent {
  return { index: 0, now: 0, before: 0 }
}

/** Counts one, at a time in epoch ms. */
export function addOne(recent: Recent, at: number): void {
  turn(recent, at)
  recent.now += 1
}

/** Returns the number of the last one to two windows. */
export function sizeOf(recent: Recent, at: number): number {
  turn(recent, at)
  return recent.now + recent.before
}

function turn(recent: Recent, at: number): void {
  const index = Math.floor(at / WINDOW_MS)
  if (index === recent.index) return
  recent.before = index === recent.index + 1 ? recent.now : 0
  recent.now = 0
  recent.index = index
}
