/**
 * A timer that wakes the dispatcher: at one time, the latest that was set, and at intervals whatever was set. So a time that
 * was not set, was computed wrongly or was missed delays delivery by one interval at most.
 */

/** Maximum delay of `setTimeout`. A longer wait wakes the dispatcher early, and it sets the timer again. */
const MAX_DELAY_MS = 2 ** 31 - 1

export interface Timer {
  /** Calls `wake` at that time, at once if it has passed, or only at intervals if it is undefined. Replaces an earlier time. */
  wakeAt: (time: number | undefined) => void
  stop: () => void
}

/**
 * Creates a timer that calls `wake`. The intervals begin at once.
 *
 * @param now returns epoch milliseconds
 * @param intervalMs time between two calls, in ms, that depend on nothing else
 */
export function createTimer(now: () => number, wake: () => void, intervalMs: number): Timer {
  let timeout: ReturnType<typeof setTimeout> | undefined
  const interval = setInterval(wake, intervalMs)
  return {
    wakeAt(time) {
      clearTimeout(timeout)
      if (time === undefined) return
      timeout = setTimeout(wake, Math.min(MAX_DELAY_MS, Math.max(0, time - now())))
    },
    stop() {
      clearTimeout(timeout)
      clearInterval(interval)
    },
  }
}
