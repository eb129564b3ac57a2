/** Data keys in Durable Objects. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { openDataKeys } from '../../relay/runtime/cloudflare/open-data-keys.ts'
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { variableOf } from '../support/data-keys.ts'
import { refusingTriggers } from '../suites/outbox/durability.ts'
import { WIDE } from '../suites/outbox/leads.ts'
import { durableOutboxSuite } from '../suites/outbox/suite.ts'
import { sealingSuite } from '../suites/sealing.ts'
import { newObject, outboxOf, type ObjectOptions, type ObjectStub } from './object-outbox.ts'
import type { OutboxObject } from './worker.ts'

sealingSuite('a Durable Object in workerd', async () => {
  const stub = newObject()
  const run = (statement: string) => runInDurableObject(stub, ({ sql }: OutboxObject) => sql.run(statement))
  return {
    async open(dataKeys, over) {
      const options: ObjectOptions = { limits: WIDE, batchKeys: TEST_BATCH_KEYS, dataKeys, ...over }
      await runInDurableObject(stub, (object: OutboxObject) => object.outbox(options))
      return outboxOf(stub, options)
    },
    async read() {
      const tables = await run(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf*'`)
      const rows = await Promise.all(tables.map(({ name }) => run(`SELECT * FROM ${name}`)))
      return JSON.stringify(rows)
    },
    run: (statement) => run(statement.replace(/\{(\w+)\}/g, '$1')),
  }
})

durableOutboxSuite('a Durable Object in workerd with a data key', (settings) => {
  const stub: ObjectStub = newObject()
  const options = { ...settings, dataKeys: openDataKeys({ FORM_SYNC_DATA_KEY: variableOf(1) }) }
  return {
    outbox: outboxOf(stub, options),
    async reopen(changed = {}) {
      await evictDurableObject(stub)
      return outboxOf(stub, { ...options, ...changed })
    },
    openAccount: (account) => outboxOf(stub, { ...options, account }),
    refuse(id) {
      return runInDurableObject(stub, ({ sql }: OutboxObject) => {
        for (const trigger of refusingTriggers(id)) sql.run(trigger)
      })
    },
  }
})
