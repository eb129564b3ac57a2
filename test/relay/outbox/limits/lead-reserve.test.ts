/** The calls of the day that owed cookies leave for leads. */
import { describe, expect, it } from 'vitest'
import { FULL_BUDGET } from '../../../../relay/outbox/limits/call-budget.ts'
import { leavesReserve, reserveLeftAt } from '../../../../relay/outbox/limits/lead-reserve.ts'
import { LIMITS } from '../../../../relay/outbox/limits/limits.ts'

const HOUR = 3_600_000

/** End of the day: a minute after midnight in Chicago. */
const END = Date.UTC(2023, 10, 15, 6, 1)

const limits = { ...LIMITS, callsPerDay: 5_000 }
const spent = (calls: number) => ({ ...FULL_BUDGET, spent: calls, dayEndsAt: END })

describe('an owed cookie may use a call', () => {
  it.each([
    ['24 hours before the end', 24, 2_499, true],
    ['24 hours before the end', 24, 2_500, false],
    ['12 hours before the end', 12, 3_749, true],
    ['12 hours before the end', 12, 3_750, false],
    ['an hour before the end', 1, 4_895, true],
    ['an hour before the end', 1, 4_896, false],
    // The day on which daylight saving ends has 25 hours.
    ['25 hours before the end', 25, 2_499, true],
  ])('%s of the day (%i h) when %i of 5,000 calls are spent: %s', (_, hours, calls, expected) => {
    expect(leavesReserve(spent(calls), limits, 0, END - hours * HOUR)).toBe(expected)
  })

  it('as many at once as the reserve leaves', () => {
    const now = END - 12 * HOUR

    expect([49, 50].map((started) => leavesReserve(spent(3_700), limits, started, now))).toStrictEqual([true, false])
  })

  it('never when all calls of the day are spent', () => {
    expect(leavesReserve(spent(5_000), limits, 0, END - 1)).toBe(false)
  })
})

describe('the time from which an owed cookie may use a call', () => {
  it.each([
    [2_500, 24 * HOUR, 24 * HOUR - 1],
    [3_750, 20 * HOUR, 12 * HOUR - 1],
    [4_999, 20 * HOUR, (2 * 24 * HOUR) / 5_000 - 1],
    [5_000, 20 * HOUR, 0],
    [0, 20 * HOUR, 20 * HOUR],
  ])('when %i calls are spent %i ms before the end of the day is %i ms before it', (calls, before, expected) => {
    const at = reserveLeftAt(spent(calls), limits, END - before)

    expect(END - at).toBe(expected)
    if (at < END) expect(leavesReserve(spent(calls), limits, 0, at)).toBe(true)
    if (expected < before) expect(leavesReserve(spent(calls), limits, 0, at - 1)).toBe(false)
  })
})
