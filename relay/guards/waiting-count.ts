/**
 * The number of leads that wait, by form, at little cost: a reading of the store that may be a second old, corrected by the
 * leads that this process has taken since.
 */

export interface WaitingCount {
  /**
   * Reads the store if the last reading is older than a second. Returns what waits for the reading that is under way, and never
   * rejects: without a new reading the last one counts. Each caller waits for a promise of its own, because on Cloudflare a
   * promise belongs to the request that has created it.
   */
  refresh(): (() => Promise<void>) | undefined
  /** Returns whether the store was read before. */
  isRead(): boolean
  /** Returns the number of all leads that wait. */
  total(): number
  /** Returns the number of those of a form. */
  of(form: string): number
  /** Counts a lead that is about to be stored. Call the returned function with whether it was. */
  add(form: string): (isStored: boolean) => void
}

/** Maximum age of a reading, in ms. */
const MAX_AGE_MS = 1_000

/** Time after which a reading that has not come is given up, in ms: on Cloudflare the request may have ended that made it. */
const READING_TIMEOUT_MS = 10_000

/**
 * Creates the count.
 *
 * @param read returns the number of waiting leads of each form
 * @param now returns epoch milliseconds
 */
export function createWaitingCount(read: () => Promise<ReadonlyMap<string, number>>, now: () => number): WaitingCount {
  let stored: ReadonlyMap<string, number> = new Map()
  let readAt = -Infinity
  let isRead = false
  let reading: { waiters: (() => void)[] } | undefined
  const pending = new Map<string, number>()
  /** Leads that were stored before the present reading began, and those since. */
  const [before, since] = [new Map<string, number>(), new Map<string, number>()]
  const counts = () => [stored, before, since, pending]

  async function readNow(): Promise<void> {
    readAt = now()
    const own: { waiters: (() => void)[] } = { waiters: [] }
    reading = own
    for (const [form, leads] of since) change(before, form, leads)
    since.clear()
    try {
      stored = await read()
      isRead = true
      before.clear()
    } catch {
      // The store says what is wrong when a lead is to be stored.
    } finally {
      if (reading === own) reading = undefined
      for (const resolve of own.waiters) resolve()
    }
  }

  return {
    refresh() {
      if (Math.abs(now() - readAt) >= (reading ? READING_TIMEOUT_MS : MAX_AGE_MS)) void readNow()
      const under = reading
      return (
        under &&
        (() => {
          const { promise, resolve } = Promise.withResolvers<void>()
          under.waiters.push(resolve)
          return promise
        })
      )
    },
    isRead: () => isRead,
    total: () => counts().reduce((sum, map) => sum + sumOf(map), 0),
    of: (form) => counts().reduce((sum, map) => sum + (map.get(form) ?? 0), 0),
    add(form) {
      change(pending, form, 1)
      return (isStored) => {
        change(pending, form, -1)
        if (isStored) change(since, form, 1)
      }
    },
  }
}

function change(map: Map<string, number>, form: string, by: number): void {
  map.set(form, (map.get(form) ?? 0) + by)
}

function sumOf(map: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const leads of map.values()) sum += leads
  return sum
}
