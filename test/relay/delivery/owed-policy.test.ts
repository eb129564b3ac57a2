/** What the verdict on an owed cookie means. */
import { describe, expect, it } from 'vitest'
import { decideOwed } from '../../../relay/delivery/owed-policy.ts'
import { RETRY_SCHEDULE } from '../../../relay/delivery/retry-policy.ts'
import type { Verdict } from '../../../relay/index.ts'
import type { Outcome, OwedJob } from '../../../relay/outbox/outbox.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000
const DAY = 24 * 3_600 * SECOND
const LEASE_END = NOW + 100 * SECOND

/** Decides with the longest wait that the schedule allows. */
function outcomeOf(verdict: Verdict, over: Partial<OwedJob> = {}): Outcome {
  const cookie = { id: 'a', leadId: 7, email: 'a@acme.example', cookie: 'c', acceptedAt: NOW }
  const context = { now: NOW, random: () => 1, schedule: RETRY_SCHEDULE, batch: { leaseExpiresAt: LEASE_END } }
  return decideOwed(verdict, { cookie, attempt: 1, failures: 0, ...over }, context)
}

const FAILED = { kind: 'failed', reason: 'x', fault: 'lead', arrived: 'yes' } as const

describe('an owed cookie', () => {
  it.each<[string, Verdict, Outcome]>([
    ['is associated', { kind: 'delivered', leadId: 7 }, { kind: 'delivered', leadId: 7 }],
    [
      'is given up when Marketo will never take it',
      { kind: 'park', reason: '1012' },
      { kind: 'parked', reason: '1012' },
    ],
    [
      'is given up when Marketo refuses the cookie of the call',
      { kind: 'rejected', reason: '20110', attributes: [], cookie: true },
      { kind: 'parked', reason: '20110' },
    ],
    [
      'meets the limits of leads',
      { kind: 'limited', limit: 'day', reason: '607', waitMs: SECOND },
      { kind: 'limited', limit: 'day', reason: '607', retryAt: NOW + SECOND },
    ],
    [
      'stops the account when nothing gets through',
      { kind: 'blocked', reason: '20014' },
      { kind: 'stopped', retryAt: NOW + 300 * SECOND, reason: '20014', blocked: true },
    ],
    ['is tried again with a pause', FAILED, { kind: 'retry', dueAt: NOW + 4 * SECOND, reason: 'x' }],
    [
      'is not tried again while the call may still be running',
      { ...FAILED, arrived: 'maybe' },
      { kind: 'retry', dueAt: LEASE_END, reason: 'x', suspect: true },
    ],
  ])('%s', (_, verdict, outcome) => {
    expect(outcomeOf(verdict)).toStrictEqual(outcome)
  })

  it('is given up after five days of failures', () => {
    expect(outcomeOf(FAILED, { failures: 130, failingSince: NOW - 5 * DAY })).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(FAILED, { failures: 130, failingSince: NOW - 5 * DAY - 1 })).toMatchObject({
      kind: 'parked',
      reason: 'x; failed 131 times since 2026-11-18T09:29:59.999Z',
    })
  })

  it('is given up, and not the account, where a gateway refuses it three times and leads were delivered since', () => {
    const refused: Verdict = { kind: 'blocked', reason: 'HTTP 403', gateway: true, maxAttempts: 3 }

    expect(outcomeOf(refused)).toMatchObject({ kind: 'stopped', doubt: { failed: 1, lead: 'a' } })
    expect(outcomeOf(refused, { failures: 2, othersDelivered: true })).toMatchObject({ kind: 'parked' })
  })
})
