/**
 * The delivery state of an account: call budget, circuit breaker, batch size. Pure; a store keeps it as JSON in the
 * account's control row, and changes it in the transaction that leases or settles.
 */
import { afterAnswer, afterNoAnswer, clampBatchSize, isGrowingBack, type BatchSize } from './batch-size.ts'
import { breakerAfter, clampBreaker, probeAt, withProbe, type Breaker } from './circuit-breaker.ts'
import {
  availableCalls,
  budgetAfter,
  budgetAfterStart,
  clampBudget,
  FULL_BUDGET,
  nextCallAt,
  type CallBudget,
} from './limits/call-budget.ts'
import type { Limits } from './limits/limits.ts'
import type { Limited, Settlement } from './outbox.ts'

export interface AccountState {
  budget: CallBudget
  /** Absent while it is closed. */
  breaker?: Breaker | undefined
  /** Absent while batches are as large as configured. */
  batchSize?: BatchSize | undefined
  /** When a lead was delivered last. */
  deliveredAt?: number | undefined
}

/** The batches and call slots that are out. */
export interface Leased {
  out: number
  /** When the first lease expires. */
  firstEnd: number | undefined
  /** Number of batches with several jobs. */
  shared: number
}

/** Reads the stored state. */
export function parseState(text: string | null | undefined): AccountState {
  return text ? (JSON.parse(text) as AccountState) : { budget: FULL_BUDGET }
}

/** Writes the state as it is stored. */
export function stringifyState(state: AccountState): string {
  return JSON.stringify(state)
}

/** Limits of one claim. */
export interface ClaimLimits {
  batches: number
  /** Batches of several jobs among them. */
  shared: number
  /** Jobs in a batch. */
  jobs: number
}

/** Returns what may be leased now. */
export function claimLimits(
  state: AccountState,
  limits: Limits,
  leased: Leased,
  now: number,
  max: number,
): ClaimLimits {
  const { breaker, batchSize, budget } = state
  if (breaker && now < probeAt(breaker)) return { batches: 0, shared: 0, jobs: 0 }
  const batches = Math.min(max, availableCalls(budget, limits, leased.out, now), breaker ? 1 : Infinity)
  const growing = isGrowingBack(batchSize, limits.leadsPerCall, now)
  return {
    batches,
    shared: growing ? Math.max(0, 1 - leased.shared) : batches,
    jobs: breaker ? 1 : Math.min(limits.leadsPerCall, batchSize?.max ?? Infinity),
  }
}

/** Returns the state once batches were leased; the first one is the probe of an open breaker. */
export function afterLease(
  state: AccountState,
  limits: Limits,
  batches: readonly { id: number; leaseExpiresAt: number }[],
  now: number,
): AccountState {
  const [first] = batches
  if (!first) return state
  return {
    ...state,
    budget: budgetAfterStart(state.budget, limits, batches.length, now),
    ...(state.breaker && { breaker: withProbe(state.breaker, first.id, first.leaseExpiresAt) }),
  }
}

/** Returns the state once a call slot was reserved. */
export function afterSlot(state: AccountState, limits: Limits, now: number): AccountState {
  return { ...state, budget: budgetAfterStart(state.budget, limits, 1, now) }
}

/** A batch or call slot that ends. */
export interface EndedBatch {
  id: number
  /** Number of its jobs; 0 for a call slot. */
  size: number
  claimedAt: number
}

/** Returns whether a lead of another batch was delivered while this one was out. */
export function othersDelivered({ deliveredAt = -Infinity }: AccountState, { claimedAt }: EndedBatch): boolean {
  return deliveredAt > claimedAt
}

/** Returns the state after a batch or a call slot has come to these outcomes. */
export function afterSettlement(
  state: AccountState,
  batch: EndedBatch,
  outcomes: readonly Settlement[],
  limited: Limited | undefined,
  limits: Limits,
  now: number,
): AccountState {
  const delivered = outcomes.some(({ kind }) => kind === 'delivered')
  const unanswered = outcomes.some((outcome) => outcome.kind === 'requeue' && outcome.batch === 'unanswered')
  let { batchSize } = state
  if (delivered) batchSize = afterAnswer(batchSize, batch.size, limits.leadsPerCall, now)
  else if (unanswered && !othersDelivered(state, batch)) batchSize = afterNoAnswer(batchSize, batch.size, now)
  return {
    budget: budgetAfter(state.budget, limits, [...outcomes, limited], now),
    breaker: breakerAfter(state.breaker, batch.id, outcomes),
    batchSize,
    deliveredAt: delivered ? now : state.deliveredAt,
  }
}

/** When the first job is due that needs a call of its own, and the first that may share one. */
export interface DueTimes {
  alone: number | null
  shared: number | null
}

/** Returns when a job may be leased next, as far as it can be known; undefined when none waits. */
export function nextClaimAt(
  state: AccountState,
  limits: Limits,
  leased: Leased,
  due: DueTimes,
  now: number,
): number | undefined {
  const waits = isGrowingBack(state.batchSize, limits.leadsPerCall, now) && leased.shared > 0
  const shared = due.shared === null ? Infinity : Math.max(due.shared, waits ? (leased.firstEnd ?? 0) : 0)
  const dueAt = Math.min(due.alone ?? Infinity, shared)
  if (dueAt === Infinity) return undefined
  return Math.max(dueAt, state.breaker ? probeAt(state.breaker) : 0, nextCallAt(state.budget, limits, leased, now))
}

/** Clamps the times of the state after the clock went backwards. */
export function clampState(state: AccountState, now: number, latestLeaseEnd: number): AccountState {
  return {
    ...state,
    budget: clampBudget(state.budget, now),
    ...(state.breaker && { breaker: clampBreaker(state.breaker, now, latestLeaseEnd) }),
    ...(state.batchSize && { batchSize: clampBatchSize(state.batchSize, now) }),
    ...(state.deliveredAt && { deliveredAt: Math.min(state.deliveredAt, now) }),
  }
}
