/**
 * The number of leads that wait, by form, at little cost: a reading of the store that may be a second old, corrected by the
 * leads that this process has taken since.
 */

export interface WaitingCount {
  /**
   * Reads the store if the last reading is older than a second. Returns the reading that is under way, which never rejects:
   * without a new reading the last one counts.
   */
  refresh(): Promise<void> | undefined
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
  let reading: Promise<void> | undefined
  const pending = new Map<string, number>()
  /** Leads that were stored before the present reading began, and those since. */
  const [before, since] = [new Map<string, number>(), new Map<string, number>()]
  const counts = () => [stored, before, since, pending]

  async function readNow(): Promise<void> {
    readAt = now()
    for (const [form, leads] of since) change(before, form, leads)
    since.clear()
    try {
      stored = await read()
      isRead = true
      before.clear()
    } catch {
      // The store says what is wrong when a lead is to be stored.
    } finally {
      reading = undefined
    }
  }

  return {
    refresh() {
      if (reading === undefined && Math.abs(now() - readAt) >= MAX_AGE_MS) reading = readNow()
      return reading
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
