/**
 * The delivery state of an account: call budget, circuit breaker, batch size. Pure; a store keeps it as JSON in the
 * account's control row, and changes it in the transaction that leases or settles.
 */
import type { Turns } from './batch-planner.ts'
import {
  afterAnswer,
  afterInterception,
  afterNoAnswer,
  clampBatchSize,
  isGrowingBack,
  type BatchSize,
} from './batch-size.ts'
import {
  breakerAfter,
  breakerStatus,
  clampBreaker,
  probeAt,
  retryBreaker,
  withProbe,
  type Breaker,
} from './circuit-breaker.ts'
import type { Expiry } from './expiry.ts'
import {
  afterProbe,
  availableCalls,
  budgetAfter,
  budgetAfterStart,
  clampBudget,
  currentDay,
  dayStatus,
  FULL_BUDGET,
  nextCallAt,
  retryQuota,
  type CallBudget,
} from './limits/call-budget.ts'
import { reserveLeftAt } from './limits/lead-reserve.ts'
import type { Limits } from './limits/limits.ts'
import { weakCallsLeft, type CallUse } from './limits/shares.ts'
import { nextSharedWeakCallAt, sharedWeakCallsLeft } from './limits/weak-calls.ts'
import type { JobRow } from './job-row.ts'
import type { Batch, Limited, OutboxStatus, OwedJob, Settlement } from './outbox.ts'
import { clampLost, type LostCall } from './lost-calls.ts'
import type { Pressure } from './pressure.ts'
import { jobOf } from './transitions.ts'

export interface AccountState {
  budget: CallBudget
  /** Absent while it is closed. */
  breaker?: Breaker | undefined
  /** Absent while batches are as large as configured. */
  batchSize?: BatchSize | undefined
  /** Time of the last delivery. */
  deliveredAt?: number | undefined
  /** Absent until a batch was leased. */
  turns?: Turns | undefined
  /** For how long batches have been out at least, in ms: what nodes have counted that share the account. */
  counted?: readonly Counted[] | undefined
  /** Absent while Marketo may be processing no call without an answer. */
  lost?: readonly LostCall[] | undefined
  /** Absent while the calls are enough for the jobs that go alone. */
  pressure?: Pressure | undefined
  /** Short digest of the credentials that the relay started with last; see `fingerprintOf` in `person-keys.ts`. */
  fingerprint?: string | undefined
  /** Absent while no parked and held lead expires. */
  expiry?: Expiry | undefined
}

/** A batch, and for how long it has been out at least, in ms. */
export type Counted = readonly [batch: number, ms: number]

/** The batches and call slots that are out. */
export interface Leased {
  out: number
  /** Time at which the first lease expires. */
  firstEnd: number | undefined
  /** Number of batches with a batch key, also of those with one job. */
  shared: number
}

/** Reads the stored state. */
export function parseState(text: string | null | undefined): AccountState {
  const state = JSON.parse(text || '{}') as Partial<AccountState>
  return { ...state, budget: state.budget ?? FULL_BUDGET }
}

/** Limits of one claim. */
export interface ClaimLimits {
  batches: number
  /** Batches of several jobs among them. */
  shared: number
  /** Batches of one lead with weak evidence that needs a call of its own. */
  weak: number
  /** Batches of leads with weak evidence that share a call. */
  sharedWeak: number
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
  if (breaker && now < probeAt(breaker)) return { batches: 0, shared: 0, weak: 0, sharedWeak: 0, jobs: 0 }
  const batches = Math.min(max, availableCalls(budget, limits, leased.out, now), breaker ? 1 : Infinity)
  const growing = isGrowingBack(batchSize, limits.leadsPerCall, now)
  return {
    batches,
    shared: growing ? Math.max(0, 1 - leased.shared) : batches,
    weak: weakCallsLeft(currentDay(budget, now), limits),
    sharedWeak: sharedWeakCallsLeft(budget.weakFullAt ?? 0, limits, now),
    jobs: breaker ? 1 : Math.min(limits.leadsPerCall, batchSize?.max ?? Infinity),
  }
}

/** Returns the batch as the port hands it out. */
export function batchOf(
  id: number,
  leaseExpiresAt: number,
  rows: readonly JobRow[],
  { breaker, deliveredAt }: AccountState,
): Batch {
  const jobs = rows.map((row) => jobOf(row, deliveredAt))
  return { id, leaseExpiresAt, jobs, ...(breaker?.doubt && { doubt: breaker.doubt }) }
}

/** Returns the batch of an owed cookie as the port hands it out. */
export function owedBatchOf(id: number, leaseExpiresAt: number, owed: OwedJob, { breaker }: AccountState): Batch {
  return { id, leaseExpiresAt, jobs: [], owed, ...(breaker?.doubt && { doubt: breaker.doubt }) }
}

/**
 * Returns the state once batches were leased; the first one is the probe of an open breaker.
 *
 * @param of.weak number of those that use the share of leads with weak evidence
 * @param of.sharedWeak number of those that leads with weak evidence share
 */
export function afterLease(
  state: AccountState,
  limits: Limits,
  batches: readonly { id: number; leaseExpiresAt: number }[],
  now: number,
  { weak = 0, sharedWeak = 0 }: Partial<Pick<ClaimLimits, 'weak' | 'sharedWeak'>> = {},
): AccountState {
  const [first] = batches
  if (!first) return state
  return {
    ...state,
    budget: budgetAfterStart(state.budget, limits, batches.length, now, { weak }, sharedWeak),
    ...(state.breaker && { breaker: withProbe(state.breaker, first.id, first.leaseExpiresAt) }),
  }
}

/**
 * Reserves a call slot: returns the state with it, or when to ask again. The breaker is not asked: a program that calls
 * Marketo finds out by itself.
 *
 * @param idle number of batches that are out and whose call is not under way
 * @param use whose share of the day's calls the call counts for. One for leads with weak evidence counts as shared, too
 */
export function reserveSlot(
  state: AccountState,
  limits: Limits,
  { out, ...others }: Leased,
  now: number,
  idle = 0,
  use?: CallUse,
): { reserved: AccountState } | { retryAt: number } {
  const { budget } = state
  const leased = { ...others, out: out - idle }
  const shares = { weak: Number(use === 'weak'), servers: Number(use === 'server') }
  return availableCalls(budget, limits, leased.out, now, use) > 0
    ? { reserved: { ...state, budget: budgetAfterStart(budget, limits, 1, now, shares, shares.weak) } }
    : { retryAt: nextCallAt(budget, limits, leased, now, use) }
}

/** The end of a batch or of a call slot. */
export interface Settling {
  batch: number
  settlements: readonly Settlement[]
  now: number
  limited: Limited | undefined
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
  { settlements, now, limited }: Omit<Settling, 'batch'>,
  limits: Limits,
): AccountState {
  const delivered = settlements.some(({ kind }) => kind === 'delivered')
  const others = othersDelivered(state, batch)
  let { batchSize } = state
  if (delivered) batchSize = afterAnswer(batchSize, batch.size, limits.leadsPerCall, now)
  else if (!others && settlements.some(mayBeTooLarge)) batchSize = afterNoAnswer(batchSize, batch.size, now)
  else if (settlements.some(isIntercepted)) batchSize = afterInterception(batchSize, batch.size, now)
  const probed = afterProbe(state.budget, { claimedAt: batch.claimedAt, settlements, limited }, now)
  return {
    budget: budgetAfter(probed, limits, [...settlements, limited], now),
    breaker: breakerAfter(
      state.breaker,
      batch.id,
      others ? settlements.filter((each) => !isDoubtful(each)) : settlements,
    ),
    batchSize,
    deliveredAt: delivered ? now : state.deliveredAt,
    turns: state.turns,
    counted: state.counted,
    lost: state.lost,
    pressure: state.pressure,
    fingerprint: state.fingerprint,
    expiry: state.expiry,
  }
}

/**
 * Returns the state after a call for an owed cookie. It tells of limits and breaker what a call for a lead tells. It tells
 * nothing about batches, and not that leads get through: they may take another way.
 */
export function afterOwedSettlement(
  state: AccountState,
  batch: EndedBatch,
  settling: Omit<Settling, 'batch'>,
  limits: Limits,
): AccountState {
  const { batchSize, deliveredAt } = state
  return { ...afterSettlement(state, batch, settling, limits), batchSize, deliveredAt }
}

/** Returns whether the lead itself may have caused what looks like a failure of the account. */
function isDoubtful(outcome: Settlement): boolean {
  return outcome.kind === 'stopped' && outcome.doubt !== undefined
}

/** Returns whether a smaller batch might have got through: a gateway may refuse large requests with any status. */
function mayBeTooLarge(outcome: Settlement): boolean {
  return isDoubtful(outcome) || (outcome.kind === 'requeue' && outcome.batch === 'unanswered')
}

function isIntercepted(outcome: Settlement): boolean {
  return outcome.kind === 'requeue' && outcome.batch === 'intercepted'
}

/** Returns the state in which the next call may go at once. */
export function retryNow(state: AccountState, now: number): AccountState {
  const { budget, breaker } = state
  return { ...state, budget: retryQuota(budget, now), ...(breaker && { breaker: retryBreaker(breaker, now) }) }
}

/**
 * Returns the state for a relay that starts with these credentials. What others met says nothing about them: the breaker
 * is closed, and a spent quota is probed at once.
 */
export function withFingerprint(state: AccountState, fingerprint: string | undefined, now: number): AccountState {
  if (fingerprint === undefined || fingerprint === state.fingerprint) return state
  const { breaker: _, ...closed } = state
  return { ...closed, budget: retryQuota(state.budget, now), fingerprint }
}

/**
 * When the first job is due that goes alone, the first one with a batch key, the first owed cookie, and the first job of the
 * lanes of leads with weak evidence that share calls; infinite when there is none.
 */
export interface DueTimes {
  alone: number
  shared: number
  weak?: number
  owed?: number
}

/**
 * Returns when a job may be leased next, as far as it can be known; undefined when none waits. While the batch size grows
 * back, a job with a batch key waits until the batch ends that is out.
 */
export function nextClaimAt(
  { breaker, batchSize, budget }: AccountState,
  limits: Limits,
  leased: Leased,
  due: DueTimes,
  now: number,
): number | undefined {
  const waits = leased.shared > 0 && isGrowingBack(batchSize, limits.leadsPerCall, now)
  const owedAt = Math.max(due.owed ?? Infinity, reserveLeftAt(budget, limits, now))
  const weakAt = Math.max(due.weak ?? Infinity, nextSharedWeakCallAt(budget.weakFullAt ?? 0, limits))
  const sharedAt = Math.max(Math.min(due.shared, weakAt), waits ? (leased.firstEnd ?? 0) : 0)
  const dueAt = Math.min(due.alone, sharedAt, owedAt)
  if (dueAt === Infinity) return undefined
  return Math.max(dueAt, breaker ? probeAt(breaker) : 0, nextCallAt(budget, limits, leased, now))
}

/**
 * Returns the state of a relay that starts, or whose clock went backwards: its times are clamped. Batch keys may be computed
 * anew, so that no job counts as examined.
 */
export function clampState(state: AccountState, now: number, latestLeaseEnd: number): AccountState {
  const { pressure: _, ...kept } = state
  return {
    ...kept,
    budget: clampBudget(state.budget, now),
    ...(state.breaker && { breaker: clampBreaker(state.breaker, now, latestLeaseEnd) }),
    ...(state.batchSize && { batchSize: clampBatchSize(state.batchSize, now) }),
    ...(state.deliveredAt && { deliveredAt: Math.min(state.deliveredAt, now) }),
    ...(state.lost && { lost: clampLost(state.lost, now) }),
  }
}

/** Numbers that a store counts for the status of its account. */
export interface StatusRow {
  [column: string]: string | number | null
  waiting: number
  held: number
  parked: number
  delivered: number
  oldest_at: number | null
  parked_at: number | null
}

/** Returns the status that the port reports. */
export function statusOf(row: StatusRow, { budget, breaker }: AccountState, limits: Limits, now: number): OutboxStatus {
  return {
    waiting: row.waiting,
    held: row.held,
    parked: row.parked,
    delivered: row.delivered,
    ...(row.oldest_at !== null && { oldestAt: row.oldest_at }),
    ...(row.parked_at !== null && { parkedAt: row.parked_at }),
    ...breakerStatus(breaker),
    day: dayStatus(budget, limits, now),
  }
}
