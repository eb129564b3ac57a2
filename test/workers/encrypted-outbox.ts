/** An outbox in a Durable Object of its own that encrypts with a data key, for the suites of the outbox. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { openDataKeys } from '../../relay/runtime/cloudflare/open-data-keys.ts'
import { variableOf } from '../support/data-keys.ts'
import { refusingTriggers } from '../suites/outbox/durability.ts'
import type { DurableOutbox, OutboxSettings } from '../suites/outbox/suite.ts'
import { newObject, outboxOf, type ObjectStub } from './object-outbox.ts'
import type { OutboxObject } from './worker.ts'

/** Opens an empty outbox with the data key of the variable of a Worker. */
export function openEncrypted(settings: OutboxSettings): DurableOutbox {
  const stub: ObjectStub = newObject()
  const options = { ...settings, dataKeys: openDataKeys({ FORM_SYNC_DATA_KEY: variableOf(1) }).dataKeys }
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
}
