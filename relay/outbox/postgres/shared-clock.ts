/**
 * One clock for all nodes: the database's. A node asks now and then how far the database's clock is from its own, because
 * it cannot ask each time it needs the time.
 */

export interface SharedClock {
  /** Returns the database's time in epoch milliseconds. */
  now: () => number
  /**
   * Asks the database again, and resolves with the ms by which this clock was set: negative when it was set back. Rejects
   * when the database does not answer; the clock then goes on as before.
   */
  set: () => Promise<number>
}

/** Number of questions of which the quickest answer is used. */
const SAMPLES = 3

/**
 * Resolves once the clock is set.
 *
 * @param ask returns the database's time in epoch milliseconds
 * @param elapsed returns ms from a monotonic clock
 */
export async function createSharedClock(ask: () => Promise<number>, elapsed: () => number): Promise<SharedClock> {
  async function measure(): Promise<{ ahead: number; error: number }> {
    const before = elapsed()
    const theirs = await ask()
    const error = (elapsed() - before) / 2
    return { ahead: theirs - before - error, error }
  }

  async function best(): Promise<{ ahead: number; error: number }> {
    let quickest = await measure()
    for (let sample = 1; sample < SAMPLES; sample += 1) {
      const next = await measure()
      if (next.error < quickest.error) quickest = next
    }
    return quickest
  }

  let { ahead } = await best()
  return {
    now: () => Math.floor(elapsed() + ahead),
    async set() {
      const measured = await best()
      // A difference within the error of measurement changes nothing, so that the clock is steady.
      const step = measured.ahead - ahead
      if (Math.abs(step) <= measured.error) return 0
      ;({ ahead } = measured)
      return step
    },
  }
}
