import { describe, expect, it } from 'vitest'
import {
  afterLease,
  afterSettlement,
  claimLimits,
  clampState,
  nextClaimAt,
  othersDelivered,
  parseState,
  reserveSlot,
  type AccountState,
  type DueTimes,
  type EndedBatch,
  type Leased,
} from '../../../relay/outbox/account-state.ts'
import { FULL_BUDGET } from '../../../relay/outbox/limits/call-budget.ts'
import type { Settlement } from '../../../relay/outbox/outbox.ts'
import { SECOND, T, WIDE_BATCHES } from '../../suites/outbox/leads.ts'

const END = T + 10 * SECOND
const FRESH: AccountState = { budget: FULL_BUDGET }
const DUE = { alone: T, shared: T }
const NONE = { out: 0, firstEnd: undefined, shared: 0 }
const BREAKER = { retryAt: T, reason: 'no answer', blocked: false, passed: 0 }

const delivered: Settlement = { id: 'a', attempt: 1, kind: 'delivered', leadId: 7 }
const unanswered: Settlement = { id: 'b', attempt: 1, kind: 'requeue', dueAt: T, reason: 'no', batch: 'unanswered' }
const refused: Settlement = { ...unanswered, batch: 'refused' }

function settle(state: AccountState, outcomes: Settlement[], batch: Partial<EndedBatch> = {}, now = T): AccountState {
  return afterSettlement(
    state,
    { id: 1, size: 8, claimedAt: T - 1, ...batch },
    { settlements: outcomes, limited: undefined, now },
    WIDE_BATCHES,
  )
}

describe('the limits of a claim', () => {
  it('are those of the configuration', () => {
    expect(claimLimits(FRESH, WIDE_BATCHES, NONE, T, 9)).toMatchObject({ batches: 9, shared: 9, jobs: 300 })
    expect(claimLimits(FRESH, { ...WIDE_BATCHES, concurrency: 4 }, { ...NONE, out: 1 }, T, 9).batches).toBe(3)
  })

  it('allow no batch while the circuit breaker is open, and one job when it is half-open', () => {
    const state = { ...FRESH, breaker: BREAKER }

    expect(claimLimits(state, WIDE_BATCHES, NONE, T - 1, 9)).toStrictEqual({
      batches: 0,
      shared: 0,
      weak: 0,
      sharedWeak: 0,
      jobs: 0,
    })
    expect(claimLimits(state, WIDE_BATCHES, NONE, T, 9)).toMatchObject({ batches: 1, shared: 1, jobs: 1 })
    const probed = afterLease(state, WIDE_BATCHES, [{ id: 5, leaseExpiresAt: END }], T)
    expect(claimLimits(probed, WIDE_BATCHES, NONE, END - 1, 9).batches).toBe(0)
    expect(claimLimits(probed, WIDE_BATCHES, NONE, END, 9).batches).toBe(1)
  })

  it('allow one shared batch while the batch size grows back', () => {
    const state = { ...FRESH, batchSize: { max: 8 } }

    expect(claimLimits(state, WIDE_BATCHES, NONE, T, 9)).toMatchObject({ batches: 9, shared: 1, jobs: 8 })
    expect(claimLimits(state, WIDE_BATCHES, { ...NONE, out: 1, shared: 1 }, T, 9).shared).toBe(0)
    const held = { ...FRESH, batchSize: { max: 8, holdUntil: T + 1 } }
    expect(claimLimits(held, WIDE_BATCHES, { ...NONE, out: 1, shared: 1 }, T, 9).shared).toBe(9)
  })
})

describe('the state after a lease', () => {
  it('has one call less for each batch and for a call slot', () => {
    const leased = afterLease(
      FRESH,
      WIDE_BATCHES,
      [1, 2].map((id) => ({ id, leaseExpiresAt: END })),
      T,
    )

    expect(leased.budget.spent).toBe(2)
    expect(reserveSlot(leased, WIDE_BATCHES, NONE, T)).toMatchObject({ reserved: { budget: { spent: 3 } } })
    expect(afterLease(FRESH, WIDE_BATCHES, [], T)).toBe(FRESH)
  })
})

describe('the state after a settlement', () => {
  it('has the time of the last delivery', () => {
    const state = settle(FRESH, [delivered, refused])

    expect(state.deliveredAt).toBe(T)
    expect(settle(state, [refused], {}, T + 1).deliveredAt).toBe(T)
  })

  it.each<[string, AccountState, Settlement[], Partial<EndedBatch>, number | undefined]>([
    ['halves when no job of a batch got an answer', FRESH, [unanswered], {}, 4],
    ['stays when the batch was refused', FRESH, [refused], {}, undefined],
    ['stays when a lead of the batch was delivered', FRESH, [delivered, unanswered], {}, undefined],
    ['stays when another lead was delivered meanwhile', { ...FRESH, deliveredAt: T }, [unanswered], {}, undefined],
    ['halves when the last delivery was before', { ...FRESH, deliveredAt: T - 1 }, [unanswered], {}, 4],
    ['stays when one lead got no answer', FRESH, [unanswered], { size: 1 }, undefined],
    ['grows when a lead was delivered', { ...FRESH, batchSize: { max: 8 } }, [delivered], {}, 32],
    ['stays when no lead was delivered', { ...FRESH, batchSize: { max: 8 } }, [refused], {}, 8],
  ])('has a batch size that %s', (_, state, outcomes, batch, expected) => {
    expect(settle(state, outcomes, batch).batchSize?.max).toBe(expected)
  })

  it('tells that others were delivered only when that was after the batch was leased', () => {
    const batch = { id: 1, size: 8, claimedAt: T }

    expect(othersDelivered({ ...FRESH, deliveredAt: T + 1 }, batch)).toBe(true)
    expect(othersDelivered({ ...FRESH, deliveredAt: T }, batch)).toBe(false)
    expect(othersDelivered(FRESH, batch)).toBe(false)
  })
})

describe('the time of the next claim', () => {
  const next = (state: AccountState, leased: Leased = NONE, due: DueTimes = DUE) =>
    nextClaimAt(state, WIDE_BATCHES, leased, due, T)

  it('is when the first job is due', () => {
    expect(next(FRESH, NONE, { alone: T + 2, shared: T + 1 })).toBe(T + 1)
    expect(next(FRESH, NONE, { alone: T + 2, shared: Infinity })).toBe(T + 2)
    expect(next(FRESH, NONE, { alone: Infinity, shared: Infinity })).toBeUndefined()
  })

  it('is when the breaker allows a probe', () => {
    expect(next({ ...FRESH, breaker: { ...BREAKER, retryAt: END } })).toBe(END)
  })

  it('is the end of the shared batch that is out while the batch size grows back, unless a job that goes alone is due', () => {
    const growing = { ...FRESH, batchSize: { max: 8 } }
    const leased = { out: 1, firstEnd: END, shared: 1 }

    expect(next(growing, leased, { alone: Infinity, shared: T })).toBe(END)
    expect(next(growing, leased, { alone: T + 1, shared: T })).toBe(T + 1)
    expect(next(growing, { out: 1, firstEnd: END, shared: 0 }, { alone: Infinity, shared: T })).toBe(T)
    expect(next({ ...FRESH, batchSize: { max: 8, holdUntil: END } }, leased, { alone: Infinity, shared: T })).toBe(T)
  })
})

describe('the stored state', () => {
  it('is that of an account without calls at first', () => {
    expect(parseState(null)).toStrictEqual(FRESH)
    expect(parseState(undefined)).toStrictEqual(FRESH)
    expect(parseState('')).toStrictEqual(FRESH)
  })

  it('is read as it was written', () => {
    const state = {
      budget: { ...FULL_BUDGET, tokens: 0.1 + 0.2, spent: 7 },
      breaker: { ...BREAKER, probe: { batch: 5, leaseExpiresAt: END } },
      batchSize: { max: 8, answered: 2, holdUntil: T },
      deliveredAt: T,
    }

    expect(parseState(JSON.stringify(state))).toStrictEqual(state)
  })

  it('has no time too far ahead after the clock went backwards', () => {
    const HOUR = 3_600 * SECOND
    const state = {
      ...FRESH,
      breaker: { ...BREAKER, retryAt: T + 9 * HOUR, probe: { batch: 5, leaseExpiresAt: T + 9 * HOUR } },
      batchSize: { max: 8, holdUntil: T + 9 * HOUR },
      deliveredAt: T + 9 * HOUR,
    }

    expect(clampState(state, T, END)).toStrictEqual({
      budget: FULL_BUDGET,
      breaker: { ...BREAKER, retryAt: T + 300 * SECOND, probe: { batch: 5, leaseExpiresAt: END } },
      batchSize: { max: 8, holdUntil: T + 600 * SECOND },
      deliveredAt: T,
    })
    expect(clampState(FRESH, T, END)).toStrictEqual(FRESH)
  })
})
