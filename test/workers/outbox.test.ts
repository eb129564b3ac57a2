import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { jobsOf, LATER, lead, ROOMY, T } from '../suites/outbox/leads.ts'
import { durableOutboxSuite } from '../suites/outbox/suite.ts'
import { refusals } from '../suites/outbox/surviving.ts'
import { VERSION_1 } from '../relay/outbox/sqlite/version-1.ts'
import type { OutboxObject } from './worker.ts'

type Stub = DurableObjectStub<OutboxObject>

/** Returns the outbox of an object. Each call runs in the object, since storage is accessible only in its context. */
function outboxOf(stub: Stub, limits: Limits): Outbox {
  const within = <R>(work: (outbox: Outbox) => Promise<R>): Promise<R> =>
    runInDurableObject(stub, (object: OutboxObject) => work(object.outbox(limits)))
  return {
    add: (leads, dueAt) => within((outbox) => outbox.add(leads, dueAt)),
    claim: (now, until, max) => within((outbox) => outbox.claim(now, until, max)),
    settle: (call, settlements, now, limited) => within((outbox) => outbox.settle(call, settlements, now, limited)),
    acquireSlot: (now, until) => within((outbox) => outbox.acquireSlot(now, until)),
    nextDueAt: (now) => within((outbox) => outbox.nextDueAt(now)),
    resume: (now) => within((outbox) => outbox.resume(now)),
    status: (now) => within((outbox) => outbox.status(now)),
    find: (id) => within((outbox) => outbox.find(id)),
    parked: (limit, after) => within((outbox) => outbox.parked(limit, after)),
    replay: (ids, edit, now) => within((outbox) => outbox.replay(ids, edit, now)),
    sweep: (before, limit) => within((outbox) => outbox.sweep(before, limit)),
  }
}

function open(): Stub {
  return env.BARE.get(env.BARE.newUniqueId())
}

durableOutboxSuite('a Durable Object in workerd', (limits) => {
  const stub = open()
  return {
    outbox: outboxOf(stub, limits),
    async reopen() {
      await evictDurableObject(stub)
      return outboxOf(stub, limits)
    },
    refuse(id) {
      return runInDurableObject(stub, ({ sql }: OutboxObject) => {
        for (const trigger of refusals(id)) sql.run(trigger)
      })
    },
  }
})

describe('the outbox in a Durable Object', () => {
  it('is rejected when a newer form-sync has written it', async () => {
    const opening = runInDurableObject(open(), ({ sql }: OutboxObject) => {
      createSqlOutbox(sql)
      sql.run('UPDATE meta SET version = 99')
      return createSqlOutbox(sql)
    })

    await expect(opening).rejects.toThrow('the outbox has version 99')
  })

  it('opens an outbox of form-sync 0.1 with its leads', async () => {
    const claimed = await runInDurableObject(open(), async ({ sql }: OutboxObject) => {
      for (const statement of VERSION_1) sql.run(statement)
      const kept = lead('a', { cookie: 'c' })
      sql.run(
        `INSERT INTO job (id, form, person, state, due_at, lead, notes, accepted_at)
         VALUES ('a', 'contact', ?, 'ready', ?, ?, '[]', ?)`,
        kept.person,
        T,
        JSON.stringify(kept),
        T,
      )
      return createSqlOutbox(sql, ROOMY).claim(T, LATER, 10)
    })

    expect(claimed.map(jobsOf)).toStrictEqual([[{ lead: lead('a', { cookie: 'c' }), attempt: 1, failures: 0 }]])
  })
})
