/** The passing of time, for answers that come late. */

/** Resolves after so many milliseconds, or as soon as the signal says that nobody waits any more. Never rejects. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>

/** The longest that a timer can be set to: 24 days. */
export const FOR_EVER = 2 ** 31 - 1

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
