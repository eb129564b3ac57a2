/**
 * The start of Marketo's quota day: midnight in US Central time. Daylight saving comes from the runtime's tables. Pure.
 *
 * Marketo documents the reset as "CST", which may mean that it ignores daylight saving, and its clock is not ours: a
 * quota that Marketo reported as spent is therefore probed, not only waited for.
 */

/** Maximum expected difference between our clock and Marketo's, in ms: our day begins that much later. */
export const CLOCK_TOLERANCE_MS = 60_000

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Time of day of midnight in Central Standard Time, in ms since midnight UTC. */
const STANDARD_MIDNIGHT_MS = 6 * HOUR_MS

/** Longest time until a spent quota is probed, in ms. */
const PROBE_INTERVAL_MS = HOUR_MS

const CENTRAL_TIME = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Chicago',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

/** Returns the time of day in US Central time, in ms since midnight as the clock there shows it. */
function msSinceMidnight(time: number): number {
  const shown = { hour: 0, minute: 0, second: 0 }
  for (const { type, value } of CENTRAL_TIME.formatToParts(time)) {
    if (type === 'hour' || type === 'minute' || type === 'second') shown[type] = Number(value)
  }
  return shown.hour * HOUR_MS + shown.minute * 60_000 + shown.second * 1_000 + (time % 1_000)
}

/** Returns the first midnight in US Central time after `now`, in epoch milliseconds. */
export function nextQuotaReset(now: number): number {
  // A day has 23 to 25 hours: a time 24 hours after midnight is within an hour of the next midnight.
  const guess = now - msSinceMidnight(now) + 24 * HOUR_MS
  const ahead = msSinceMidnight(guess)
  // One hour past midnight, or one hour before it, when the clocks changed that day.
  return ahead <= 12 * HOUR_MS ? guess - ahead : guess + (24 * HOUR_MS - ahead)
}

/**
 * Returns when a quota that is spent at `now` is probed: shortly after the next midnight in US Central time, with or
 * without daylight saving, or an hour later when that is sooner.
 */
export function nextQuotaProbe(now: number): number {
  const before = now - CLOCK_TOLERANCE_MS
  const days = Math.floor((before - STANDARD_MIDNIGHT_MS) / DAY_MS) + 1
  const standardMidnight = days * DAY_MS + STANDARD_MIDNIGHT_MS
  return Math.min(now + PROBE_INTERVAL_MS, Math.min(nextQuotaReset(before), standardMidnight) + CLOCK_TOLERANCE_MS)
}
