/**
 * The call budget of an account: rate, concurrency and calls of the day, as values. Pure; a store keeps them.
 *
 * When Marketo reports that a limit was met, other integrations use it too: the relay takes half of what it took, and
 * grows back to all of it in ten minutes.
 */
import type { Limit, Outcome } from '../outbox.ts'
import type { Limits } from './limits.ts'
import { nextQuotaReset } from './marketo-day.ts'
import {
  FULL_BUCKET,
  nextStartAt,
  RATE_WINDOW_MS,
  refill,
  startableCalls,
  takeTokens,
  type Bucket,
} from './token-bucket.ts'

export interface CallBudget extends Bucket {
  /** Share of the configured rate at `rateReducedAt`, from which it grows back. */
  rateShare: number
  rateReducedAt: number
  /** Share of the configured concurrency at `concurrencyReducedAt`. */
  concurrencyShare: number
  concurrencyReducedAt: number
  /** Calls of the day that ends at `dayEndsAt`. */
  spent: number
  dayEndsAt: number
}

/** Time in which a share grows back from a half to all, in ms. */
const RECOVERY_MS = 10 * 60_000

/** Maximum difference between our clock and Marketo's, in ms: our day begins that much later. */
const CLOCK_TOLERANCE_MS = 60_000

const LONGEST_DAY_MS = 25 * 3_600_000

/** A budget of which nothing is used. */
export const FULL_BUDGET: CallBudget = {
  ...FULL_BUCKET,
  rateShare: 1,
  rateReducedAt: 0,
  concurrencyShare: 1,
  concurrencyReducedAt: 0,
  spent: 0,
  dayEndsAt: 0,
}

/** Returns how many calls may start now, with `out` under way. */
export function availableCalls(budget: CallBudget, limits: Limits, out: number, now: number): number {
  return Math.max(
    0,
    Math.min(
      startableCalls(budget, rateOf(budget, limits, now), now),
      concurrencyOf(budget, limits, now) - out,
      limits.callsPerDay - currentDay(budget, now).spent,
    ),
  )
}

/** Returns the budget once `calls` have started. */
export function budgetAfterStart(budget: CallBudget, limits: Limits, calls: number, now: number): CallBudget {
  const day = currentDay(budget, now)
  return {
    ...budget,
    ...takeTokens(budget, rateOf(budget, limits, now), calls, now),
    spent: day.spent + calls,
    dayEndsAt: day.endsAt,
  }
}

/**
 * Returns when the next call may start, as far as it can be known.
 *
 * @param firstEnd when the first lease of the calls under way expires; undefined when none is under way
 */
export function nextCallAt(
  budget: CallBudget,
  limits: Limits,
  { out, firstEnd }: { out: number; firstEnd: number | undefined },
  now: number,
): number {
  const { spent, endsAt } = currentDay(budget, now)
  if (spent >= limits.callsPerDay) return endsAt
  const startAt = nextStartAt(budget, rateOf(budget, limits, now), now)
  const full = out >= concurrencyOf(budget, limits, now)
  return full && firstEnd !== undefined ? Math.max(startAt, firstEnd) : startAt
}

/**
 * Returns the budget after a call has come to these outcomes: one a job, or that of the call itself. However many jobs
 * report a limit, the call met it once.
 */
export function budgetAfter(
  budget: CallBudget,
  limits: Limits,
  outcomes: readonly (Outcome | undefined)[],
  now: number,
): CallBudget {
  const met = new Map<Limit, number>()
  for (const outcome of outcomes) {
    if (outcome?.kind !== 'limited') continue
    met.set(outcome.limit, Math.max(outcome.retryAt, met.get(outcome.limit) ?? now))
  }
  return [...met].reduce((left, [limit, retryAt]) => afterLimit(limit, left, limits, retryAt, now), budget)
}

/**
 * Returns the budget once Marketo has reported a limit and nothing is to start before `retryAt`. Calls that were under
 * way then may be answered the same: the share is halved once.
 */
function afterLimit(limit: Limit, budget: CallBudget, limits: Limits, retryAt: number, now: number): CallBudget {
  const { rateShare, rateReducedAt, concurrencyShare, concurrencyReducedAt } = budget
  const { tokens, filledAt } = refill(budget, rateOf(budget, limits, now), now)
  const paused = { tokens, filledAt: Math.max(retryAt, filledAt) }
  switch (limit) {
    case 'rate':
      return {
        ...budget,
        ...paused,
        tokens: Math.min(1, paused.tokens),
        rateShare: now < rateReducedAt ? rateShare : shareAt(rateShare, rateReducedAt, now) / 2,
        rateReducedAt: Math.max(retryAt, rateReducedAt),
      }
    case 'concurrency':
      return {
        ...budget,
        ...paused,
        concurrencyShare:
          now < concurrencyReducedAt ? concurrencyShare : shareAt(concurrencyShare, concurrencyReducedAt, now) / 2,
        concurrencyReducedAt: Math.max(retryAt, concurrencyReducedAt),
      }
    case 'day': {
      const { spent, endsAt } = currentDay(budget, now)
      return { ...budget, spent: Math.max(spent, limits.callsPerDay), dayEndsAt: endsAt }
    }
    default:
      return limit satisfies never
  }
}

/** Returns the calls of the current day, and when it ends. */
export function currentDay({ spent, dayEndsAt }: CallBudget, now: number): { spent: number; endsAt: number } {
  const known = now < dayEndsAt && dayEndsAt - now <= LONGEST_DAY_MS + CLOCK_TOLERANCE_MS
  return known
    ? { spent, endsAt: dayEndsAt }
    : { spent: 0, endsAt: nextQuotaReset(now - CLOCK_TOLERANCE_MS) + CLOCK_TOLERANCE_MS }
}

/** Clamps the times of a budget after the clock went backwards. */
export function clampBudget(budget: CallBudget, now: number): CallBudget {
  return {
    ...budget,
    filledAt: Math.min(budget.filledAt, now + RATE_WINDOW_MS),
    rateReducedAt: Math.min(budget.rateReducedAt, now + RATE_WINDOW_MS),
    concurrencyReducedAt: Math.min(budget.concurrencyReducedAt, now + RATE_WINDOW_MS),
  }
}

function rateOf({ rateShare, rateReducedAt }: CallBudget, { callsPer20s }: Limits, now: number): number {
  return Math.max(1, Math.floor(callsPer20s * shareAt(rateShare, rateReducedAt, now)))
}

function concurrencyOf(budget: CallBudget, { concurrency }: Limits, now: number): number {
  return Math.max(1, Math.floor(concurrency * shareAt(budget.concurrencyShare, budget.concurrencyReducedAt, now)))
}

/** Returns a share that grows back to all since it was reduced. */
function shareAt(share: number, reducedAt: number, now: number): number {
  return Math.min(1, share + (0.5 * Math.max(0, now - reducedAt)) / RECOVERY_MS)
}
