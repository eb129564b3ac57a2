import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { refusingTriggers } from '../suites/outbox/durability.ts'
import { lead, T, WIDE } from '../suites/outbox/leads.ts'
import { upgrading } from '../suites/outbox/sqlite/upgrade.ts'
import { durableOutboxSuite, type OutboxSettings } from '../suites/outbox/suite.ts'
import type { OutboxObject } from './worker.ts'

type Stub = DurableObjectStub<OutboxObject>

/** Creates an object whose storage is empty. */
function createObject(): Stub {
  return env.BARE.get(env.BARE.newUniqueId())
}

/** Calls the outbox in an object from outside: its storage may be used only within the object's own context. */
function outboxOf(stub: Stub, settings: OutboxSettings & { account?: string }): Outbox {
  const within = <R>(work: (outbox: Outbox) => Promise<R>): Promise<R> =>
    runInDurableObject(stub, async (object: OutboxObject) => work(await object.openOutbox(settings)))
  return {
    add: (leads, dueAt) => within((outbox) => outbox.add(leads, dueAt)),
    claim: (now, leaseExpiresAt, max) => within((outbox) => outbox.claim(now, leaseExpiresAt, max)),
    settle: (batch, settlements, now, limited) => within((outbox) => outbox.settle(batch, settlements, now, limited)),
    acquireSlot: (now, leaseExpiresAt) => within((outbox) => outbox.acquireSlot(now, leaseExpiresAt)),
    nextDueAt: (now) => within((outbox) => outbox.nextDueAt(now)),
    resume: (now) => within((outbox) => outbox.resume(now)),
    status: (now) => within((outbox) => outbox.status(now)),
    find: (id) => within((outbox) => outbox.find(id)),
    list: (state, limit, after) => within((outbox) => outbox.list(state, limit, after)),
    replay: (ids, edit, now) => within((outbox) => outbox.replay(ids, edit, now)),
    sweep: (before, limit) => within((outbox) => outbox.sweep(before, limit)),
  }
}

durableOutboxSuite('a Durable Object in workerd', (settings) => {
  const stub = createObject()
  return {
    outbox: outboxOf(stub, settings),
    async reopen(changed) {
      await evictDurableObject(stub)
      return outboxOf(stub, { ...settings, ...changed })
    },
    openAccount: (account) => outboxOf(stub, { ...settings, account }),
    refuse(id) {
      return runInDurableObject(stub, ({ sql }: OutboxObject) => {
        for (const trigger of refusingTriggers(id)) sql.run(trigger)
      })
    },
  }
})

describe('a Durable Object', () => {
  upgrading(async ({ statements }, limits) => {
    const stub = createObject()
    await runInDurableObject(stub, ({ sql }: OutboxObject) => {
      for (const statement of statements) sql.run(statement)
    })
    return outboxOf(stub, { limits, batchKeys: TEST_BATCH_KEYS })
  })

  it('refuses an outbox that a newer program has written', async () => {
    const settings = { limits: WIDE, batchKeys: TEST_BATCH_KEYS }
    const opening = runInDurableObject(createObject(), async (object: OutboxObject) => {
      await (await object.openOutbox(settings)).add([lead('a')], T)
      object.sql.run('UPDATE meta SET version = 99')
      return object.openOutbox(settings).then(() => 'opened')
    })

    await expect(opening).rejects.toThrow('the outbox has version 99')
  })
})
