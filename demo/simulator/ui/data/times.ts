/** Formats times in the browser's time zone. Pure except for that zone. */

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dateOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** Formats a time as `14:03:09`. Empty for an invalid time. */
export function clockTime(at: string): string {
  const ms = Date.parse(at)
  return Number.isNaN(ms) ? '' : clock.format(ms)
}

/**
 * Formats a date as `today`, `21 Nov` or `21 Nov 2025`. Empty for an invalid time.
 *
 * @param now epoch milliseconds
 */
export function dayOf(at: string, now: number): string {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return ''
  if (dateOfYear.format(ms) === dateOfYear.format(now)) return 'today'
  return new Date(ms).getFullYear() === new Date(now).getFullYear() ? date.format(ms) : dateOfYear.format(ms)
}

/** Formats a duration in its largest unit: `<1 s`, `40 s`, `3 min`, `2 h`, `5 days`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return '<1 s'
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`
  const days = Math.floor(ms / DAY_MS)
  return days === 1 ? '1 day' : `${days} days`
}
