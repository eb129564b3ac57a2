/** A time limit for one piece of work. */

/**
 * What `work` comes to, or `late()` when that takes longer than `ms` milliseconds (at most 2³¹ - 1). The signal tells
 * the work that nobody waits any more; the limit holds even if it does not listen. No timer outlives the work.
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>, late: () => T): Promise<T> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | null = null
  const limit = new Promise<T>((resolve) => {
    timer = setTimeout(() => {
      // In this order, so that what the abort makes of the work comes second.
      resolve(late())
      controller.abort()
    }, ms)
  })
  try {
    return await Promise.race([limit, work(controller.signal)])
  } finally {
    if (timer !== null) clearTimeout(timer)
  }
}
