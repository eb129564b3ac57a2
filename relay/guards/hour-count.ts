/** Counts how often a key came within an hour, in bounded memory. It has no timer and no clock. */

const HOUR_MS = 3_600_000

/** Maximum number of keys. Beyond it those are forgotten that came first. */
const MAX_KEYS = 50_000

/**
 * Counts a key at a time in epoch ms, and returns its number in the hour that began when it came first. A repeat is not
 * counted again.
 */
export type HourCount = (key: number, at: number, isRepeat: boolean) => number

/** Creates the count. */
export function createHourCount(maxKeys = MAX_KEYS): HourCount {
  // Two maps in turn, because removing single keys from the beginning of one takes long.
  let [newer, older] = [new Map<number, Counted>(), new Map<number, Counted>()]
  return (key, at, isRepeat) => {
    const known = newer.get(key) ?? older.get(key)
    // A clock that was set back begins a new hour, too.
    const isCurrent = known !== undefined && at - known.since < HOUR_MS && at >= known.since
    const counted = isCurrent ? known : { since: at, times: 0 }
    if (!isRepeat || counted.times === 0) counted.times += 1
    if (newer.get(key) === counted) return counted.times
    if (newer.size >= maxKeys / 2) [newer, older] = [new Map(), newer]
    newer.set(key, counted)
    return counted.times
  }
}

interface Counted {
  since: number
  times: number
}
