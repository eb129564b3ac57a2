import { describe, expect, it } from 'vitest'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { createShardedOutbox, NO_BATCH, shardOf, broadcastLimits } from '../../../relay/outbox/sharding.ts'
import { claimCall, jobsOf, LATER, lead, SECOND, settleCall, settlement, T, WIDE } from '../../suites/outbox/leads.ts'

function shardsUnderTest(count = 3, random = 0) {
  const parts = Array.from({ length: count }, () => createMemoryOutbox(WIDE))
  return { parts, shards: createShardedOutbox(parts, () => random) }
}

const MANY = Array.from({ length: 300 }, (_, at) => lead(`lead-${at}`))

describe('several outboxes as one', () => {
  it('spread people evenly, and each person’s leads wait in one', async () => {
    const { parts, shards } = shardsUnderTest()

    await shards.add(MANY, T)
    await shards.add(
      MANY.map((each) => ({ ...each, id: `${each.id}-again` })),
      T,
    )

    const counts = await Promise.all(parts.map(async (part) => (await part.status(T)).waiting))
    for (const count of counts) expect(count).toBeGreaterThan(150)
    for (const part of parts) {
      const own = await Promise.all(MANY.map(({ id }) => part.find(id)))
      const again = await Promise.all(MANY.map(({ id }) => part.find(`${id}-again`)))
      expect(again.map((record) => record === undefined)).toEqual(own.map((record) => record === undefined))
    }
  })

  it.each([
    // FNV-1a of the published test vectors: '' → 811c9dc5, 'a' → e40c292c, 'foobar' → bf9cf968.
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('put %j where they always have', (person, hash) => {
    expect([1, 2, 3, 5, 10].map((shards) => shardOf(person, shards))).toEqual([1, 2, 3, 5, 10].map((n) => hash % n))
  })

  it('tell together what stands where, the worst first', async () => {
    const { parts, shards } = shardsUnderTest()
    await shards.add(MANY, T)
    const [first, second] = parts
    const [a] = await first!.claim(T, LATER, 1)
    const [b] = await second!.claim(T, LATER, 1)
    await first!.settle(a!.id, [settlement(jobsOf(a!)[0]!, { kind: 'delivered', leadId: 7 })], T)
    const blocked = { kind: 'halted', until: T + SECOND, reason: 'bad key', blocked: true } as const
    await second!.settle(b!.id, [settlement(jobsOf(b!)[0]!, blocked)], T)

    const status = await shards.status(T)

    expect(status).toMatchObject({
      waiting: 299,
      delivered: 1,
      oldestAt: T,
      halt: { reason: 'bad key', blocked: true },
      day: { spent: 2, of: 3 * WIDE.callsPerDay },
    })
  })

  it('list what is parked in the order in which it was, page by page, and replay it where it is', async () => {
    const { parts, shards } = shardsUnderTest()
    await shards.add(MANY.slice(0, 30), T)
    let time = T
    for (const part of [...parts, ...parts]) {
      const [call] = await part.claim(T, LATER, 1)
      time += SECOND
      await part.settle(call!.id, [settlement(jobsOf(call!)[0]!, { kind: 'parked', reason: 'no' })], time)
    }

    const all = await shards.parked(10)
    const page = await shards.parked(2, all[1])
    const replayed = await shards.replay([all[3]!.id, 'nobody', all[0]!.id], {}, time)

    expect(all.map(({ settledAt }) => settledAt)).toEqual([1, 2, 3, 4, 5, 6].map((n) => T + n * SECOND))
    expect(page.map(({ id }) => id)).toEqual([all[2]!.id, all[3]!.id])
    expect(replayed.map(({ result }) => result)).toEqual(['replayed', 'unknown', 'replayed'])
    expect((await shards.status(T)).parked).toBe(4)
  })

  it('permit a call in one of them, and end it there', async () => {
    const parts = [WIDE, { ...WIDE, concurrency: 1 }].map((limits) => createMemoryOutbox(limits))
    const shards = createShardedOutbox(parts, () => 0.5)

    const permit = await shards.acquireSlot(T, LATER)
    const meanwhile = await shards.acquireSlot(T, LATER)
    await shards.settle('call' in permit ? permit.call : -1, [], T)

    expect(meanwhile).toEqual({ at: LATER })
    expect(await shards.acquireSlot(T, LATER)).toHaveProperty('call')
  })

  it('end a call that met a limit where it was permitted, and with what it met', async () => {
    const parts = [WIDE, WIDE].map((limits) => createMemoryOutbox(limits))
    const shards = createShardedOutbox(parts, () => 0.5)
    const until = T + 20 * SECOND

    const permit = await shards.acquireSlot(T, LATER)
    const limited = { kind: 'limited', limit: 'rate', until, reason: 'too many' } as const
    await shards.settle('call' in permit ? permit.call : -1, [], T, limited)

    const [other, own] = await Promise.all(parts.map((part) => part.acquireSlot(T, LATER)))
    expect(other).toHaveProperty('call')
    expect(own).toEqual({ at: until })
  })

  it('ask all of them whether a lead could be kept', async () => {
    const { parts } = shardsUnderTest(2)
    const full = { ...parts[1]!, add: () => Promise.reject(new Error('disk full')) }

    await expect(createShardedOutbox([parts[0]!, full], () => 0).add([], T)).rejects.toThrow('disk full')
  })

  it('are the one itself where there is one', () => {
    const [only] = shardsUnderTest(1).parts

    expect(createShardedOutbox([only!], () => 0)).toBe(only)
  })
})

describe('one of several outboxes', () => {
  const met = { kind: 'limited', limit: 'rate', until: T + 20 * SECOND, reason: 'too many' } as const

  function telling() {
    const told: unknown[] = []
    return { told, outbox: broadcastLimits(createMemoryOutbox(WIDE), (limited, now) => told.push([limited, now])) }
  }

  it('tells of a limit that a call of its own has met, once', async () => {
    const { told, outbox } = telling()
    await outbox.add([lead('a'), lead('b')], T)

    await settleCall(outbox, await claimCall(outbox, T, LATER), met, T)
    await settleCall(outbox, await claimCall(outbox, met.until, LATER), { kind: 'delivered', leadId: 7 }, met.until)

    expect(told).toEqual([[met, T]])
  })

  it('tells of a limit that a server’s call has met', async () => {
    const { told, outbox } = telling()

    await outbox.settle(NO_BATCH, [], T, met)

    expect(told).toEqual([[met, T]])
  })

  it('tells of none that it could not write down', async () => {
    const told: unknown[] = []
    const broken = { ...createMemoryOutbox(WIDE), settle: () => Promise.reject(new Error('disk full')) }

    const settling = broadcastLimits(broken, (limited) => told.push(limited)).settle(NO_BATCH, [], T, met)

    await expect(settling).rejects.toThrow('disk full')
    expect(told).toEqual([])
  })

  it('keeps to what another has met as if it had met it itself', async () => {
    const outbox = createMemoryOutbox(WIDE)
    const before = await outbox.acquireSlot(T, LATER)

    await outbox.settle(NO_BATCH, [], T, met)

    expect(before).toHaveProperty('call')
    expect(await outbox.acquireSlot(T + 1, LATER)).toEqual({ at: met.until })
  })
})
