import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  budgetAfter,
  availableCalls,
  clampBudget,
  nextCallAt,
  today,
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

function limited(limit: Limit, until: number): Outcome {
  return { kind: 'limited', limit, until, reason: 'too many' }
}

/** Calls of some length each, begun as soon as wanted and allowed. Nothing is known here but what was begun. */
class Line {
  allowance: CallBudget = FULL_BUDGET
  readonly begun: number[] = []
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

  begin(wanted: number, length: number): number {
    const calls = Math.min(wanted, availableCalls(this.allowance, this.limits, this.out(), this.now))
    this.allowance = budgetAfterStart(this.allowance, this.limits, calls, this.now)
    for (let call = 0; call < calls; call += 1) {
      this.begun.push(this.now)
      this.ends.push(this.now + length)
    }
    return calls
  }

  meet(limit: Limit, after: number): void {
    this.allowance = budgetAfter(this.allowance, this.limits, [limited(limit, this.now + after)], this.now)
  }

  next(): number {
    const ends = this.ends.filter((end) => end > this.now)
    const over = ends.length > 0 ? Math.min(...ends) : undefined
    return nextCallAt(this.allowance, this.limits, { out: ends.length, over }, this.now)
  }
}

interface Wish {
  wait: number | 'next'
  wanted: number
  length: number
  fault: Limit | undefined
  after: number
}

const wish: fc.Arbitrary<Wish> = fc.record({
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

describe('what is allowed', () => {
  it('is never more than the limits, whatever is asked and when', () => {
    fc.assert(
      fc.property(narrow, start, fc.array(wish, { maxLength: 80, size: 'max' }), (limits, from, wishes) => {
        const line = new Line(limits, from)
        for (const { wait, wanted, length, fault, after } of wishes) {
          line.now = wait === 'next' ? line.next() : line.now + wait
          line.begin(wanted, length)
          expect(line.out(), 'at once').toBeLessThanOrEqual(limits.concurrency)
          if (fault) line.meet(fault, after)
        }

        const { begun } = line
        for (const at of begun) {
          const window = begun.filter((other) => other >= at && other < at + 20 * SECOND)
          expect(window.length, 'in 20 seconds').toBeLessThanOrEqual(limits.callsPer20s)
        }
        // A day is from midnight to midnight, each a minute late.
        for (const [at, midnight] of MIDNIGHTS.entries()) {
          const end = MIDNIGHTS[at + 1] ?? Infinity
          if (end - midnight > 26 * HOUR) continue
          const day = begun.filter((other) => other >= midnight + MINUTE && other < end + MINUTE)
          expect(day.length, 'in a day').toBeLessThanOrEqual(limits.callsPerDay)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is one call at the least at the time that was told, with none under way', () => {
    fc.assert(
      fc.property(narrow, start, fc.array(wish, { maxLength: 20 }), (limits, from, wishes) => {
        const line = new Line(limits, from)
        for (const { wait, wanted, length, fault, after } of wishes) {
          line.now = wait === 'next' ? line.next() : line.now + wait
          line.begin(wanted, length)
          if (fault) line.meet(fault, after)
        }
        line.now += 5 * MINUTE

        line.now = line.next()

        expect(line.begin(1, 1)).toBe(1)
      }),
    )
  })

  it('is none before the time that was told, where no limit was met', () => {
    fc.assert(
      fc.property(narrow, start, fc.array(wish, { maxLength: 20 }), (limits, from, wishes) => {
        const line = new Line(limits, from)
        for (const { wait, wanted, length } of wishes) {
          line.now = wait === 'next' ? line.next() : line.now + wait
          line.begin(wanted, length)
          const next = line.next()
          if (next === line.now) continue
          const ends = line.ends.filter((end) => end > next - 1).length
          expect(availableCalls(line.allowance, limits, ends, next - 1)).toBe(0)
        }
      }),
    )
  })

  it('is never less than none', () => {
    expect(availableCalls(FULL_BUDGET, { ...WIDE, concurrency: 2 }, 5, T)).toBe(0)
    expect(availableCalls({ ...FULL_BUDGET, spent: 9, dayEndsAt: T + 1 }, { ...WIDE, callsPerDay: 5 }, 0, T)).toBe(0)
  })
})

describe('when Marketo says that a limit was met', () => {
  const limits: Limits = { ...WIDE, callsPer20s: 8, concurrency: 8, callsPerDay: 100 }

  /** How many may be under way at once. */
  const atOnce = (allowance: CallBudget, now: number) =>
    availableCalls(allowance, { ...limits, callsPer20s: 1_000 }, 0, now)

  it.each<[string, Outcome[]]>([
    ['one lead', [limited('concurrency', T)]],
    ['all leads', Array.from({ length: 300 }, () => limited('concurrency', T))],
    ['some leads', [{ kind: 'delivered', leadId: 7 }, limited('concurrency', T), limited('concurrency', T)]],
  ])('half is left, said of %s of a call', (_, outcomes) => {
    const allowance = budgetAfter(FULL_BUDGET, limits, outcomes, T)

    expect(atOnce(allowance, T)).toBe(4)
  })

  it('it is half of what there was by then, and a half grows back in ten minutes', () => {
    const once = budgetAfter(FULL_BUDGET, limits, [limited('concurrency', T)], T)
    const later = T + 5 * MINUTE
    const twice = budgetAfter(once, limits, [limited('concurrency', later)], later)

    const grown = [0, 2.5, 5, 7.5, 10].map((minutes) => atOnce(once, T + minutes * MINUTE))
    expect(grown).toEqual([4, 5, 6, 7, 8])
    // Half of three quarters, and so a quarter more each five minutes.
    expect([0, 2.5, 5, 10, 12.5].map((minutes) => atOnce(twice, later + minutes * MINUTE))).toEqual([3, 4, 5, 7, 8])
  })

  it('nothing is new while that lasts, and then it is', () => {
    const until = T + 20 * SECOND
    const once = budgetAfter(FULL_BUDGET, limits, [limited('concurrency', until)], T)

    const meanwhile = budgetAfter(once, limits, [limited('concurrency', until + 1)], until - 1)
    const after = budgetAfter(once, limits, [limited('concurrency', until)], until)

    expect(atOnce(meanwhile, until)).toBe(0)
    expect(atOnce(meanwhile, until + 1)).toBe(4)
    expect(atOnce(after, until)).toBe(2)
  })

  it('none begins before the latest time that was told', () => {
    const outcomes = [limited('rate', T + 3), limited('rate', T + 9), limited('concurrency', T + 6)]

    const allowance = budgetAfter(FULL_BUDGET, limits, outcomes, T)

    expect(availableCalls(allowance, limits, 0, T + 8)).toBe(0)
    expect(availableCalls(allowance, limits, 0, T + 9)).toBe(1)
    expect(nextCallAt(allowance, limits, { out: 0, over: undefined }, T)).toBe(T + 9)
  })

  it('a time that is past by then gives nothing twice', () => {
    const spent = budgetAfterStart(FULL_BUDGET, limits, 4, T)

    const allowance = budgetAfter(spent, limits, [limited('rate', T)], T + 5 * SECOND)

    // One call each five seconds before, each ten seconds now; one is saved up.
    expect(availableCalls(allowance, limits, 0, T + 5 * SECOND)).toBe(1)
    expect(availableCalls(allowance, limits, 0, T + 14_999)).toBe(1)
    expect(availableCalls(allowance, limits, 0, T + 15 * SECOND)).toBe(2)
  })

  it('one call may always begin, however often it is said', () => {
    let allowance = FULL_BUDGET
    for (let now = T; now < T + 50; now += 1) {
      allowance = budgetAfter(allowance, limits, [limited('rate', now), limited('concurrency', now)], now)
    }

    expect(availableCalls(allowance, limits, 0, T + MINUTE)).toBe(1)
  })

  it('the day is over, though we have spent little of it', () => {
    const allowance = budgetAfter(budgetAfterStart(FULL_BUDGET, limits, 3, T), limits, [limited('day', T)], T)

    expect(today(allowance, T)).toEqual({ spent: 100, endsAt: MIDNIGHT + MINUTE })
    expect(availableCalls(allowance, limits, 0, T)).toBe(0)
    expect(availableCalls(allowance, limits, 0, MIDNIGHT + MINUTE)).toBe(4)
  })

  it('nothing changes with any other outcome', () => {
    const outcomes: Outcome[] = [
      { kind: 'delivered', leadId: 7 },
      { kind: 'halted', until: T, reason: 'no answer', blocked: false },
    ]

    expect(budgetAfter(FULL_BUDGET, limits, outcomes, T)).toBe(FULL_BUDGET)
  })
})

describe('a day of calls', () => {
  const limits: Limits = { ...WIDE, callsPerDay: 5 }

  it('ends a minute after midnight', () => {
    const allowance = budgetAfterStart(FULL_BUDGET, limits, 5, T)

    expect(today(allowance, MIDNIGHT + MINUTE - 1)).toEqual({ spent: 5, endsAt: MIDNIGHT + MINUTE })
    expect(today(allowance, MIDNIGHT + MINUTE).spent).toBe(0)
    expect(nextCallAt(allowance, limits, { out: 0, over: undefined }, T)).toBe(MIDNIGHT + MINUTE)
  })

  it('that is hardly over goes on for a minute, to an outbox that begins then, too', () => {
    const allowance = budgetAfterStart(FULL_BUDGET, limits, 5, MIDNIGHT + MINUTE - 1)

    expect(today(allowance, MIDNIGHT + MINUTE - 1)).toEqual({ spent: 5, endsAt: MIDNIGHT + MINUTE })
    expect(availableCalls(allowance, limits, 0, MIDNIGHT + MINUTE)).toBe(5)
  })

  it('is the same to a clock that was set back by an hour, and another to one that was by a week', () => {
    const allowance = budgetAfterStart(FULL_BUDGET, limits, 5, MIDNIGHT + 30 * MINUTE)

    expect(today(allowance, MIDNIGHT - 30 * MINUTE).spent).toBe(5)
    expect(today(allowance, MIDNIGHT - 7 * 24 * HOUR).spent).toBe(0)
  })

  it('may be known 25 hours ahead', () => {
    const [, , , , , begins, ends] = MIDNIGHTS
    const allowance = budgetAfterStart(FULL_BUDGET, limits, 5, begins! + MINUTE)

    expect(today(allowance, begins! + MINUTE)).toEqual({ spent: 5, endsAt: ends! + MINUTE })
  })
})

it('once the clock was set back, no time lies further ahead than a window', () => {
  const limits: Limits = { ...WIDE, callsPer20s: 8, concurrency: 4 }
  const outcomes = [limited('rate', T + 20 * SECOND), limited('concurrency', T + 20 * SECOND)]
  const allowance = budgetAfter(budgetAfterStart(FULL_BUDGET, limits, 1, T), limits, outcomes, T)
  const now = T - HOUR

  const caught = clampBudget(allowance, now)

  expect(caught).toEqual({
    ...allowance,
    filledAt: now + 20 * SECOND,
    slowedAt: now + 20 * SECOND,
    thinnedAt: now + 20 * SECOND,
  })
  expect(clampBudget(allowance, T)).toEqual(allowance)
})
