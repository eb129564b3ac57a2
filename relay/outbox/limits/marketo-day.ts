/** The start of Marketo's quota day: midnight in US Central time. Daylight saving comes from the runtime's tables. */

const HOUR_MS = 3_600_000

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
