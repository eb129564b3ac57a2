/**
 * What may still be called, as values: the pace, the calls at once, the day. Pure; the store keeps it.
 *
 * When Marketo says that a limit was met, others use it too: we take half of what we took, and grow back to all of it
 * in ten minutes.
 */
import type { Limits } from './limits.ts'
import { nextQuotaReset } from './marketo-day.ts'
import type { Limit, Outcome } from '../outbox.ts'
import { filled, FULL, nextStart, started, startable, RATE_WINDOW_MS, type Bucket } from './token-bucket.ts'

export interface CallBudget extends Bucket {
  /** The share of the pace at `slowedAt`, from which it grows back. */
  slowedTo: number
  slowedAt: number
  /** The share of the calls at once at `thinnedAt`. */
  thinnedTo: number
  thinnedAt: number
  /** Calls of the day that ends at `dayEndsAt`. */
  spent: number
  dayEndsAt: number
}

/** In so many milliseconds a half grows back to all. */
const RECOVERY = 10 * 60_000

/** Our clock and Marketo's may differ by this much: the new day is not begun before it has begun there too. */
const CLOCKS_DIFFER = 60_000

const LONGEST_DAY = 25 * 3_600_000

/** Nothing used yet. */
export const FULL_BUDGET: CallBudget = {
  ...FULL,
  slowedTo: 1,
  slowedAt: 0,
  thinnedTo: 1,
  thinnedAt: 0,
  spent: 0,
  dayEndsAt: 0,
}

/** How many calls may start now, with `out` under way. */
export function availableCalls(allowance: CallBudget, limits: Limits, out: number, now: number): number {
  const { spent } = today(allowance, now)
  return Math.max(
    0,
    Math.min(
      startable(allowance, rateOf(allowance, limits, now), now),
      concurrencyOf(allowance, limits, now) - out,
      limits.callsPerDay - spent,
    ),
  )
}

/** What stands once so many have started. */
export function budgetAfterStart(allowance: CallBudget, limits: Limits, calls: number, now: number): CallBudget {
  const day = today(allowance, now)
  return {
    ...allowance,
    ...started(allowance, rateOf(allowance, limits, now), calls, now),
    spent: day.spent + calls,
    dayEndsAt: day.endsAt,
  }
}

/**
 * When the next call may start, as far as can be known.
 *
 * @param over when the first of those under way is over; undefined when none is
 */
export function nextCallAt(
  allowance: CallBudget,
  limits: Limits,
  { out, over }: { out: number; over: number | undefined },
  now: number,
): number {
  const { spent, endsAt } = today(allowance, now)
  if (spent >= limits.callsPerDay) return endsAt
  const pace = nextStart(allowance, rateOf(allowance, limits, now), now)
  const full = out >= concurrencyOf(allowance, limits, now)
  return full && over !== undefined ? Math.max(pace, over) : pace
}

/**
 * What stands after a call has come to these outcomes: one a job, and that of the call itself where it had none. However
 * many of them met a limit, the call met it once.
 */
export function budgetAfter(
  allowance: CallBudget,
  limits: Limits,
  outcomes: readonly (Outcome | undefined)[],
  now: number,
): CallBudget {
  const untils = new Map<Limit, number>()
  for (const outcome of outcomes) {
    if (outcome?.kind !== 'limited') continue
    untils.set(outcome.limit, Math.max(outcome.until, untils.get(outcome.limit) ?? now))
  }
  return [...untils].reduce((left, [limit, until]) => met(limit, left, limits, until, now), allowance)
}

/**
 * What stands once Marketo has said that a limit was met, and that nothing is to start before `until`. Calls that were
 * out then may be told the same meanwhile: that is no news.
 */
function met(limit: Limit, allowance: CallBudget, limits: Limits, until: number, now: number): CallBudget {
  const { slowedTo, slowedAt, thinnedTo, thinnedAt } = allowance
  const { tokens, filledAt } = filled(allowance, rateOf(allowance, limits, now), now)
  const paused = { tokens, filledAt: Math.max(until, filledAt) }
  switch (limit) {
    case 'rate':
      return {
        ...allowance,
        ...paused,
        tokens: Math.min(1, paused.tokens),
        slowedTo: now < slowedAt ? slowedTo : shareAt(slowedTo, slowedAt, now) / 2,
        slowedAt: Math.max(until, slowedAt),
      }
    case 'concurrency':
      return {
        ...allowance,
        ...paused,
        thinnedTo: now < thinnedAt ? thinnedTo : shareAt(thinnedTo, thinnedAt, now) / 2,
        thinnedAt: Math.max(until, thinnedAt),
      }
    case 'day': {
      const { spent, endsAt } = today(allowance, now)
      return { ...allowance, spent: Math.max(spent, limits.callsPerDay), dayEndsAt: endsAt }
    }
    default:
      return limit satisfies never
  }
}

/** The calls of the day that is, and when it ends. */
export function today({ spent, dayEndsAt }: CallBudget, now: number): { spent: number; endsAt: number } {
  const known = now < dayEndsAt && dayEndsAt - now <= LONGEST_DAY + CLOCKS_DIFFER
  return known
    ? { spent, endsAt: dayEndsAt }
    : { spent: 0, endsAt: nextQuotaReset(now - CLOCKS_DIFFER) + CLOCKS_DIFFER }
}

/** What stands after the clock was set back: no time that lies further ahead than it could if it were set now. */
export function clampBudget(allowance: CallBudget, now: number): CallBudget {
  return {
    ...allowance,
    filledAt: Math.min(allowance.filledAt, now + RATE_WINDOW_MS),
    slowedAt: Math.min(allowance.slowedAt, now + RATE_WINDOW_MS),
    thinnedAt: Math.min(allowance.thinnedAt, now + RATE_WINDOW_MS),
  }
}

function rateOf({ slowedTo, slowedAt }: CallBudget, { callsPer20s }: Limits, now: number): number {
  return Math.max(1, Math.floor(callsPer20s * shareAt(slowedTo, slowedAt, now)))
}

function concurrencyOf({ thinnedTo, thinnedAt }: CallBudget, { concurrency }: Limits, now: number): number {
  return Math.max(1, Math.floor(concurrency * shareAt(thinnedTo, thinnedAt, now)))
}

/** A share that grows from what it was to all. */
function shareAt(share: number, since: number, now: number): number {
  return Math.min(1, share + (0.5 * Math.max(0, now - since)) / RECOVERY)
}
