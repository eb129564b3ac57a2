/** The relay's own object, without an account: it keeps leads and delivers none. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { HEARTBEAT } from '../../relay/deliver.ts'
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

  it('keeps the alarm that rings soon enough, and sets it again when it has rung', async () => {
    const stub = env.LEADS.get(env.LEADS.newUniqueId())
    const alarm = () => runInDurableObject(stub, (_: LeadOutbox, { storage }) => storage.getAlarm())
    const now = Date.now()

    await stub.add([lead('a')], now)
    const first = await alarm()
    await stub.add([lead('b')], now + 1)
    const second = await alarm()
    await runDurableObjectAlarm(stub)
    const third = await alarm()

    expect(first).toBe(now + HEARTBEAT)
    expect(second).toBe(first)
    expect(third).toBeGreaterThanOrEqual(now + HEARTBEAT)
  })

  it('sets the alarm anew for what is due sooner', async () => {
    const stub = env.LEADS.get(env.LEADS.newUniqueId())
    const now = Date.now()

    await stub.add([lead('a')], now + HEARTBEAT)
    await stub.add([lead('b')], now)

    const alarm = await runInDurableObject(stub, (_: LeadOutbox, { storage }) => storage.getAlarm())
    expect(alarm).toBe(now + HEARTBEAT)
  })

  it('sets no alarm for a mere question', async () => {
    const stub = env.LEADS.get(env.LEADS.newUniqueId())

    await stub.add([], Date.now())

    expect(await runInDurableObject(stub, (_: LeadOutbox, { storage }) => storage.getAlarm())).toBeNull()
  })
})
