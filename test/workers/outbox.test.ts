import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import type { OutboxOptions } from '../../relay/outbox/options.ts'
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { VERSION_1 } from '../relay/outbox/sqlite/version-1.ts'
import { refusingTriggers } from '../suites/outbox/durability.ts'
import { LATER, lead, T, WIDE } from '../suites/outbox/leads.ts'
import { durableOutboxSuite } from '../suites/outbox/suite.ts'
import type { OutboxObject } from './worker.ts'

type Stub = DurableObjectStub<OutboxObject>
type Options = Omit<OutboxOptions, 'crypto'>

const OPTIONS: Options = { limits: WIDE, batchKeys: TEST_BATCH_KEYS }

/** Returns the outbox of an object. Each call runs in the object, since storage is accessible only in its context. */
function outboxOf(stub: Stub, options: Options): Outbox {
  const within = <R>(work: (outbox: Outbox) => Promise<R>): Promise<R> =>
    runInDurableObject(stub, async (object: OutboxObject) => work(await object.outbox(options)))
  return {
    add: (...args) => within((outbox) => outbox.add(...args)),
    claim: (...args) => within((outbox) => outbox.claim(...args)),
    settle: (...args) => within((outbox) => outbox.settle(...args)),
    acquireSlot: (...args) => within((outbox) => outbox.acquireSlot(...args)),
    nextDueAt: (...args) => within((outbox) => outbox.nextDueAt(...args)),
    resume: (...args) => within((outbox) => outbox.resume(...args)),
    status: (...args) => within((outbox) => outbox.status(...args)),
    find: (...args) => within((outbox) => outbox.find(...args)),
    list: (...args) => within((outbox) => outbox.list(...args)),
    replay: (...args) => within((outbox) => outbox.replay(...args)),
    sweep: (...args) => within((outbox) => outbox.sweep(...args)),
  }
}

function open(): Stub {
  return env.BARE.get(env.BARE.newUniqueId())
}

durableOutboxSuite('a Durable Object in workerd', (settings) => {
  const stub = open()
  return {
    outbox: outboxOf(stub, settings),
    async reopen(changed = {}) {
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

describe('the outbox in a Durable Object', () => {
  it('is rejected when a newer form-sync has written it', async () => {
    const opening = runInDurableObject(open(), async (object: OutboxObject) => {
      await object.outbox(OPTIONS)
      object.sql.run('UPDATE meta SET version = 99')
      return object.outbox(OPTIONS)
    })

    await expect(opening).rejects.toThrow('the outbox has version 99')
  })

  it('opens an outbox of form-sync 0.1 with its leads', async () => {
    const claimed = await runInDurableObject(open(), async (object: OutboxObject) => {
      for (const statement of VERSION_1) object.sql.run(statement)
      const kept = lead('a', { cookie: 'c' })
      object.sql.run(
        `INSERT INTO job (id, form, person, state, due_at, lead, notes, accepted_at)
         VALUES ('a', 'contact', ?, 'ready', ?, ?, '[]', ?)`,
        kept.person,
        T,
        JSON.stringify(kept),
        T,
      )
      return (await object.outbox(OPTIONS)).claim(T, LATER, 10)
    })

    expect(claimed.map(({ jobs }) => jobs)).toStrictEqual([
      [{ lead: lead('a', { cookie: 'c' }), attempt: 1, failures: 0 }],
    ])
  })
})
