/** Waits for a time, for delayed answers. */

/** Resolves after `ms` milliseconds, or as soon as the signal aborts. Never rejects. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>

/** Maximum delay of a timer: 24 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1

export const wait: Wait = (ms, signal) => {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })

    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
