/** The rules of pressure. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { FULL_BUDGET } from '../../../relay/outbox/limits/call-budget.ts'
import { aloneLimit, keyWithoutCookie, pressureAfter } from '../../../relay/outbox/pressure.ts'
import { lead, T, WIDE_BATCHES } from '../../suites/outbox/leads.ts'

const limits = { ...WIDE_BATCHES, callsPerDay: 5_000 }
const budget = { ...FULL_BUDGET, spent: 4_000, dayEndsAt: T + 3_600_000 }

/** No call is out. */
const NONE = { out: 0, shared: 0, firstEnd: undefined }

describe('the number of jobs that may wait for a call of their own', () => {
  it('is that of the calls that are left today', () => {
    expect(aloneLimit(budget, limits, TEST_BATCH_KEYS, NONE, T)).toBe(1_000)
    expect(aloneLimit({ ...budget, spent: 5_001 }, limits, TEST_BATCH_KEYS, NONE, T)).toBe(0)
  })

  it('is larger by the calls of those that are out, which are spent already', () => {
    expect(aloneLimit(budget, limits, TEST_BATCH_KEYS, { out: 5, shared: 2, firstEnd: T }, T)).toBe(1_003)
  })

  it('is that of all calls on the next day', () => {
    expect(aloneLimit(budget, limits, TEST_BATCH_KEYS, NONE, budget.dayEndsAt)).toBe(5_000)
  })

  it('is one while a single call probes a spent quota', () => {
    const quota = { metAt: T, retryAt: T }

    expect(aloneLimit({ ...budget, quota }, limits, TEST_BATCH_KEYS, NONE, T)).toBe(1)
  })

  it.each([
    ['a call takes one lead only', { ...limits, leadsPerCall: 1 }, TEST_BATCH_KEYS],
    ['cookies always follow', limits, AFTER_LEAD],
  ])('has no limit where %s', (_, given, batchKeys) => {
    expect(aloneLimit(budget, given, batchKeys, NONE, T)).toBe(Infinity)
  })
})

describe('the batch key of a lead whose cookie follows', () => {
  it.each([
    ['a lead with a cookie shares calls', lead('a', { cookie: 'c' }), 'soap'],
    ['a lead with a workspace goes alone', lead('a', { cookie: 'c', workspace: 'Europe' }), null],
    ['a lead without an address needs its cookie', lead('a', { cookie: 'c', email: '' }), null],
    ['a lead without a cookie has its own key', lead('a', { workspace: 'Europe' }), null],
  ])('%s', (_, given, key) => {
    expect(keyWithoutCookie(given, TEST_BATCH_KEYS)).toBe(key)
  })
})

describe('pressure', () => {
  it.each([
    ['lasts while jobs are to be examined', { after: 6 }, [{ seq: 7 }, { seq: 9 }], false, { after: 9 }],
    ['is over when all jobs were examined and the calls are enough', { after: 6 }, [{ seq: 7 }], true, undefined],
    ['does not examine a job twice while the calls are too few', { after: 6 }, [], false, { after: 6 }],
    ['begins with the first page', undefined, [{ seq: 8 }], false, { after: 8 }],
    ['may begin where no job has a cookie', undefined, [], false, { after: 0 }],
  ])('%s', (_, before, examined, isOver, after) => {
    expect(pressureAfter(before, examined, isOver)).toStrictEqual(after)
  })
})
