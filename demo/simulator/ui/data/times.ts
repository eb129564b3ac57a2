/** Times as people read them, in the reader's own time zone. Pure, but for that zone. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dateOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** `14:03:09`. Empty for what is no time. */
export function clockTime(at: string): string {
  const ms = Date.parse(at)
  return Number.isNaN(ms) ? '' : clock.format(ms)
}

/** `today`, `21 Nov`, `21 Nov 2025`, seen from `now` (epoch milliseconds). */
export function dayOf(at: string, now: number): string {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return ''
  if (dateOfYear.format(ms) === dateOfYear.format(now)) return 'today'
  return new Date(ms).getFullYear() === new Date(now).getFullYear() ? date.format(ms) : dateOfYear.format(ms)
}

/** A stretch of time in its largest unit: `<1 s`, `40 s`, `3 min`, `2 h`, `5 days`. */
export function stretch(ms: number): string {
  if (ms < SECOND) return '<1 s'
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`
  const days = Math.floor(ms / DAY)
  return days === 1 ? '1 day' : `${days} days`
}
