import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterProbe,
  budgetAfter,
  availableCalls,
  clampBudget,
  nextCallAt,
  currentDay,
  dayStatus,
  FULL_BUDGET,
  budgetAfterStart,
  type CallBudget,
} from '../../../../relay/outbox/limits/call-budget.ts'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Limit, Outcome } from '../../../../relay/outbox/outbox.ts'
import { SECOND, T, WIDE } from '../../../suites/outbox/leads.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * Midnights in Chicago around the days of 23 and of 25 hours, and the one after `T`. From the calendar: six hours behind
 * UTC, and five from 8 March to 1 November 2026.
 */
const MIDNIGHTS = [
  '2026-03-07T06:00Z',
  '2026-03-08T06:00Z',
  '2026-03-09T05:00Z',
  '2026-03-10T05:00Z',
  '2026-10-31T05:00Z',
  '2026-11-01T05:00Z',
  '2026-11-02T06:00Z',
  '2026-11-03T06:00Z',
].map((iso) => Date.parse(iso))

const MIDNIGHT = Date.parse('2023-11-15T06:00Z')

function limited(limit: Limit, retryAt: number): Outcome {
  return { kind: 'limited', limit, retryAt, reason: 'too many' }
}

/** An account whose calls start as soon as they are wanted and allowed. It records when each started. */
class Account {
  budget: CallBudget = FULL_BUDGET
  readonly startedAt: number[] = []
  readonly ends: number[] = []
  readonly limits: Limits
  now: number

  constructor(limits: Limits, now: number) {
    this.limits = limits
    this.now = now
  }

  out(): number {
    return this.ends.filter((end) => end > this.now).length
  }

  start(wanted: number, length: number): number {
    const calls = Math.min(wanted, availableCalls(this.budget, this.limits, this.out(), this.now))
    this.budget = budgetAfterStart(this.budget, this.limits, calls, this.now)
    for (let call = 0; call < calls; call += 1) {
      this.startedAt.push(this.now)
      this.ends.push(this.now + length)
    }
    return calls
  }

  meet(limit: Limit, after: number): void {
    this.budget = budgetAfter(this.budget, this.limits, [limited(limit, this.now + after)], this.now)
  }

  next(): number {
    const ends = this.ends.filter((end) => end > this.now)
    const firstEnd = ends.length > 0 ? Math.min(...ends) : undefined
    return nextCallAt(this.budget, this.limits, { out: ends.length, firstEnd }, this.now)
  }
}

interface CallRequest {
  wait: number | 'next'
  wanted: number
  length: number
  fault: Limit | undefined
  after: number
}

const request: fc.Arbitrary<CallRequest> = fc.record({
  wait: fc.oneof(
    fc.nat(15 * SECOND),
    fc.constant('next' as const),
    fc.constantFrom(0, 1, 20 * SECOND, 10 * MINUTE, 7 * HOUR),
  ),
  wanted: fc.nat(9),
  length: fc.oneof(fc.integer({ min: 1, max: 30 * SECOND }), fc.constant(5 * MINUTE)),
  fault: fc.constantFrom<(Limit | undefined)[]>(...Array<undefined>(9).fill(undefined), 'rate', 'concurrency', 'day'),
  after: fc.constantFrom(0, 2 * SECOND, 20 * SECOND),
})
const narrow = fc.record({
  callsPer20s: fc.integer({ min: 1, max: 60 }),
  concurrency: fc.integer({ min: 1, max: 10 }),
  callsPerDay: fc.integer({ min: 1, max: 40 }),
  leadsPerCall: fc.constant(1),
  timeout: fc.constant(90_000),
})
const start = fc.tuple(fc.constantFrom(0, 1, 2, 4, 5, 6), fc.nat(24 * HOUR)).map(([at, ms]) => MIDNIGHTS[at]! + ms)

describe('the calls that may start', () => {
  it('are never more than the limits, whatever is asked for and when', () => {
    fc.assert(
      fc.property(narrow, start, fc.array(request, { maxLength: 80, size: 'max' }), (limits, from, requests) => {
        const account = new Account(limits, from)
        for (const { wait, wanted, length, fault, after } of requests) {
          account.now = wait === 'next' ? account.next() : account.now + wait
          account.start(wanted, length)
          expect(account.out(), 'at once').toBeLessThanOrEqual(limits.concurrency)
          if (fault) account.meet(fault, after)
        }

        const { startedAt } = account
        for (const at of startedAt) {
          const window = startedAt.filter((other) => other >= at && other < at + 20 * SECOND)
          expect(window.length, 'in 20 seconds').toBeLessThanOrEqual(limits.callsPer20s)
        }
        // A day lasts from midnight to midnight, each a minute late.
        for (const [at, midnight] of MIDNIGHTS.entries()) {
          const end = MIDNIGHTS[at + 1] ?? Infinity
          if (end - midnight > 26 * HOUR) continue
          const day = startedAt.filter((other) => other >= midnight + MINUTE && other < end + MINUTE)
          expect(day.length, 'in a day').toBeLessThanOrEqual(limits.callsPerDay)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('are one at least at the determined time, when no call is under way', () => {
    fc.assert(
      fc.property(narrow, start, fc.array(request, { maxLength: 20 }), (limits, from, requests) => {
        const account = new Account(limits, from)
        for (const { wait, wanted, length, fault, after } of requests) {
          account.now = wait === 'next' ? account.next() : account.now + wait
          account.start(wanted, length)
          if (fault) account.meet(fault, after)
        }
        account.now += 5 * MINUTE

        account.now = account.next()

        expect(account.start(1, 1)).toBe(1)
      }),
    )
  })

  it('are none before the determined time, when no limit was met', () => {
    fc.assert(
      fc.property(narrow, start, fc.array(request, { maxLength: 20 }), (limits, from, requests) => {
        const account = new Account(limits, from)
        for (const { wait, wanted, length } of requests) {
          account.now = wait === 'next' ? account.next() : account.now + wait
          account.start(wanted, length)
          const next = account.next()
          if (next === account.now) continue
          const ends = account.ends.filter((end) => end > next - 1).length
          expect(availableCalls(account.budget, limits, ends, next - 1)).toBe(0)
        }
      }),
    )
  })

  it('are never less than none', () => {
    expect(availableCalls(FULL_BUDGET, { ...WIDE, concurrency: 2 }, 5, T)).toBe(0)
    expect(availableCalls({ ...FULL_BUDGET, spent: 9, dayEndsAt: T + 1 }, { ...WIDE, callsPerDay: 5 }, 0, T)).toBe(0)
  })
})

describe('a budget of which Marketo has reported a limit', () => {
  const limits: Limits = { ...WIDE, callsPer20s: 8, concurrency: 8, callsPerDay: 100 }

  /** Returns how many calls may be under way at once. */
  const atOnce = (budget: CallBudget, now: number) => availableCalls(budget, { ...limits, callsPer20s: 1_000 }, 0, now)

  it.each<[string, Outcome[]]>([
    ['one lead', [limited('concurrency', T)]],
    ['all leads', Array.from({ length: 300 }, () => limited('concurrency', T))],
    ['some leads', [{ kind: 'delivered', leadId: 7 }, limited('concurrency', T), limited('concurrency', T)]],
  ])('is halved once when the limit is reported for %s of a call', (_, outcomes) => {
    const budget = budgetAfter(FULL_BUDGET, limits, outcomes, T)

    expect(atOnce(budget, T)).toBe(4)
  })

  it('is half of what has grown back by then, and a half grows back in ten minutes', () => {
    const once = budgetAfter(FULL_BUDGET, limits, [limited('concurrency', T)], T)
    const later = T + 5 * MINUTE
    const twice = budgetAfter(once, limits, [limited('concurrency', later)], later)

    const grown = [0, 2.5, 5, 7.5, 10].map((minutes) => atOnce(once, T + minutes * MINUTE))
    expect(grown).toEqual([4, 5, 6, 7, 8])
    // Half of three quarters, and so a quarter more each five minutes.
    expect([0, 2.5, 5, 10, 12.5].map((minutes) => atOnce(twice, later + minutes * MINUTE))).toEqual([3, 4, 5, 7, 8])
  })

  it('is not halved again before the pause is over', () => {
    const retryAt = T + 20 * SECOND
    const once = budgetAfter(FULL_BUDGET, limits, [limited('concurrency', retryAt)], T)

    const meanwhile = budgetAfter(once, limits, [limited('concurrency', retryAt + 1)], retryAt - 1)
    const after = budgetAfter(once, limits, [limited('concurrency', retryAt)], retryAt)

    expect(atOnce(meanwhile, retryAt)).toBe(0)
    expect(atOnce(meanwhile, retryAt + 1)).toBe(4)
    expect(atOnce(after, retryAt)).toBe(2)
  })

  it('is paused until the latest time that was reported', () => {
    const outcomes = [limited('rate', T + 3), limited('rate', T + 9), limited('concurrency', T + 6)]

    const budget = budgetAfter(FULL_BUDGET, limits, outcomes, T)

    expect(availableCalls(budget, limits, 0, T + 8)).toBe(0)
    expect(availableCalls(budget, limits, 0, T + 9)).toBe(1)
    expect(nextCallAt(budget, limits, { out: 0, firstEnd: undefined }, T)).toBe(T + 9)
  })

  it('gains no tokens twice when the reported time has passed', () => {
    const spent = budgetAfterStart(FULL_BUDGET, limits, 4, T)

    const budget = budgetAfter(spent, limits, [limited('rate', T)], T + 5 * SECOND)

    // One call each five seconds before, each ten seconds now; one is saved up.
    expect(availableCalls(budget, limits, 0, T + 5 * SECOND)).toBe(1)
    expect(availableCalls(budget, limits, 0, T + 14_999)).toBe(1)
    expect(availableCalls(budget, limits, 0, T + 15 * SECOND)).toBe(2)
  })

  it('always allows one call, however often limits are reported', () => {
    let budget = FULL_BUDGET
    for (let now = T; now < T + 50; now += 1) {
      budget = budgetAfter(budget, limits, [limited('rate', now), limited('concurrency', now)], now)
    }

    expect(availableCalls(budget, limits, 0, T + MINUTE)).toBe(1)
  })

  it('allows no call for an hour after the quota is spent, and then one at a time', () => {
    const budget = budgetAfter(budgetAfterStart(FULL_BUDGET, limits, 3, T), limits, [limited('day', T)], T)

    expect(currentDay(budget, T)).toEqual({ spent: 3, endsAt: MIDNIGHT + MINUTE })
    expect([T, T + HOUR - 1, T + HOUR].map((now) => availableCalls(budget, limits, 0, now))).toEqual([0, 0, 1])
    expect(availableCalls(budget, limits, 1, T + HOUR)).toBe(0)
    expect(availableCalls(budgetAfterStart(budget, limits, 1, T + HOUR), limits, 0, T + HOUR + MINUTE)).toBe(0)
  })

  it('allows all calls again only when a call is answered that began after the report', () => {
    const settlements: Outcome[] = [{ kind: 'delivered', leadId: 7 }]
    const spent = budgetAfter(FULL_BUDGET, limits, [limited('day', T)], T)
    const now = T + 2 * HOUR

    const old = afterProbe(spent, { claimedAt: T, settlements }, T + 1)
    const probed = afterProbe(budgetAfterStart(spent, limits, 1, now), { claimedAt: now, settlements }, now)

    expect(availableCalls(old, limits, 0, T + 1)).toBe(0)
    expect(availableCalls(probed, { ...limits, callsPer20s: 1_000 }, 0, now + MINUTE)).toBe(8)
  })

  it('is not probed earlier because a call of another outbox has met the limit of calls in 20 seconds', () => {
    const spent = budgetAfter(FULL_BUDGET, limits, [limited('day', T)], T)

    const told = { kind: 'limited', limit: 'rate', retryAt: T + 2, reason: 'too many' } as const
    const after = afterProbe(spent, { claimedAt: T + 1, settlements: [], limited: told }, T + 1)

    expect(nextCallAt(after, limits, { out: 0, firstEnd: undefined }, T + 1)).toBe(T + HOUR)
  })

  it('reports the spent quota until the day is over, though no probe finds out', () => {
    const spent = budgetAfter(FULL_BUDGET, limits, [limited('day', T)], T)
    const reported = (now: number) => dayStatus(spent, limits, now).quotaRetryAt

    expect([T, T + 2 * HOUR, MIDNIGHT - 1, MIDNIGHT].map(reported)).toEqual([T + HOUR, T + HOUR, T + HOUR, undefined])
  })

  it('does not change with other outcomes', () => {
    const outcomes: Outcome[] = [
      { kind: 'delivered', leadId: 7 },
      { kind: 'stopped', retryAt: T, reason: 'no answer', blocked: false },
    ]

    expect(budgetAfter(FULL_BUDGET, limits, outcomes, T)).toBe(FULL_BUDGET)
  })
})

describe('a day of calls', () => {
  const limits: Limits = { ...WIDE, callsPerDay: 5 }

  it('ends a minute after midnight', () => {
    const budget = budgetAfterStart(FULL_BUDGET, limits, 5, T)

    expect(currentDay(budget, MIDNIGHT + MINUTE - 1)).toEqual({ spent: 5, endsAt: MIDNIGHT + MINUTE })
    expect(currentDay(budget, MIDNIGHT + MINUTE).spent).toBe(0)
    expect(nextCallAt(budget, limits, { out: 0, firstEnd: undefined }, T)).toBe(MIDNIGHT + MINUTE)
  })

  it('continues for a minute after midnight, for a new outbox too', () => {
    const budget = budgetAfterStart(FULL_BUDGET, limits, 5, MIDNIGHT + MINUTE - 1)

    expect(currentDay(budget, MIDNIGHT + MINUTE - 1)).toEqual({ spent: 5, endsAt: MIDNIGHT + MINUTE })
    expect(availableCalls(budget, limits, 0, MIDNIGHT + MINUTE)).toBe(5)
  })

  it('is the same when the clock went back by an hour, and another one when it went back by a week', () => {
    const budget = budgetAfterStart(FULL_BUDGET, limits, 5, MIDNIGHT + 30 * MINUTE)

    expect(currentDay(budget, MIDNIGHT - 30 * MINUTE).spent).toBe(5)
    expect(currentDay(budget, MIDNIGHT - 7 * 24 * HOUR).spent).toBe(0)
  })

  it('may end 25 hours later', () => {
    const [, , , , , begins, ends] = MIDNIGHTS
    const budget = budgetAfterStart(FULL_BUDGET, limits, 5, begins! + MINUTE)

    expect(currentDay(budget, begins! + MINUTE)).toEqual({ spent: 5, endsAt: ends! + MINUTE })
  })
})

it('no time lies further ahead than 20 seconds after the clock went backwards', () => {
  const limits: Limits = { ...WIDE, callsPer20s: 8, concurrency: 4 }
  const outcomes = [limited('rate', T + 20 * SECOND), limited('concurrency', T + 20 * SECOND)]
  const budget = budgetAfter(budgetAfterStart(FULL_BUDGET, limits, 1, T), limits, outcomes, T)
  const now = T - HOUR

  const clamped = clampBudget(budget, now)

  expect(clamped).toEqual({
    ...budget,
    filledAt: now + 20 * SECOND,
    rateReducedAt: now + 20 * SECOND,
    concurrencyReducedAt: now + 20 * SECOND,
  })
  expect(clampBudget(budget, T)).toEqual(budget)
})
