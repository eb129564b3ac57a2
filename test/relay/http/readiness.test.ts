/** `/readyz` of several accounts: their sums, and each of them. */
import { describe, expect, it } from 'vitest'
import { readiness } from '../../../relay/http/readiness.ts'
import type { OutboxStatus } from '../../../relay/outbox/outbox.ts'

const NOW = Date.parse('2026-11-23T09:30:00Z')
const status = (change: Partial<OutboxStatus> = {}): OutboxStatus => ({
  waiting: 0,
  held: 0,
  parked: 0,
  delivered: 0,
  day: { spent: 0, of: 5_000, endsAt: NOW + 3_600_000 },
  ...change,
})
const breaker = { reason: '601: see MARKETO_CLIENT_ID', retryAt: NOW + 60_000, blocked: true }

it('one account without a name has no list of accounts, and its own calls', () => {
  const body = readiness(new Map([['default', status({ waiting: 3, breaker })]]), NOW)

  expect(body).not.toHaveProperty('accounts')
  expect(body).toMatchObject({
    ready: true,
    state: 'blocked',
    backlog: 3,
    breaker: { reason: breaker.reason },
    calls: { today: 0, of: 5_000 },
  })
})

const HELD = { form: 'contact', leads: 6 }
const HELD_TOO = { form: 'demo', leads: 1 }

it('several accounts have sums, the oldest age, and all issues with the worst first and the name of their account', () => {
  const accounts = new Map([
    [
      'default',
      status({
        delivered: 5,
        held: 6,
        heldByForm: [HELD],
        parked: 2,
        parkedAt: NOW - 9_000,
        oldestAt: NOW - 1_000,
        waiting: 1,
      }),
    ],
    [
      'sandbox',
      status({
        delivered: 1,
        held: 1,
        heldByForm: [HELD_TOO, HELD],
        waiting: 4,
        oldestAt: NOW - 8_000,
        owed: 3,
        breaker,
      }),
    ],
  ])

  const body = JSON.parse(JSON.stringify(readiness(accounts, NOW))) as Record<string, unknown>

  expect(body).toMatchObject({
    ready: true,
    state: 'blocked',
    backlog: 5,
    oldestAgeSeconds: 8,
    held: 7,
    heldByForm: [
      { form: 'contact', leads: 12 },
      { form: 'demo', leads: 1 },
    ],
    parked: 2,
    parkedAgeSeconds: 9,
    delivered: 6,
    owedCookies: 3,
    blocked: true,
    accounts: [
      { account: 'default', state: 'parked', backlog: 1, blocked: false, calls: { today: 0, of: 5_000 } },
      { account: 'sandbox', state: 'blocked', backlog: 4, blocked: true },
    ],
  })
  expect(body.issues).toMatchObject([
    { kind: 'blocked', account: 'sandbox', count: 4, reason: '601: see MARKETO_SANDBOX_CLIENT_ID' },
    { kind: 'parked', count: 2 },
  ])
  // Each account has its own.
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['calls']))
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['breaker']))
})

it('a spent budget comes before a parked lead, and one that will be spent after it', () => {
  const day = { of: 100, endsAt: NOW + 3_600_000 }
  const kinds = (spent: number) => {
    const accounts = new Map([
      ['default', status({ parked: 1, parkedAt: NOW })],
      ['sandbox', status({ day: { ...day, spent } })],
    ])
    return readiness(accounts, NOW).issues.map(({ kind }) => kind)
  }

  expect(kinds(100)).toEqual(['budget', 'parked'])
  expect(kinds(90)).toEqual(['parked', 'budget'])
})

it('a form that does not fit Marketo comes after an account that is blocked, and before a parked lead', () => {
  const accounts = new Map([
    ['default', status({ parked: 1, parkedAt: NOW })],
    ['sandbox', status({ breaker })],
  ])

  const body = readiness(accounts, NOW, [{ kind: 'drift', count: 1 }])

  expect(body).toMatchObject({ state: 'blocked', issues: [{ kind: 'blocked' }, { kind: 'drift' }, { kind: 'parked' }] })
})

it('the issues of the storage are those of no account', () => {
  const accounts = new Map([
    ['default', status()],
    ['sandbox', status()],
  ])

  const body = readiness(accounts, NOW, [{ kind: 'missing', count: 2 }])

  expect(body).toMatchObject({
    state: 'missing',
    issues: [{ kind: 'missing', count: 2 }],
    accounts: [
      { account: 'default', state: 'ok', issues: [] },
      { account: 'sandbox', state: 'ok', issues: [] },
    ],
  })
})

describe('the check of the forms', () => {
  const configuration = { checkedAt: '2026-11-23T09:00:00.000Z', errors: 0, warnings: 1, notChecked: [] }
  const drift = { kind: 'drift', count: 2, reason: 'form trial, fields.a: Marketo has no field "Hat__c".' } as const

  it('is shown beside the state of the account if there is one', () => {
    const checks = new Map([['default', { issues: [drift], configuration }]])

    const body = readiness(new Map([['default', status()]]), NOW, [], checks)

    expect(body).toMatchObject({ state: 'drift', issues: [drift], configuration })
    expect(readiness(new Map([['default', status()]]), NOW)).not.toHaveProperty('configuration')
  })

  it('is that of each account if there are several, and its issue carries the name of the account', () => {
    const accounts = new Map(['default', 'sandbox', 'labs'].map((name) => [name, status()]))
    const wrong = { ...configuration, errors: 2 }
    const checks = new Map([
      ['default', { issues: [], configuration }],
      ['sandbox', { issues: [drift], configuration: wrong }],
    ])

    const body = readiness(accounts, NOW, [], checks)

    expect(body).not.toHaveProperty('configuration')
    expect(body).toMatchObject({
      state: 'drift',
      issues: [{ ...drift, account: 'sandbox' }],
      accounts: [
        { account: 'default', state: 'ok', issues: [], configuration },
        { account: 'sandbox', state: 'drift', issues: [{ ...drift, account: 'sandbox' }], configuration: wrong },
        { account: 'labs', state: 'ok' },
      ],
    })
    expect((body.accounts as object[])[2]).not.toHaveProperty('configuration')
  })
})
