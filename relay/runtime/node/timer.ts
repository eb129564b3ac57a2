/** A timer as the deliverer's clock: one at a time, the latest call counts. */

/** `setTimeout` takes at most this many milliseconds; a longer wait is cut and asked for again. */
const LONGEST = 2 ** 31 - 1

export interface Timer {
  /** Calls `wake` at that time, or at once if it has passed; never, if there is none. */
  wakeAt: (time: number | undefined) => void
  stop: () => void
}

/** Makes a clock that calls `wake`. */
export function createTimer(now: () => number, wake: () => void): Timer {
  let timeout: ReturnType<typeof setTimeout> | undefined
  return {
    wakeAt(time) {
      clearTimeout(timeout)
      if (time === undefined) return
      timeout = setTimeout(wake, Math.min(LONGEST, Math.max(0, time - now())))
    },
    stop: () => clearTimeout(timeout),
  }
}
