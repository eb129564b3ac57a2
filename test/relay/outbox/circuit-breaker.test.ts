import { describe, expect, it } from 'vitest'
import {
  breakerAfter,
  breakerStatus,
  clampBreaker,
  probeAt,
  withProbe,
  type Breaker,
} from '../../../relay/outbox/circuit-breaker.ts'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'

const HOUR = 3_600 * SECOND
const END = T + 60 * SECOND

const DELIVERED: Outcome = { kind: 'delivered', leadId: 7 }
const PARKED: Outcome = { kind: 'parked', reason: 'no' }
const RETRY: Outcome = { kind: 'retry', dueAt: T, reason: 'busy' }
const REQUEUE: Outcome = { kind: 'requeue', dueAt: T, reason: 'busy', batch: 'unanswered' }
const LIMITED: Outcome = { kind: 'limited', limit: 'rate', retryAt: T, reason: 'busy' }

function stopped(retryAt: number, reason = 'no answer', blocked = false): Outcome {
  return { kind: 'stopped', retryAt, reason, blocked }
}

/** A half-open breaker whose probe is batch 5. */
const PROBED: Breaker = {
  retryAt: T,
  reason: 'no answer',
  blocked: false,
  passed: 1,
  probe: { batch: 5, leaseExpiresAt: END },
}
const { probe: _, ...UNPROBED } = PROBED

describe('the circuit breaker', () => {
  it('opens with a batch of which one job was stopped', () => {
    expect(breakerAfter(undefined, 1, [DELIVERED, stopped(END), RETRY])).toStrictEqual({
      retryAt: END,
      reason: 'no answer',
      blocked: false,
      passed: 0,
    })
  })

  it('does not open with other outcomes', () => {
    expect(breakerAfter(undefined, 1, [DELIVERED, RETRY, PARKED, REQUEUE, LIMITED])).toBeUndefined()
    expect(breakerAfter(undefined, 1, [])).toBeUndefined()
  })

  it('takes the longest wait of one batch and of several, and the reason with it', () => {
    const after = breakerAfter(undefined, 1, [stopped(T), stopped(END, 'bad key', true), stopped(T + 1)])

    expect(after).toMatchObject({ retryAt: END, reason: 'bad key', blocked: true })
    expect(breakerAfter(after, 2, [stopped(END - 1)])).toMatchObject({ retryAt: END, reason: 'bad key', blocked: true })
    expect(breakerAfter(after, 2, [stopped(END)])).toMatchObject({ retryAt: END, reason: 'no answer', blocked: false })
  })

  it('allows a probe when its time has come, and not before the lease of the last probe expires', () => {
    const breaker = breakerAfter(undefined, 1, [stopped(END)])!

    expect(probeAt(breaker)).toBe(END)
    expect(probeAt(withProbe(breaker, 2, END + 1))).toBe(END + 1)
    expect(probeAt(withProbe(breaker, 2, END - 1))).toBe(END)
  })

  it.each<[string, Outcome[], Breaker | undefined]>([
    ['delivered', [DELIVERED], { ...UNPROBED, passed: 2 }],
    ['parked', [PARKED], { ...UNPROBED, passed: 2 }],
    ['delivered in part', [RETRY, DELIVERED], { ...UNPROBED, passed: 2 }],
    ['retried', [RETRY], UNPROBED],
    ['requeued', [REQUEUE], UNPROBED],
    ['limited', [LIMITED], UNPROBED],
    ['ended without a settlement', [], UNPROBED],
    ['stopped again', [stopped(END, 'bad key', true)], { retryAt: END, reason: 'bad key', blocked: true, passed: 0 }],
  ])('has no probe and the right count after its probe was %s', (_, outcomes, expected) => {
    expect(breakerAfter(PROBED, 5, outcomes)).toStrictEqual(expected)
  })

  it.each<[string, Outcome[], Breaker | undefined]>([
    ['delivered', [DELIVERED], PROBED],
    [
      'stopped for longer',
      [stopped(END, 'bad key', true)],
      { ...PROBED, retryAt: END, reason: 'bad key', blocked: true, passed: 0 },
    ],
  ])('keeps its probe when another batch was %s', (_, outcomes, expected) => {
    expect(breakerAfter(PROBED, 4, outcomes)).toStrictEqual(expected)
  })

  it('closes when three consecutive probes got through', () => {
    let breaker = breakerAfter(undefined, 1, [stopped(T)])
    const open: boolean[] = []
    for (const batch of [2, 3, 4]) {
      breaker = breakerAfter(withProbe(breaker!, batch, END), batch, [DELIVERED])
      open.push(breaker !== undefined)
    }

    expect(open).toStrictEqual([true, true, false])
  })

  it('is reported until a probe has got through', () => {
    expect(breakerStatus(undefined)).toStrictEqual({})
    expect(breakerStatus({ ...PROBED, passed: 0 })).toStrictEqual({
      breaker: { reason: 'no answer', retryAt: END, blocked: false },
    })
    expect(breakerStatus(PROBED)).toStrictEqual({})
  })

  it('stays open for five minutes at most, and waits for a probe no longer than a lease, when the clock went backwards', () => {
    const breaker: Breaker = { ...PROBED, retryAt: T + 3 * HOUR, probe: { batch: 5, leaseExpiresAt: T + 3 * HOUR } }

    expect(clampBreaker(breaker, T, END)).toStrictEqual({
      ...breaker,
      retryAt: T + 300 * SECOND,
      probe: { batch: 5, leaseExpiresAt: END },
    })
    expect(clampBreaker(PROBED, T, END)).toStrictEqual(PROBED)
    expect(clampBreaker(UNPROBED, T, END)).not.toHaveProperty('probe')
  })
})
