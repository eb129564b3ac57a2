import { describe, expect, it } from 'vitest'
import { dueInOrder } from '../../../relay/outbox/clock-skew.ts'
import { leaseOf, LIMITS } from '../../../relay/outbox/limits/limits.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'

const HOUR = 3_600 * SECOND

describe('when a job is due', () => {
  it.each([
    ['before is the time of its acceptance', T - HOUR, T - HOUR],
    ['in the future, by another clock, is now', T + HOUR, T],
  ])('of a job that keeps its place and was accepted %s', (_, acceptedAt, expected) => {
    expect(dueInOrder(acceptedAt, T)).toBe(expected)
  })
})

describe('the length of a lease', () => {
  it.each([
    [90_000, 100_000],
    [10_000, 12_000],
    [1, 1_002],
  ])('of a call that may take %i ms is a tenth and a second longer', (timeout, expected) => {
    expect(leaseOf({ timeout })).toBe(expected)
  })

  it('is shorter than the longest wait of a job', () => {
    expect(leaseOf(LIMITS)).toBeLessThan(2 * HOUR)
  })
})
