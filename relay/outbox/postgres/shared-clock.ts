/**
 * One clock for all nodes: the database's. A node cannot ask for every time it needs, so it asks now and then how far
 * the database's clock is from its own.
 */

export interface SharedClock {
  /** Epoch milliseconds, as the database has them. */
  now: () => number
  /** Asks the database anew. Rejects where it does not answer; what was known then stands. */
  set: () => Promise<void>
}

/** Of so many answers the quickest is the one to go by. */
const ASKED = 3

/**
 * Resolves once the clock is set.
 *
 * @param ask the database's clock, in epoch milliseconds
 * @param elapsed milliseconds since whenever, from a clock that nobody sets
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
    for (let asked = 1; asked < ASKED; asked += 1) {
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
      // What may still be right stays, so that the clock does not tremble.
      if (Math.abs(measured.ahead - ahead) > measured.error) ({ ahead } = measured)
    },
  }
}
