import { describe, expect, it } from 'vitest'
import type { OutboxStatus } from '../../../relay/index.ts'
import { healthIssues } from '../../../relay/monitoring/health.ts'
import { NOW } from '../../support/relay.ts'
import { BREAKER, HOUR, MINUTE, OUTAGE, PARKED, SECOND, spent, statusWith } from './status.ts'

describe('the list of health issues', () => {
  it('is empty while leads are accepted and delivered', () => {
    const busy = statusWith({ waiting: 900, oldestAt: NOW - 4 * MINUTE, delivered: 70_000, ...spent(3_999) })

    expect(healthIssues(busy, NOW)).toEqual([])
  })

  it.each<[string, Partial<OutboxStatus>, object]>([
    [
      'Marketo rejects the account',
      { waiting: 3, oldestAt: NOW - 90 * SECOND, breaker: BREAKER },
      {
        kind: 'blocked',
        count: 3,
        ageSeconds: 90,
        reason: '20014 Authentication failed',
        until: '2026-11-23T09:35:00.000Z',
      },
    ],
    [
      'no lead gets through for now',
      OUTAGE,
      {
        kind: 'outage',
        count: 3,
        ageSeconds: 0,
        reason: 'Marketo can’t be reached',
        until: '2026-11-23T09:35:00.000Z',
      },
    ],
    [
      'a lead has waited for five minutes',
      { waiting: 12, oldestAt: NOW - 5 * MINUTE },
      { kind: 'backlog', count: 12, ageSeconds: 300 },
    ],
    [
      'leads are parked',
      { parked: 2, parkedAt: NOW - 2 * 24 * HOUR },
      { kind: 'parked', count: 2, ageSeconds: 172_800 },
    ],
    [
      'an operator has all new leads of two forms held',
      {
        heldForms: [
          { form: 'contact', by: 'ana', reason: 'a flood', since: NOW - MINUTE },
          { form: 'demo', by: 'bo', reason: 'x', since: NOW },
        ],
      },
      {
        kind: 'form-held',
        count: 2,
        ageSeconds: 60,
        reason: 'all new leads are held: contact (ana: a flood), demo (bo: x)',
      },
    ],
    [
      'leads will expire within a week',
      { expiring: { leads: 3, firstAt: NOW + 24 * HOUR } },
      {
        kind: 'expiring',
        count: 3,
        reason: 'parked and held leads are discarded after FORM_SYNC_PARKED_DAYS',
        until: '2026-11-24T09:30:00.000Z',
      },
    ],
    [
      'four fifths of the day’s calls are spent',
      spent(4_000),
      {
        kind: 'budget',
        count: 4_000,
        of: 5_000,
        reason: '80 % of the calls that MARKETO_CALLS_PER_DAY allows are spent',
        until: '2026-11-24T06:00:00.000Z',
      },
    ],
    [
      'the day’s calls of our own limit are spent',
      spent(5_000),
      {
        kind: 'budget',
        count: 5_000,
        of: 5_000,
        metLimit: 'own',
        reason: 'all calls that MARKETO_CALLS_PER_DAY allows are spent',
        until: '2026-11-24T06:00:00.000Z',
      },
    ],
    [
      'the day’s calls are spent that leads do not leave to servers',
      { day: { ...spent(4_700).day, servers: { spent: 200, of: 500 } } },
      {
        kind: 'budget',
        count: 4_700,
        of: 5_000,
        metLimit: 'own',
        reason:
          'all calls that MARKETO_CALLS_PER_DAY allows are spent but 300, which are kept for servers (MARKETO_SERVER_SHARE)',
        until: '2026-11-24T06:00:00.000Z',
      },
    ],
    [
      'leads with weak evidence were put off',
      { day: { ...spent(1_200).day, weak: { spent: 1_000, of: 1_000, putOff: 37 } } },
      {
        kind: 'weak',
        count: 37,
        reason: 'the 1000 calls a day for leads with weak evidence are used up (MARKETO_WEAK_SHARE)',
        until: '2026-11-24T06:00:00.000Z',
      },
    ],
    [
      'Marketo reports that its own limit is met',
      { day: { ...spent(70).day, quotaRetryAt: NOW + HOUR } },
      {
        kind: 'budget',
        count: 70,
        of: 5_000,
        metLimit: 'marketo',
        reason: 'Marketo reports that its quota of calls a day is spent (fault 20015)',
        until: '2026-11-23T10:30:00.000Z',
      },
    ],
    [
      'both limits of the day are met',
      { day: { ...spent(5_000).day, quotaRetryAt: NOW + HOUR } },
      {
        kind: 'budget',
        count: 5_000,
        of: 5_000,
        metLimit: 'marketo',
        reason: 'Marketo reports that its quota of calls a day is spent (fault 20015)',
        until: '2026-11-24T06:00:00.000Z',
      },
    ],
  ])('names counts, ages and the reason when %s', (_, status, issue) => {
    expect(healthIssues(statusWith(status), NOW)).toEqual([issue])
  })

  it.each([
    ['blocked', BREAKER, 5_000, ['blocked', 'budget', 'backlog', 'parked']],
    ['in an outage', { ...BREAKER, blocked: false }, 5_000, ['budget', 'outage', 'backlog', 'parked']],
    ['in an outage with calls left', { ...BREAKER, blocked: false }, 4_500, ['outage', 'backlog', 'parked', 'budget']],
  ])('has the worst issue first when %s', (_, breaker, calls, kinds) => {
    const status = statusWith({ waiting: 1, oldestAt: NOW - HOUR, ...PARKED, breaker, ...spent(calls) })

    expect(healthIssues(status, NOW).map(({ kind }) => kind)).toEqual(kinds)
  })

  it('has the issues of the storage among the others: refused leads first, lost ones before parked ones, a reader last', () => {
    const status = statusWith({ waiting: 1, oldestAt: NOW - HOUR, ...PARKED, ...spent(4_500) })
    const ofStorage = (['reader', 'missing', 'quarantined', 'full'] as const).map((kind) => ({ kind, count: 1 }))

    const kinds = healthIssues(status, NOW, ofStorage).map(({ kind }) => kind)

    expect(kinds).toEqual(['full', 'backlog', 'missing', 'quarantined', 'parked', 'budget', 'reader'])
  })
})
