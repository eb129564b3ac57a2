import { describe, expect, it } from 'vitest'
import { leaseOf, LIMITS } from '../../../relay/outbox/limits/limits.ts'
import { clampDueAt, dueInOrder } from '../../../relay/outbox/clock-skew.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'

const HOUR = 3_600 * SECOND

describe('how long a job waits', () => {
  it.each([
    ['one that is due stays so', T - HOUR, T - HOUR],
    ['one that is due soon stays so', T + HOUR, T + HOUR],
    ['one that is due in two hours stays so', T + 2 * HOUR, T + 2 * HOUR],
    ['one that is due later is due in two hours', T + 2 * HOUR + 1, T + 2 * HOUR],
    ['one that is due in a week is due in two hours', T + 168 * HOUR, T + 2 * HOUR],
  ])('once the clock was set back: %s', (_, dueAt, expected) => {
    expect(clampDueAt(dueAt, T)).toBe(expected)
  })

  it.each([
    ['that came before is due since it came', T - HOUR, T - HOUR],
    ['that came, by another clock, in an hour is due now', T + HOUR, T],
  ])('in its place: one %s', (_, acceptedAt, expected) => {
    expect(dueInOrder(acceptedAt, T)).toBe(expected)
  })
})

describe('how long a call is out', () => {
  it.each([
    [90_000, 100_000],
    [10_000, 12_000],
    [1, 1_002],
  ])('that may take %i ms: a tenth more, and a second', (timeout, expected) => {
    expect(leaseOf({ timeout })).toBe(expected)
  })

  it('is no longer than a job waits', () => {
    expect(leaseOf(LIMITS)).toBeLessThan(2 * HOUR)
  })
})
