/** The relay's Durable Object without a Marketo account: it stores leads and delivers none. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { HEARTBEAT_MS } from '../../relay/delivery/dispatcher.ts'
import { lead, T } from '../suites/outbox/leads.ts'
import { refusingTriggers } from '../suites/outbox/durability.ts'
import type { LeadOutbox } from './worker.ts'

type Stub = DurableObjectStub<LeadOutbox>

function open(): Stub {
  return env.OUTBOX.get(env.OUTBOX.newUniqueId())
}

/** Counts the transactions of the object from now on. */
async function countWrites(stub: Stub): Promise<() => number> {
  let writes = 0
  await runInDurableObject(stub, (_: LeadOutbox, { storage }) => {
    const transaction = storage.transactionSync.bind(storage)
    storage.transactionSync = (work) => {
      writes += 1
      return transaction(work)
    }
  })
  return () => writes
}

function alarmOf(stub: Stub): Promise<number | null> {
  return runInDurableObject(stub, (_: LeadOutbox, { storage }) => storage.getAlarm())
}

const IDS = Array.from({ length: 30 }, (_, at) => `lead-${at}`)

describe('the Durable Object that stores leads', () => {
  it('stores leads that arrive together in a few transactions', async () => {
    const stub = open()
    const writes = await countWrites(stub)

    await Promise.all(IDS.map((id) => stub.add([lead(id)], T)))

    expect((await stub.status(T)).waiting).toBe(IDS.length)
    expect(writes()).toBeLessThan(IDS.length / 2)
  })

  it('logs that an id was used before with another content', async () => {
    const stub = open()
    const logged = vi.spyOn(console, 'log').mockReturnValue()
    onTestFinished(() => logged.mockRestore())

    for (const form of ['contact', 'demo', 'demo']) await stub.add([lead('a', { form })], T)

    const stored = await stub.list('waiting', 10)
    const storedAs = stored.find(({ form }) => form === 'demo')?.id
    const events = logged.mock.calls.map(([line]) => JSON.parse(line as string) as object)
    expect(events).toEqual([{ at: expect.any(String), event: 'id-reused', id: 'a', form: 'demo', storedAs }])
  })

  it('stores a single lead in one transaction, before it confirms it', async () => {
    const stub = open()
    const writes = await countWrites(stub)

    const before = writes()
    await stub.add([lead('a')], T)

    expect([before, writes()]).toEqual([0, 1])
  })

  it('confirms a lead only when it is durable', async () => {
    const stub = open()
    const order: string[] = []
    await runInDurableObject(stub, (_: LeadOutbox, { storage }) => {
      const sync = storage.sync.bind(storage)
      storage.sync = async () => {
        await sync()
        order.push('durable')
      }
    })

    await stub.add([lead('a')], T)
    order.push('confirmed')

    expect(order).toEqual(['durable', 'confirmed'])
  })

  it('rejects a lead that cannot be written, and stores the others of its group', async () => {
    const stub = open()
    await runInDurableObject(stub, (_: LeadOutbox, { storage }) => {
      for (const trigger of refusingTriggers('lead-7')) storage.sql.exec(trigger)
    })

    const outcomes = await Promise.allSettled(IDS.map((id) => stub.add([lead(id)], T)))

    expect(IDS.filter((_, at) => outcomes[at]?.status === 'rejected')).toEqual(['lead-7'])
    expect((await stub.status(T)).waiting).toBe(IDS.length - 1)
  })

  it('stores the next lead after a write has failed to become durable', async () => {
    const stub = open()
    await runInDurableObject(stub, (_: LeadOutbox, { storage }) => {
      const sync = storage.sync.bind(storage)
      storage.sync = () => {
        storage.sync = sync
        return Promise.reject(new Error('the disks do not answer'))
      }
    })

    const [first] = await Promise.allSettled([stub.add([lead('a')], T)])
    await stub.add([lead('b')], T)

    expect(first?.status).toBe('rejected')
    expect((await stub.find('b'))?.state).toBe('waiting')
  })

  it('stores the leads of other callers when one caller disconnects', async () => {
    const stub = open()

    const first = stub.add([lead('first')], T)
    const others = IDS.map((id) => stub.add([lead(id)], T))
    // The runtime does this with the call of a request whose visitor has disconnected.
    if ('dispose' in Symbol) (first as unknown as Record<symbol, () => void>)[Symbol.dispose as symbol]?.()
    await Promise.all(others)

    expect(await Promise.all(IDS.map(async (id) => (await stub.find(id))?.state))).toEqual(IDS.map(() => 'waiting'))
  })

  it('has all confirmed leads after an eviction, and an alarm that starts it again', async () => {
    const stub = open()

    await Promise.all(IDS.map((id) => stub.add([lead(id)], T)))
    await evictDurableObject(stub)

    expect((await stub.status(T)).waiting).toBe(IDS.length)
    expect(await alarmOf(stub)).not.toBeNull()
  })

  it('keeps an alarm that rings soon enough, and sets another one after it has rung', async () => {
    const stub = open()
    const now = Date.now()

    await stub.add([lead('a')], now)
    const first = await alarmOf(stub)
    await stub.add([lead('b')], now + 1)
    const second = await alarmOf(stub)
    await runDurableObjectAlarm(stub)
    const third = await alarmOf(stub)

    expect([first, second]).toEqual([now + HEARTBEAT_MS, now + HEARTBEAT_MS])
    expect(third).toBeGreaterThanOrEqual(now + HEARTBEAT_MS)
  })

  it('sets an earlier alarm for a lead that is due earlier', async () => {
    const stub = open()
    const now = Date.now()

    await stub.add([lead('a')], now + HEARTBEAT_MS)
    await stub.add([lead('b')], now)

    expect(await alarmOf(stub)).toBe(now + HEARTBEAT_MS)
  })

  it('sets no alarm for a readiness check', async () => {
    const stub = open()

    await stub.add([], Date.now())

    expect(await alarmOf(stub)).toBeNull()
  })

  it('grants no call slot after a call has met Marketo’s rate limit, until the limit has passed', async () => {
    const stub = open()
    const retryAt = T + 20_000

    const first = await stub.acquireSlot(T, T + 1_000)
    if ('slot' in first) await stub.endCall(first.slot, T, { kind: 'limited', limit: 'rate', retryAt, reason: '20023' })
    const second = await stub.acquireSlot(T + 1, T + 1_000)

    expect(first).toHaveProperty('slot')
    expect(second).toEqual({ retryAt })
  })
})

describe('several objects that share Marketo’s limits', () => {
  const retryAt = T + 20_000
  const NAMES = ['outbox', 'outbox-1', 'outbox-2']
  const named = (name: string) => env.OUTBOX.get(env.OUTBOX.idFromName(name))

  beforeEach(async () => {
    for (const stub of NAMES.map(named)) {
      await runInDurableObject(stub, (_: LeadOutbox, { storage }) => storage.deleteAll())
      await evictDurableObject(stub)
    }
  })

  it('all apply a limit that a call of one of them has met', async () => {
    const slot = await named('outbox-1').acquireSlot(T, T + 1_000)
    if (!('slot' in slot)) throw new Error('no call slot was granted')

    await named('outbox-1').endCall(slot.slot, T, { kind: 'limited', limit: 'rate', retryAt, reason: '20023' })

    for (const name of NAMES) {
      await vi.waitFor(async () =>
        expect([name, await named(name).acquireSlot(T + 1, T + 1_000)]).toEqual([name, { retryAt }]),
      )
    }
  })

  it('do not pass on a limit that they got from another object', async () => {
    await named('outbox').meetLimit({ kind: 'limited', limit: 'rate', retryAt, reason: '20023' }, T)

    const others = await Promise.all(['outbox-1', 'outbox-2'].map((name) => named(name).acquireSlot(T, T + 1_000)))

    expect(others).toEqual([{ slot: expect.any(Number) as number }, { slot: expect.any(Number) as number }])
  })
})
