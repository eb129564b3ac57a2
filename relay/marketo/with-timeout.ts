/** Runs asynchronous work under a timeout and an abort signal. Knows nothing of Marketo or HTTP. */

export interface CallTimeout {
  /** Milliseconds, at most 2³¹ - 1. */
  timeout: number
  /** Stops the work when it aborts. */
  signal?: AbortSignal | undefined
}

export type StopReason = 'timeout' | 'aborted'

/**
 * Runs `work` and returns its result, or the result of `onStop` if the timeout or the signal comes first.
 *
 * The signal given to `work` aborts when it is stopped. `onStop` wins even if the work ignores that signal. Clears the
 * timer and removes the listener before it returns. Rejects if `work` rejects.
 */
export async function withTimeout<T>(
  { timeout, signal: outer }: CallTimeout,
  work: (signal: AbortSignal) => Promise<T>,
  onStop: (reason: StopReason) => T,
): Promise<T> {
  if (outer?.aborted) return onStop('aborted')
  const controller = new AbortController()
  let release = () => {}
  const stopped = new Promise<T>((resolve) => {
    const stop = (reason: StopReason) => {
      // Resolve first, so that this result wins the race against the aborted work's.
      resolve(onStop(reason))
      controller.abort()
    }
    const abort = () => stop('aborted')
    const timer = setTimeout(stop, timeout, 'timeout')
    outer?.addEventListener('abort', abort)
    release = () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    }
  })
  try {
    return await Promise.race([stopped, work(controller.signal)])
  } finally {
    release()
  }
}
