import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../relay/outbox/sql.ts'
import { durableOutboxSuite } from '../relay/outbox/suite.ts'
import { refusals } from '../relay/outbox/suite/surviving.ts'
import type { OutboxObject } from './worker.ts'

type Stub = DurableObjectStub<OutboxObject>

/** The outbox inside an object, from outside: storage may be touched only within the object's own context. */
function outboxOf(stub: Stub): Outbox {
  const within = <R>(work: (outbox: Outbox) => Promise<R>): Promise<R> =>
    runInDurableObject(stub, (object: OutboxObject) => work(object.outbox))
  return {
    add: (leads, dueAt) => within((outbox) => outbox.add(leads, dueAt)),
    claim: (now, until, limit) => within((outbox) => outbox.claim(now, until, limit)),
    recover: () => within((outbox) => outbox.recover()),
    settle: (settlements, now) => within((outbox) => outbox.settle(settlements, now)),
    nextDueAt: () => within((outbox) => outbox.nextDueAt()),
    status: () => within((outbox) => outbox.status()),
    find: (id) => within((outbox) => outbox.find(id)),
  }
}

function open(): Stub {
  return env.OUTBOX.get(env.OUTBOX.newUniqueId())
}

durableOutboxSuite('a Durable Object in workerd', () => {
  const stub = open()
  return {
    outbox: outboxOf(stub),
    async reopen() {
      await evictDurableObject(stub)
      return outboxOf(stub)
    },
    refuse(id) {
      return runInDurableObject(stub, ({ sql }: OutboxObject) => {
        for (const trigger of refusals(id)) sql.run(trigger)
      })
    },
  }
})

describe('the outbox in a Durable Object', () => {
  it('is refused when a newer form-sync has written it', async () => {
    const opening = runInDurableObject(open(), ({ sql }: OutboxObject) => {
      sql.run('UPDATE meta SET version = 99')
      return createSqlOutbox(sql)
    })

    await expect(opening).rejects.toThrow('the outbox has version 99')
  })
})
