import { describe, expect, it } from 'vitest'
import { decideOutcome, RETRY_SCHEDULE } from '../../../relay/delivery/retry-policy.ts'
import type { Lead, Verdict } from '../../../relay/index.ts'
import type { Job, Turn } from '../../../relay/outbox/outbox.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** When the call under test is over for the outbox. */
const OVER = NOW + 100 * SECOND

function lead(id: string, ...names: string[]): Lead {
  const email = `${id}@acme.example`
  const attributes = names.map((name) => ({ name, value: 'x' }))
  return { id, form: 'contact', person: email, email, attributes, acceptedAt: NOW, notes: [] }
}

function job(over: Partial<Job> = {}): Job {
  return { lead: lead('a'), attempt: 1, failures: 0, ...over }
}

/** What becomes of a job that went in a call of its own, or in those turns. */
function outcomeOf(
  verdict: Verdict,
  one: Job,
  { random = 1, turns = [[one]] }: { random?: number; turns?: Turn[] } = {},
) {
  return decideOutcome(verdict, one, {
    now: NOW,
    random: () => random,
    schedule: RETRY_SCHEDULE,
    call: { turns, leaseExpiresAt: OVER },
  })
}

const DOWN: Verdict = { kind: 'retry', reason: 'down', everyone: true }

describe('what a verdict does', () => {
  it.each([
    [0, 4 * SECOND],
    [1, 8 * SECOND],
    [4, 64 * SECOND],
    [9, 2048 * SECOND],
    [10, HOUR],
    [500, HOUR],
  ])('a lead that has failed %i times before waits anything up to %i ms', (failures, limit) => {
    const retry: Verdict = { kind: 'retry', reason: 'x' }

    const waits = [1, 0.25, 0].map((random) => outcomeOf(retry, job({ failures }), { random }))

    expect(waits).toEqual([limit, limit / 4, 0].map((wait) => ({ kind: 'retry', dueAt: NOW + wait, reason: 'x' })))
  })

  it('waits at the least as long as Marketo’s answer implies', () => {
    const outcome = outcomeOf({ ...DOWN, after: 20 * SECOND }, job(), { random: 0 })

    expect(outcome).toMatchObject({ kind: 'halted', until: NOW + 20 * SECOND, blocked: false })
  })

  it('parks after as many failures as the answer is worth, and not for attempts that failed for all', () => {
    const verdict: Verdict = { kind: 'retry', reason: 'FAILED', atMost: 5 }

    expect(outcomeOf(verdict, job({ attempt: 99, failures: 3 }))).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(verdict, job({ failures: 4 }))).toEqual({ kind: 'parked', reason: 'FAILED; failed 5 times' })
  })

  it('parks a lead that has failed for five days, however old it is', () => {
    const verdict: Verdict = { kind: 'retry', reason: 'timed out' }
    const failing = (since: number) => job({ lead: { ...lead('a'), acceptedAt: 0 }, failures: 98, failingSince: since })

    expect(outcomeOf(verdict, job({ lead: { ...lead('a'), acceptedAt: 0 } }))).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(verdict, failing(NOW - 5 * DAY))).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(verdict, failing(NOW - 5 * DAY - 1))).toEqual({
      kind: 'parked',
      reason: 'timed out; failed 99 times since 2026-11-18T09:29:59.999Z',
    })
  })

  it('never parks for an outage or a refused account, however long', () => {
    const old = job({ attempt: 99, failures: 99, failingSince: NOW - 30 * DAY })

    expect(outcomeOf(DOWN, old)).toMatchObject({ kind: 'halted' })
    expect(outcomeOf({ kind: 'blocked', reason: '20014' }, old)).toMatchObject({ kind: 'halted', blocked: true })
  })

  it('lets another lead try when one has kept the line waiting thirty times', () => {
    const [at29, at30, at31] = [29, 30, 31].map((attempt) => outcomeOf(DOWN, job({ attempt })))

    expect(at29).toEqual({ kind: 'halted', until: NOW + MINUTE, reason: 'down', blocked: false })
    expect(at30).toMatchObject({ kind: 'halted', until: NOW + MINUTE, dueAt: NOW + 2 * MINUTE })
    expect(at31).not.toHaveProperty('dueAt')
  })

  it('never takes a lead for the cause that was not even sent: it keeps its place', () => {
    const outcome = outcomeOf({ ...DOWN, neverArrived: true }, job({ attempt: 30 }))

    expect(outcome).toEqual({ kind: 'halted', until: NOW + MINUTE, reason: 'down', blocked: false })
  })

  it('sends nothing again on which Marketo may still be at work, until its call is over', () => {
    const late = outcomeOf({ kind: 'retry', reason: 'late', uncertain: true }, job(), { random: 0 })
    const lost = outcomeOf({ ...DOWN, uncertain: true }, job(), { random: 0 })

    expect(late).toEqual({ kind: 'retry', dueAt: OVER, reason: 'late' })
    expect(lost).toEqual({ kind: 'halted', until: NOW, reason: 'down', blocked: false, dueAt: OVER })
  })

  it('takes a call apart that took too long, once it is over', () => {
    const turns = Array.from({ length: 300 }, (_, at): Turn => [job({ lead: lead(`l${at}`) })])

    const outcome = outcomeOf({ kind: 'retry', reason: 'late', uncertain: true }, turns[7]![0]!, { turns })

    expect(outcome).toEqual({ kind: 'again', dueAt: OVER, reason: 'late', share: 30 })
  })

  it('tries a lead ever less often at which connections break, while others go on', () => {
    const outcome = outcomeOf({ ...DOWN, uncertain: true }, job({ attempt: 20 }))

    expect(outcome).toMatchObject({ until: NOW + MINUTE, dueAt: NOW + HOUR })
  })

  it.each(['rate', 'concurrency', 'day'] as const)('has all keep to less when the limit was met: %s', (limit) => {
    const outcome = outcomeOf({ kind: 'limited', limit, reason: 'too many', after: 2 * SECOND }, job())

    expect(outcome).toEqual({ kind: 'limited', limit, until: NOW + 2 * SECOND, reason: 'too many' })
  })

  it('goes again at once without the attributes that Marketo does not know', () => {
    const verdict: Verdict = { kind: 'refused', reason: '20105', attributes: ['Shoe__c', 'Hat__c'] }

    const outcome = outcomeOf(verdict, job({ lead: lead('a', 'FirstName', 'Hat__c') }))

    expect(outcome).toEqual({ kind: 'again', dueAt: NOW, reason: '20105', refused: ['Hat__c'] })
  })

  it.each([
    [300, 30],
    [30, 3],
    [3, 1],
    [2, 1],
  ])('takes a call of %i leads apart into calls of %i when nobody knows whose fault it was', (leads, share) => {
    const turns = Array.from({ length: leads }, (_, at): Turn => [job({ lead: lead(`l${at}`) })])

    const outcome = outcomeOf({ kind: 'again', reason: '20110', apart: true }, turns[0]![0]!, { turns })

    expect(outcome).toEqual({ kind: 'again', dueAt: NOW, reason: '20110', share })
  })

  it('sends those again as they are who were not at fault', () => {
    const turns = [[job()], [job({ lead: lead('b') })]]

    const outcome = outcomeOf({ kind: 'again', reason: '20105' }, turns[1]![0]!, { turns })

    expect(outcome).toEqual({ kind: 'again', dueAt: NOW, reason: '20105' })
  })

  it('parks one lead for what it is, and tries each of a merged turn by itself first', () => {
    const verdict: Verdict = { kind: 'park', reason: '20110' }
    const turn = [job(), job({ lead: lead('a2') })]

    expect(outcomeOf(verdict, job())).toEqual({ kind: 'parked', reason: '20110' })
    expect(outcomeOf(verdict, turn[1]!, { turns: [turn] })).toEqual({
      kind: 'again',
      dueAt: NOW,
      reason: '20110',
      share: 1,
    })
  })

  it('parks none of a merged turn for failures that need not be its own', () => {
    const verdict: Verdict = { kind: 'retry', reason: 'FAILED', atMost: 5 }
    const turn = [job({ failures: 4 }), job({ lead: lead('a2'), failures: 4 })]

    const outcomes = turn.map((one) => outcomeOf(verdict, one, { turns: [turn] }))

    expect(outcomes).toEqual(
      turn.map(() => ({ kind: 'again', dueAt: NOW, reason: 'FAILED; failed 5 times', share: 1 })),
    )
  })

  it.each<[string, Verdict]>([
    ['took too long', { kind: 'retry', reason: 'late', uncertain: true }],
    ['was refused', { kind: 'again', reason: '20110', apart: true }],
  ])('keeps together what was merged when it takes a call apart that %s', (_, verdict) => {
    const turn = [job(), job({ lead: lead('a2') }), job({ lead: lead('a3') })]
    const turns = [turn, [job({ lead: lead('b') })]]

    const outcomes = turns.flat().map((one) => outcomeOf(verdict, one, { turns }))

    expect(outcomes).toMatchObject([3, 3, 3, 1].map((share) => ({ kind: 'again', share })))
  })

  it('takes no turn apart for being late: it is tried again as it is', () => {
    const turn = [job(), job({ lead: lead('a2') })]

    const outcome = outcomeOf({ kind: 'retry', reason: 'late', uncertain: true }, turn[0]!, {
      random: 0,
      turns: [turn],
    })

    expect(outcome).toEqual({ kind: 'retry', dueAt: OVER, reason: 'late' })
  })
})
