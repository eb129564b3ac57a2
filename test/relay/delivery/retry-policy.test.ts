import { describe, expect, it } from 'vitest'
import { decideOutcome, RETRY_SCHEDULE } from '../../../relay/delivery/retry-policy.ts'
import type { Verdict } from '../../../relay/index.ts'
import type { Batch, Job, Outcome } from '../../../relay/outbox/outbox.ts'
import { lead } from '../../suites/outbox/leads.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** End of the lease of the batch under test. */
const LEASE_END = NOW + 100 * SECOND

type Failed = Verdict & { kind: 'failed' }

/** Returns a job of its first attempt. */
function job(over: Partial<Job> = {}): Job {
  return { lead: lead('a', { acceptedAt: 0 }), attempt: 1, failures: 0, ...over }
}

/** Returns a failure of this lead that was answered, unless `over` says otherwise. */
function failed(over: Partial<Failed> = {}): Failed {
  return { kind: 'failed', reason: 'x', fault: 'lead', arrived: 'yes', ...over }
}

/** Decides with the longest wait that the schedule allows, unless `random` says otherwise. */
function outcomeOf(
  verdict: Verdict,
  of: Job = job(),
  {
    random = 1,
    probePassed = false,
    ...over
  }: Partial<Pick<Batch, 'jobs' | 'doubt'>> & { random?: number; probePassed?: boolean } = {},
): Outcome {
  const batch = { jobs: [of], leaseExpiresAt: LEASE_END, ...over }
  return decideOutcome(verdict, of, { now: NOW, random: () => random, schedule: RETRY_SCHEDULE, batch, probePassed })
}

describe('a verdict that needs no wait', () => {
  it.each<[string, Verdict, Outcome]>([
    ['delivered: the job is done', { kind: 'delivered', leadId: 7 }, { kind: 'delivered', leadId: 7 }],
    [
      'unaffected: the job goes again at once, in a batch of any size',
      { kind: 'unaffected', reason: '20105' },
      { kind: 'requeue', dueAt: NOW, reason: '20105' },
    ],
    [
      'rejected: the job goes again at once without these attributes',
      { kind: 'rejected', reason: '20105', attributes: ['Hat__c', 'Shoe__c'] },
      { kind: 'requeue', dueAt: NOW, reason: '20105', rejectedAttributes: ['Hat__c', 'Shoe__c'] },
    ],
    ['park: the job is parked', { kind: 'park', reason: '20110' }, { kind: 'parked', reason: '20110' }],
  ])('%s', (_, verdict, outcome) => {
    expect(outcomeOf(verdict)).toEqual(outcome)
  })
})

describe('a limit that was met', () => {
  it.each(['rate', 'concurrency', 'day'] as const)('pauses the account as long as the answer implies: %s', (limit) => {
    const outcome = outcomeOf({ kind: 'limited', limit, reason: 'too many', waitMs: 2 * SECOND })

    expect(outcome).toEqual({ kind: 'limited', limit, retryAt: NOW + 2 * SECOND, reason: 'too many' })
  })
})

describe('a failure of one lead', () => {
  it.each([
    [0, 4 * SECOND],
    [1, 8 * SECOND],
    [4, 64 * SECOND],
    [9, 2048 * SECOND],
    [10, HOUR],
    [500, HOUR],
  ])('after %i earlier failures waits a random part of %i ms', (failures, limit) => {
    const waits = [1, 0.25, 0].map((random) => outcomeOf(failed(), job({ failures }), { random }))

    expect(waits).toEqual([limit, limit / 4, 0].map((wait) => ({ kind: 'retry', dueAt: NOW + wait, reason: 'x' })))
  })

  it('waits at least as long as the answer implies', () => {
    const outcome = outcomeOf(failed({ waitMs: 20 * SECOND }), job(), { random: 0.5 })

    expect(outcome).toEqual({ kind: 'retry', dueAt: NOW + 22 * SECOND, reason: 'x' })
  })

  it('parks the lead after the number of failures that the verdict names, and counts no other attempt', () => {
    const verdict = failed({ reason: 'FAILED', maxAttempts: 5 })

    expect(outcomeOf(verdict, job({ attempt: 99, failures: 3 }))).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(verdict, job({ failures: 4 }))).toEqual({ kind: 'parked', reason: 'FAILED; failed 5 times' })
  })

  it('parks the lead once it has failed for five days, however long ago it was accepted', () => {
    const failing = (since: number) => job({ failures: 98, failingSince: since })

    expect(outcomeOf(failed(), job())).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(failed(), failing(NOW - 5 * DAY))).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(failed(), failing(NOW - 5 * DAY - 1))).toEqual({
      kind: 'parked',
      reason: 'x; failed 99 times since 2026-11-18T09:29:59.999Z',
    })
  })

  it('that may have arrived waits until its lease has expired, and makes the lead suspect', () => {
    const [early, late] = [0, 1].map((random) =>
      outcomeOf(failed({ arrived: 'maybe' }), job({ failures: 9 }), { random }),
    )

    expect(early).toEqual({ kind: 'retry', dueAt: LEASE_END, reason: 'x', suspect: true })
    expect(late).toEqual({ kind: 'retry', dueAt: NOW + 2048 * SECOND, reason: 'x', suspect: true })
  })

  it('that may have arrived parks the lead in the end, too', () => {
    const outcome = outcomeOf(failed({ arrived: 'maybe', maxAttempts: 5 }), job({ failures: 4 }))

    expect(outcome).toEqual({ kind: 'parked', reason: 'x; failed 5 times' })
  })
})

describe('a failure of the batch', () => {
  it.each(['no', 'yes'] as const)('goes again at once in a smaller batch; arrived: %s', (arrived) => {
    const outcome = outcomeOf(failed({ fault: 'batch', arrived }))

    expect(outcome).toEqual({ kind: 'requeue', dueAt: NOW, reason: 'x', batch: 'refused' })
  })

  it('waits as long as the answer implies', () => {
    const outcome = outcomeOf(failed({ fault: 'batch', waitMs: 7 * SECOND }))

    expect(outcome).toMatchObject({ kind: 'requeue', dueAt: NOW + 7 * SECOND })
  })

  it('that may have arrived waits until its lease has expired, and says that there was no answer', () => {
    const verdict = failed({ fault: 'batch', arrived: 'maybe' })
    const [early, late] = [0, 1].map((random) => outcomeOf(verdict, job({ failures: 9 }), { random }))

    expect(early).toEqual({ kind: 'requeue', dueAt: LEASE_END, reason: 'x', batch: 'unanswered' })
    expect(late).toEqual({ kind: 'requeue', dueAt: NOW + 2048 * SECOND, reason: 'x', batch: 'unanswered' })
  })

  it('never parks a lead', () => {
    const old = job({ attempt: 99, failures: 99, failingSince: NOW - 30 * DAY })

    const outcomes = (['yes', 'maybe'] as const).map((arrived) =>
      outcomeOf(failed({ fault: 'batch', arrived, maxAttempts: 5 }), old),
    )

    expect(outcomes).toMatchObject([{ kind: 'requeue' }, { kind: 'requeue' }])
  })
})

describe('a failure of the account', () => {
  const down = (over: Partial<Failed> = {}) => failed({ reason: 'down', fault: 'account', ...over })

  it.each([
    [1, 2 * SECOND],
    [5, 32 * SECOND],
    [6, MINUTE],
    [400, MINUTE],
  ])('at attempt %i stops the account for a random part of %i ms', (attempt, limit) => {
    const waits = [1, 0.25, 0].map((random) => outcomeOf(down({ arrived: 'no' }), job({ attempt }), { random }))

    expect(waits).toEqual(
      [limit, limit / 4, 0].map((wait) => ({ kind: 'stopped', retryAt: NOW + wait, reason: 'down', blocked: false })),
    )
  })

  it('stops the account at least as long as the answer implies', () => {
    const outcome = outcomeOf(down({ waitMs: 20 * SECOND }), job(), { random: 0 })

    expect(outcome).toEqual({ kind: 'stopped', retryAt: NOW + 20 * SECOND, reason: 'down', blocked: false })
  })

  it('leaves a lead that was never sent in its place, at every attempt', () => {
    const outcomes = [29, 30, 31].map((attempt) => outcomeOf(down({ arrived: 'no' }), job({ attempt })))

    for (const outcome of outcomes) expect(outcome).not.toHaveProperty('dueAt')
  })
})

describe('a failure that the lead itself may have caused', () => {
  const unread = (over: Partial<Failed> = {}) =>
    failed({ reason: '503', fault: 'account', maxAttempts: 8, gateway: true, ...over })
  const refused: Verdict = { kind: 'blocked', reason: '403', maxAttempts: 3, gateway: true }

  it('stops the account for two seconds at most, and lets other leads go first', () => {
    const outcomes = [unread(), refused].map((verdict) => outcomeOf(verdict))

    expect(outcomes).toEqual([
      {
        kind: 'stopped',
        retryAt: NOW + 2 * SECOND,
        reason: '503',
        blocked: false,
        dueAt: NOW + 4 * SECOND,
        doubt: { failed: 1, lead: 'a' },
      },
      {
        kind: 'stopped',
        retryAt: NOW + 2 * SECOND,
        reason: '403',
        blocked: true,
        dueAt: NOW + 4 * SECOND,
        doubt: { failed: 1, lead: 'a' },
      },
    ])
  })

  it('stops the account for longer with each other lead that fails', () => {
    const pauses = [1, 2, 5, 6].map((count) => outcomeOf(unread(), job(), { doubt: { failed: count, lead: 'z' } }))

    expect(pauses.map((outcome) => 'retryAt' in outcome && outcome.retryAt - NOW)).toEqual([
      4 * SECOND,
      8 * SECOND,
      MINUTE,
      MINUTE,
    ])
    expect(pauses[0]).toMatchObject({ doubt: { failed: 2, lead: 'a' } })
  })

  it('stops a refused account for five minutes once a second lead was refused', () => {
    const outcome = outcomeOf(refused, job(), { doubt: { failed: 1, lead: 'z' } })

    expect(outcome).toMatchObject({ retryAt: NOW + 5 * MINUTE, blocked: true, doubt: { failed: 2 } })
  })

  it('tells nothing new of the account when the same lead fails again, and that lead waits for longer', () => {
    const again = (attempt: number) => outcomeOf(refused, job({ attempt }), { doubt: { failed: 1, lead: 'a' } })

    expect(again(3)).toMatchObject({ retryAt: NOW + 2 * SECOND, dueAt: NOW + 16 * SECOND, doubt: { failed: 1 } })
    expect(again(50)).toMatchObject({ retryAt: NOW + 2 * SECOND, dueAt: NOW + 5 * MINUTE })
  })

  it('makes a lead that may have arrived wait until its lease has expired, and less and less often be tried', () => {
    const lost = unread({ arrived: 'maybe' })

    expect(outcomeOf(lost, job(), { random: 0 })).toMatchObject({ retryAt: NOW, dueAt: LEASE_END })
    expect(outcomeOf(lost, job({ attempt: 7 }))).toMatchObject({ dueAt: NOW + 256 * SECOND })
    expect(outcomeOf(lost, job({ attempt: 20 }))).toMatchObject({ dueAt: NOW + HOUR })
    expect(outcomeOf({ ...lost, waitMs: HOUR }, job(), { random: 0 })).toMatchObject({
      retryAt: NOW + HOUR,
      dueAt: NOW + HOUR,
    })
  })

  it.each<[string, Partial<Job>, boolean]>([
    ['a call without a lead gets through', {}, true],
    ['another lead was delivered since the last attempt', { othersDelivered: true }, false],
  ])('is the lead’s own when %s: it is retried alone, and parked in the end', (_, over, probePassed) => {
    const outcomes = [0, 1, 2].map((failures) => outcomeOf(refused, job({ ...over, failures }), { probePassed }))

    expect(outcomes).toEqual([
      { kind: 'retry', dueAt: NOW + 4 * SECOND, reason: '403; other calls pass', suspect: true },
      { kind: 'retry', dueAt: NOW + 8 * SECOND, reason: '403; other calls pass', suspect: true },
      { kind: 'parked', reason: '403; other calls pass; failed 3 times' },
    ])
  })

  it.each<[string, Partial<Job>, boolean]>([
    ['a call without a lead gets through', {}, true],
    ['another lead was delivered since the last attempt of one of them', { othersDelivered: true }, false],
  ])('is of one lead of the batch when %s: the batch goes in halves', (_, over, probePassed) => {
    const [a, b] = [job(over), job({ lead: lead('b') })]
    const context = { jobs: [a, b], probePassed }

    expect(outcomeOf(refused, b, context)).toEqual({
      kind: 'requeue',
      batch: 'intercepted',
      reason: '403',
      dueAt: NOW,
    })
    expect(outcomeOf(unread({ arrived: 'maybe' }), b, context)).toMatchObject({ dueAt: LEASE_END })
    const fault: Verdict = { kind: 'blocked', reason: '20017', maxAttempts: 3 }
    expect(outcomeOf(fault, b, context)).toMatchObject({ batch: 'refused' })
  })

  it('stops the account when nothing else got through, and no lead of the batch is named', () => {
    const outcome = outcomeOf(refused, job(), { jobs: [job(), job({ lead: lead('b') })] })

    expect(outcome).toMatchObject({ kind: 'stopped', doubt: { failed: 1 } })
    expect(outcome).not.toHaveProperty('doubt.lead')
  })
})

describe('a refused account', () => {
  const refused: Verdict = { kind: 'blocked', reason: '20014' }

  it('stops the account for five minutes, and the lead keeps its place', () => {
    const outcome = outcomeOf(refused)

    expect(outcome).toEqual({ kind: 'stopped', retryAt: NOW + 5 * MINUTE, reason: '20014', blocked: true })
  })
})

it.each<[string, Verdict]>([
  ['a failure of the account', failed({ fault: 'account', maxAttempts: 5 })],
  ['a failure of the account that may have arrived', failed({ fault: 'account', arrived: 'maybe', maxAttempts: 5 })],
  ['a refused account', { kind: 'blocked', reason: '20014' }],
  ['a limit', { kind: 'limited', limit: 'day', reason: '20015', waitMs: 0 }],
])('no lead is parked for %s, however long it lasts', (_, verdict) => {
  const old = job({ attempt: 99, failures: 99, failingSince: NOW - 30 * DAY })

  expect(outcomeOf(verdict, old).kind).not.toBe('parked')
})
