import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { refusingTriggers } from '../suites/outbox/durability.ts'
import { WIDE } from '../suites/outbox/leads.ts'
import { upgrading } from '../suites/outbox/sqlite/upgrade.ts'
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

  upgrading(async ({ statements }, limits) => {
    const stub = newObject()
    await runInDurableObject(stub, ({ sql }: OutboxObject) => {
      for (const statement of statements) sql.run(statement)
    })
    return outboxOf(stub, { ...OPTIONS, limits })
  })
})
