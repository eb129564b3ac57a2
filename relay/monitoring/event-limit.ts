/** Limits the events about one thing in a minute. It has no timer and no clock. */

/** Events in a minute; further ones are counted in the next event. */
const EVENTS_PER_MINUTE = 10
const MINUTE_MS = 60_000

export interface EventLimit {
  minute: number
  written: number
  left: number
}

/** Returns a limit of which nothing is used. */
export function noEventsYet(): EventLimit {
  return { minute: 0, written: 0, left: 0 }
}

/**
 * Counts an event, at a time in epoch ms. Returns the number of those before that were not written if this one is to be;
 * undefined if it is not.
 */
export function takeEvent(limit: EventLimit, at: number): number | undefined {
  const minute = Math.floor(at / MINUTE_MS)
  if (limit.minute !== minute) Object.assign(limit, { minute, written: 0 })
  if (limit.written >= EVENTS_PER_MINUTE) {
    limit.left += 1
    return undefined
  }
  const { left } = limit
  Object.assign(limit, { written: limit.written + 1, left: 0 })
  return left
}
