/** Midnight in US Central time, where Marketo's day of calls begins. Daylight saving comes from the runtime's tables. */

const HOUR = 3_600_000

const CLOCK = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Chicago',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

/** Milliseconds since the clocks there struck midnight, as they show it. */
function msSinceMidnight(time: number): number {
  const shown = { hour: 0, minute: 0, second: 0 }
  for (const { type, value } of CLOCK.formatToParts(time)) {
    if (type === 'hour' || type === 'minute' || type === 'second') shown[type] = Number(value)
  }
  return shown.hour * HOUR + shown.minute * 60_000 + shown.second * 1_000 + (time % 1_000)
}

/** The first midnight after `now`, in epoch milliseconds. */
export function nextQuotaReset(now: number): number {
  // A day has 23 to 25 hours: the noon after it is always in the new day, and shows how long ago it began.
  const guess = now - msSinceMidnight(now) + 24 * HOUR
  const ahead = msSinceMidnight(guess)
  // Past midnight by an hour, or an hour short of it, when the clocks changed on the way.
  return ahead <= 12 * HOUR ? guess - ahead : guess + (24 * HOUR - ahead)
}
