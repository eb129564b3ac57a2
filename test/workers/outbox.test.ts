import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { VERSION_1 } from '../relay/outbox/sqlite/version-1.ts'
import { refusingTriggers } from '../suites/outbox/durability.ts'
import { LATER, lead, T, WIDE } from '../suites/outbox/leads.ts'
import { durableOutboxSuite } from '../suites/outbox/suite.ts'
import { newObject, outboxOf, type ObjectOptions } from './object-outbox.ts'
import type { OutboxObject } from './worker.ts'

const OPTIONS: ObjectOptions = { limits: WIDE, batchKeys: TEST_BATCH_KEYS }

durableOutboxSuite('a Durable Object in workerd', (settings) => {
  const stub = newObject()
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
    const opening = runInDurableObject(newObject(), async (object: OutboxObject) => {
      await object.outbox(OPTIONS)
      object.sql.run('UPDATE meta SET version = 99')
      return object.outbox(OPTIONS)
    })

    await expect(opening).rejects.toThrow('the outbox has version 99')
  })

  it('opens an outbox of form-sync 0.1 with its leads', async () => {
    const claimed = await runInDurableObject(newObject(), async (object: OutboxObject) => {
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
