/** The dispatcher and owed cookies: each is a call of its own, and its outcome is logged without personal data. */
import { describe, expect, it } from 'vitest'
import type { OwedCookie, Verdict } from '../../../relay/index.ts'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'
import { DELIVERED, lead, SECOND, startDispatcher } from './start-dispatcher.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

/** Delivers a lead, and answers the calls for its cookie with these verdicts. */
async function start(...verdicts: (Verdict | Error)[]) {
  const asked: OwedCookie[] = []
  const started = startDispatcher({
    batchKeys: AFTER_LEAD,
    associate: async (owed) => {
      asked.push(owed)
      const verdict = verdicts.shift() ?? DELIVERED
      if (verdict instanceof Error) throw verdict
      return verdict
    },
  })
  await started.outbox.add([{ ...lead('a'), cookie: COOKIE }], NOW)
  started.dispatcher.wake()
  await started.called(1, DELIVERED)
  return { ...started, asked }
}

describe('the dispatcher', () => {
  it('has the cookie of a delivered lead associated, and logs it', async () => {
    const { asked, logged, events } = await start()

    await logged({ event: 'cookie-associated', id: 'a', attempt: 1, ms: 0 })

    const owed = { id: 'a', leadId: 700_123, email: 'a@acme.example', cookie: COOKIE, acceptedAt: NOW }
    expect(asked).toStrictEqual([owed])
    expect(events.map(({ event }) => event)).toStrictEqual(['delivered', 'cookie-associated'])
  })

  it('logs that a cookie is tried again, and that it is given up', async () => {
    const busy: Verdict = { kind: 'failed', fault: 'lead', arrived: 'yes', reason: '611' }
    const { logged, passTime, outbox } = await start(busy, { kind: 'park', reason: '1012 Invalid Cookie' })

    await logged({ event: 'cookie-retry', id: 'a', attempt: 1, reason: '611', dueAt: '2026-11-23T09:30:04.000Z' })
    expect(await passTime()).toBe(4 * SECOND)
    await logged({ event: 'cookie-given-up', id: 'a', attempt: 2, reason: '1012 Invalid Cookie' })

    expect(await outbox.find('a')).toMatchObject({ state: 'delivered' })
  })

  it('logs that a newer lead has the cookie, for which no call is made', async () => {
    const { logged, outbox } = await start({ kind: 'unaffected', reason: 'a newer lead has it', overtaken: true })

    await logged({ event: 'cookie-given-up', id: 'a', attempt: 1, reason: 'a newer lead has it' })

    expect(await outbox.find('a')).toMatchObject({
      state: 'delivered',
      notes: ['cookie left out: a later lead of the same visitor was delivered with it'],
    })
    expect(await outbox.status(NOW)).not.toHaveProperty('owed')
  })

  it('stops all calls when the one for a cookie shows that Marketo refuses the account', async () => {
    const { logged, outbox, calls } = await start({ kind: 'blocked', reason: '601' })

    await logged({ event: 'blocked', reason: '601', until: '2026-11-23T09:35:00.000Z' })
    await outbox.add([lead('b')], NOW)

    expect(await outbox.status(NOW)).toMatchObject({ breaker: { blocked: true }, waiting: 1, owed: 1 })
    expect(calls).toHaveLength(1)
  })

  it('survives a transport that throws, and logs no word of the error', async () => {
    const { logged, events } = await start(new TypeError('a@acme.example is odd'))

    await logged({ event: 'cookie-retry', reason: 'the transport failed: TypeError' })

    expect(JSON.stringify(events)).not.toMatch(/acme|_mch/)
  })
})
