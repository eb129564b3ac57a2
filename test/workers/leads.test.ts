/** The relay's own object, without an account: it keeps leads and delivers none. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { LeadOutbox } from '../../relay/platform/cloudflare.ts'
import { lead, T } from '../relay/outbox/leads.ts'

describe('the object that keeps leads', () => {
  it('writes the leads of a call in one transaction, before it says so', async () => {
    const stub = env.LEADS.get(env.LEADS.newUniqueId())
    let writes = 0
    await runInDurableObject(stub, (_: LeadOutbox, { storage }) => {
      const transaction = storage.transactionSync.bind(storage)
      storage.transactionSync = (work) => {
        writes += 1
        return transaction(work)
      }
    })

    await stub.add([lead('a'), lead('b'), lead('c')], T)

    expect(writes).toBe(1)
    expect((await stub.status(T)).waiting).toBe(3)
  })

  it('has what it said yes to after it has died, and an alarm to come back for it', async () => {
    const stub = env.LEADS.get(env.LEADS.newUniqueId())

    await stub.add([lead('a'), lead('b')], T)
    await evictDurableObject(stub)

    expect((await stub.status(T)).waiting).toBe(2)
    const alarm = await runInDurableObject(stub, (_: LeadOutbox, { storage }) => storage.getAlarm())
    expect(alarm).not.toBeNull()
  })
})
