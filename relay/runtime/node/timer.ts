/** A timer that wakes the dispatcher. It holds one time, the latest that was set. */

/** Maximum delay of `setTimeout`. A longer wait wakes the dispatcher early, and it sets the timer again. */
const MAX_DELAY_MS = 2 ** 31 - 1

export interface Timer {
  /** Calls `wake` at that time, at once if it has passed, or never if it is undefined. Replaces an earlier time. */
  wakeAt: (time: number | undefined) => void
  stop: () => void
}

/** Creates a timer that calls `wake`. `now` returns epoch milliseconds. */
export function createTimer(now: () => number, wake: () => void): Timer {
  let timeout: ReturnType<typeof setTimeout> | undefined
  return {
    wakeAt(time) {
      clearTimeout(timeout)
      if (time === undefined) return
      timeout = setTimeout(wake, Math.min(MAX_DELAY_MS, Math.max(0, time - now())))
    },
    stop: () => clearTimeout(timeout),
  }
}
