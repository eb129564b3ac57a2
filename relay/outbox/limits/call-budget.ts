/**
 * The call budget of an account: rate, concurrency and calls of the day, as values. Pure; a store keeps them.
 *
 * When Marketo reports that a limit was met, other integrations use it too: the relay takes half of what it took, and
 * grows back to all of it in ten minutes. When Marketo reports that the quota of the day is spent, one call at a time
 * goes out as a probe, an hour later at the latest, until one is answered. The configured number of calls a day is a
 * limit of our own: no probe exceeds it.
 */
import type { Limit, Limited, Outcome, OutboxStatus } from '../outbox.ts'
import { leaseOf, type Limits } from './limits.ts'
import { callsForLeads, serverCallsOf, weakCallsOf, type CallUse, type DayCalls } from './shares.ts'
import { clampWeakFull, nextSharedWeakCallAt, weakFullAfter } from './weak-calls.ts'
import { MAX_WAIT_MS } from '../clock-skew.ts'
import { CLOCK_TOLERANCE_MS, nextQuotaProbe, nextQuotaReset } from './marketo-day.ts'
import {
  FULL_BUCKET,
  nextStartAt,
  RATE_WINDOW_MS,
  refill,
  startableCalls,
  takeTokens,
  type Bucket,
} from './token-bucket.ts'

export interface CallBudget extends Bucket, DayCalls {
  /** Share of the configured rate at `rateReducedAt`, from which it grows back. */
  rateShare: number
  rateReducedAt: number
  /** Share of the configured concurrency at `concurrencyReducedAt`. */
  concurrencyShare: number
  concurrencyReducedAt: number
  /** The end of the day whose calls are counted. */
  dayEndsAt: number
  /** When the calls that leads with weak evidence share are all there again. Absent while no such call was bounded. */
  weakFullAt?: number | undefined
  /** Present once Marketo has reported that the quota of the day is spent, until a later call is answered. */
  quota?: SpentQuota
}

interface SpentQuota {
  /** Time of the last report. A call that was claimed earlier says nothing about the quota. */
  metAt: number
  /** No call starts before this time. */
  retryAt: number
}

/** Time in which a share grows back from a half to all, in ms. */
const RECOVERY_MS = 10 * 60_000

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

/** Returns how many calls may start now, with `out` under way: for leads, unless `use` says that a server asks. */
export function availableCalls(budget: CallBudget, limits: Limits, out: number, now: number, use?: CallUse): number {
  if (budget.quota && now < budget.quota.retryAt) return 0
  return Math.max(
    0,
    Math.min(
      startableCalls(budget, rateOf(budget, limits, now), now),
      concurrencyOf(budget, limits, now) - out,
      callsLeft(budget, limits, now, use),
    ),
  )
}

/** Returns how many of the day's calls are left: for leads, or for a server, which may use those that leads leave. */
export function callsLeft(budget: CallBudget, limits: Limits, now: number, use?: CallUse): number {
  const day = currentDay(budget, now)
  return Math.max(0, (use === 'server' ? limits.callsPerDay : callsForLeads(day, limits)) - day.spent)
}

/**
 * Returns the budget once `calls` have started. With a spent quota the call is its probe. Where its relay crashes, nothing
 * settles it: the next probe may go when its lease is over.
 *
 * @param shares those of the calls that count for a share of the day
 * @param sharedWeak number of those that leads with weak evidence share
 */
export function budgetAfterStart(
  budget: CallBudget,
  limits: Limits,
  calls: number,
  now: number,
  shares: Pick<DayCalls, 'weak' | 'servers'> = {},
  sharedWeak = 0,
): CallBudget {
  const weakFullAt = weakFullAfter(budget.weakFullAt ?? 0, sharedWeak, limits, now)
  return {
    ...budgetAfterDayCalls(budget, { spent: calls, ...shares }, now),
    ...(weakFullAt > 0 && { weakFullAt }),
    ...takeTokens(budget, rateOf(budget, limits, now), calls, now),
    ...(budget.quota && { quota: { ...budget.quota, retryAt: now + leaseOf(limits) } }),
  }
}

/** Returns the budget with more calls of the day. */
export function budgetAfterDayCalls(budget: CallBudget, more: DayCalls, now: number): CallBudget {
  const { endsAt, ...day } = currentDay(budget, now)
  const sum = (name: 'weak' | 'putOff' | 'servers') => {
    const calls = (day[name] ?? 0) + (more[name] ?? 0)
    return calls > 0 ? calls : undefined
  }
  return {
    ...budget,
    spent: day.spent + more.spent,
    weak: sum('weak'),
    putOff: sum('putOff'),
    servers: sum('servers'),
    dayEndsAt: endsAt,
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
  use?: CallUse,
): number {
  const quotaAt = budget.quota?.retryAt ?? 0
  if (callsLeft(budget, limits, now, use) === 0) return Math.max(currentDay(budget, now).endsAt, quotaAt)
  const startAt = Math.max(quotaAt, nextStartAt(budget, rateOf(budget, limits, now), now))
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
 * Returns the budget after a call that may have been the probe of a spent quota. Only an answer about a lead shows that
 * calls get through again; after anything else the next probe may go at once.
 *
 * @param limited the limit that a call slot, or a call of another outbox, has met: it says nothing about the quota
 */
export function afterProbe(
  budget: CallBudget,
  {
    claimedAt,
    settlements,
    limited,
  }: { claimedAt: number; settlements: readonly Outcome[]; limited?: Limited | undefined },
  now: number,
): CallBudget {
  const { quota, ...withoutQuota } = budget
  if (!quota || limited || claimedAt <= quota.metAt) return budget
  const answered = settlements.some(({ kind }) => kind === 'delivered' || kind === 'parked')
  return answered ? withoutQuota : retryQuota(budget, now)
}

/** Returns the budget whose spent quota may be probed now. */
export function retryQuota(budget: CallBudget, now: number): CallBudget {
  const { quota } = budget
  return quota ? { ...budget, quota: { ...quota, retryAt: Math.min(quota.retryAt, now) } } : budget
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
    case 'day':
      return { ...budget, quota: { metAt: now, retryAt: Math.max(retryAt, nextQuotaProbe(now)) } }
    default:
      return limit satisfies never
  }
}

/** Returns the calls of the current day, and when it ends. */
export function currentDay(budget: CallBudget, now: number): DayCalls & { endsAt: number } {
  const { spent, weak, putOff, servers, dayEndsAt } = budget
  const known = now < dayEndsAt && dayEndsAt - now <= LONGEST_DAY_MS + CLOCK_TOLERANCE_MS
  return known ? { spent, weak, putOff, servers, endsAt: dayEndsAt } : { spent: 0, endsAt: endOfDay(now) }
}

/** Returns when the day of `now` ends. */
function endOfDay(now: number): number {
  return nextQuotaReset(now - CLOCK_TOLERANCE_MS) + CLOCK_TOLERANCE_MS
}

/**
 * Returns the calls of the day as the operator is shown them. A report of Marketo's counts until calls may go and its day
 * is over: where nothing waits, no probe finds out.
 */
export function dayStatus(budget: CallBudget, limits: Limits, now: number): OutboxStatus['day'] {
  const { quota } = budget
  const isSpent = quota && (now < quota.retryAt || now < nextQuotaReset(quota.metAt))
  const { spent, endsAt, weak = 0, putOff = 0, servers = 0 } = currentDay(budget, now)
  const ofServers = serverCallsOf(limits)
  const nextSharedAt = nextSharedWeakCallAt(budget.weakFullAt ?? 0, limits)
  const isSpaced = nextSharedAt > now
  return {
    spent,
    of: limits.callsPerDay,
    endsAt,
    ...(isSpent && { quotaRetryAt: quota.retryAt }),
    ...((weak + putOff > 0 || isSpaced) && {
      weak: { spent: weak, of: weakCallsOf(limits), putOff, ...(isSpaced && { nextSharedAt }) },
    }),
    ...(ofServers > 0 && { servers: { spent: servers, of: ofServers } }),
  }
}

/**
 * Clamps the times of a budget after the clock went backwards. Calls that were counted for a day which does not begin soon
 * belong to the day of `now`. Leads that were put off are due sooner then, and are counted again. A quota that was reported in the future is probed soon: the report's true time is not known.
 */
export function clampBudget(budget: CallBudget, now: number): CallBudget {
  const { quota, putOff: _, ...kept } = budget
  const endsAt = endOfDay(now)
  const isTooLate = budget.dayEndsAt > endsAt && endsAt - now > MAX_WAIT_MS
  const probeAt = quota && quota.metAt > now ? now + MAX_WAIT_MS : nextQuotaProbe(now)
  return {
    ...kept,
    ...(isTooLate && budgetAfterDayCalls(kept, { spent: 0 }, now)),
    ...(isTooLate && { dayEndsAt: endsAt }),
    ...(budget.weakFullAt !== undefined && { weakFullAt: clampWeakFull(budget.weakFullAt, now) }),
    filledAt: Math.min(budget.filledAt, now + RATE_WINDOW_MS),
    rateReducedAt: Math.min(budget.rateReducedAt, now + RATE_WINDOW_MS),
    concurrencyReducedAt: Math.min(budget.concurrencyReducedAt, now + RATE_WINDOW_MS),
    ...(quota && {
      quota: { metAt: Math.min(quota.metAt, now), retryAt: Math.min(quota.retryAt, probeAt) },
    }),
  }
}

function rateOf({ rateShare, rateReducedAt }: CallBudget, { callsPer20s }: Limits, now: number): number {
  return Math.max(1, Math.floor(callsPer20s * shareAt(rateShare, rateReducedAt, now)))
}

function concurrencyOf(budget: CallBudget, { concurrency }: Limits, now: number): number {
  if (budget.quota) return 1
  return Math.max(1, Math.floor(concurrency * shareAt(budget.concurrencyShare, budget.concurrencyReducedAt, now)))
}

/** Returns a share that grows back to all since it was reduced. */
function shareAt(share: number, reducedAt: number, now: number): number {
  return Math.min(1, share + (0.5 * Math.max(0, now - reducedAt)) / RECOVERY_MS)
}
