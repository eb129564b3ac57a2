/** Counts how often a key came within an hour, in bounded memory. It has no timer and no clock. */
import { createDigestTable } from './digest-table.ts'

const HOUR_MS = 3_600_000

/** Minimum number of keys that are counted. Beyond it those are forgotten that came longest ago. */
const MAX_KEYS = 50_000

/**
 * Counts a key, which is a digest, at a time in epoch ms, and returns its number in the hour that began when it came first. A
 * repeat is not counted again.
 */
export type HourCount = (key: number, at: number, isRepeat: boolean) => number

/** Creates the count. */
export function createHourCount(maxKeys = MAX_KEYS): HourCount {
  const keys = createDigestTable(maxKeys)
  const since = new Float64Array(keys.size)
  const times = new Uint32Array(keys.size)
  return (key, at, isRepeat) => {
    const known = keys.find(key)
    const index = known ?? keys.add(key)
    const age = at - since[index]!
    // A clock that was set back begins a new hour, too.
    if (known === undefined || age >= HOUR_MS || age < 0) {
      since[index] = at
      times[index] = 0
    }
    if (!isRepeat || times[index] === 0) times[index]! += 1
    return times[index]!
  }
}
