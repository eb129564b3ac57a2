/** Limits for one piece of work: its time, and a signal from whoever asked for it. */

export interface Limits {
  /** Milliseconds, at most 2³¹ - 1. */
  timeout: number
  /** Aborting it ends the work. */
  signal?: AbortSignal | undefined
}

/** Why nobody waits for the work any more. */
export type Given = 'late' | 'aborted'

/**
 * What `work` comes to, or what `giveUp` makes of a limit that was reached first. The signal tells the work that nobody
 * waits any more; the limits hold even if it does not listen. No timer and no listener outlives the work.
 */
export async function within<T>(
  { timeout, signal: outer }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
  giveUp: (why: Given) => T,
): Promise<T> {
  if (outer?.aborted) return giveUp('aborted')
  const controller = new AbortController()
  let release = () => {}
  const limit = new Promise<T>((resolve) => {
    const end = (why: Given) => {
      // In this order, so that what the abort makes of the work comes second.
      resolve(giveUp(why))
      controller.abort()
    }
    const abort = () => end('aborted')
    const timer = setTimeout(end, timeout, 'late')
    outer?.addEventListener('abort', abort)
    release = () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    }
  })
  try {
    return await Promise.race([limit, work(controller.signal)])
  } finally {
    release()
  }
}
