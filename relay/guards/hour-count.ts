/** Counts how often a key came within an hour, in bounded memory. It has no timer and no clock. */

const HOUR_MS = 3_600_000

/** Maximum number of keys. Beyond it the key is forgotten that came first. */
const MAX_KEYS = 20_000

/**
 * Counts a key at a time in epoch ms, and returns its number in the hour that began when it came first. A repeat is not
 * counted again.
 */
export type HourCount = (key: number, at: number, isRepeat: boolean) => number

/** Creates the count. */
export function createHourCount(maxKeys = MAX_KEYS): HourCount {
  const counts = new Map<number, { since: number; times: number }>()
  return (key, at, isRepeat) => {
    const known = counts.get(key)
    // A clock that was set back begins a new hour, too.
    if (known && at - known.since < HOUR_MS && at >= known.since) {
      if (!isRepeat) known.times += 1
      return known.times
    }
    counts.delete(key)
    const [oldest] = counts.size >= maxKeys ? counts.keys() : []
    if (oldest !== undefined) counts.delete(oldest)
    counts.set(key, { since: at, times: 1 })
    return 1
  }
}
