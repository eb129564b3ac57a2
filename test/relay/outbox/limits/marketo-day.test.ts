/** Expected times are from the calendar: US Central is UTC-6, and UTC-5 from 8 March to 1 November 2026, at 2 o'clock. */
import { expect, it } from 'vitest'
import { nextQuotaProbe, nextQuotaReset } from '../../../../relay/outbox/limits/marketo-day.ts'

const at = (iso: string) => Date.parse(iso)

it.each([
  // A day in winter, and one in summer.
  ['2026-01-15T00:00:00.000-06:00', '2026-01-16T06:00:00Z'],
  ['2026-01-15T00:00:00.001-06:00', '2026-01-16T06:00:00Z'],
  ['2026-01-15T12:34:56.789-06:00', '2026-01-16T06:00:00Z'],
  ['2026-01-15T23:59:59.999-06:00', '2026-01-16T06:00:00Z'],
  ['2026-07-15T00:00:00.000-05:00', '2026-07-16T05:00:00Z'],
  ['2026-07-15T23:59:59.999-05:00', '2026-07-16T05:00:00Z'],
  // The day of 23 hours, and its neighbours.
  ['2026-03-07T23:59:59.999-06:00', '2026-03-08T06:00:00Z'],
  ['2026-03-08T00:00:00.000-06:00', '2026-03-09T05:00:00Z'],
  ['2026-03-08T00:59:59.999-06:00', '2026-03-09T05:00:00Z'],
  ['2026-03-08T01:59:59.999-06:00', '2026-03-09T05:00:00Z'],
  ['2026-03-08T03:00:00.000-05:00', '2026-03-09T05:00:00Z'],
  ['2026-03-08T12:00:00.000-05:00', '2026-03-09T05:00:00Z'],
  ['2026-03-08T23:59:59.999-05:00', '2026-03-09T05:00:00Z'],
  ['2026-03-09T00:00:00.000-05:00', '2026-03-10T05:00:00Z'],
  // The day of 25 hours, and its neighbours. The hour after 1 o'clock comes twice.
  ['2026-10-31T23:59:59.999-05:00', '2026-11-01T05:00:00Z'],
  ['2026-11-01T00:00:00.000-05:00', '2026-11-02T06:00:00Z'],
  ['2026-11-01T00:30:00.000-05:00', '2026-11-02T06:00:00Z'],
  ['2026-11-01T01:30:00.000-05:00', '2026-11-02T06:00:00Z'],
  ['2026-11-01T01:30:00.000-06:00', '2026-11-02T06:00:00Z'],
  ['2026-11-01T12:00:00.000-06:00', '2026-11-02T06:00:00Z'],
  ['2026-11-01T23:59:59.999-06:00', '2026-11-02T06:00:00Z'],
  ['2026-11-02T00:00:00.000-06:00', '2026-11-03T06:00:00Z'],
  // A leap day, and the end of a year.
  ['2028-02-28T12:00:00.000-06:00', '2028-02-29T06:00:00Z'],
  ['2026-12-31T20:00:00.000-06:00', '2027-01-01T06:00:00Z'],
])('the first midnight in US Central after %s is %s', (now, midnight) => {
  expect(new Date(nextQuotaReset(at(now))).toISOString()).toBe(new Date(at(midnight)).toISOString())
})

it.each([
  ['an hour later', '2026-07-15T12:00:00Z', '2026-07-15T13:00:00Z'],
  ['a minute after midnight in US Central, if that is sooner', '2026-07-15T04:30:00Z', '2026-07-15T05:01:00Z'],
  [
    'a minute after midnight without daylight saving, if that is sooner',
    '2026-07-15T05:01:00Z',
    '2026-07-15T06:01:00Z',
  ],
  [
    'a minute after midnight without daylight saving, if that is sooner',
    '2026-07-15T05:59:59Z',
    '2026-07-15T06:01:00Z',
  ],
  ['an hour later, once the last midnight has passed', '2026-07-15T06:01:00Z', '2026-07-15T07:01:00Z'],
  ['a minute after midnight in winter, if that is sooner', '2026-01-15T05:30:00Z', '2026-01-15T06:01:00Z'],
])('probes a spent quota %s: %s', (_, now, probe) => {
  expect(new Date(nextQuotaProbe(at(now))).toISOString()).toBe(new Date(at(probe)).toISOString())
})
