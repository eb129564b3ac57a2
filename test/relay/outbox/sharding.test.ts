import { describe, expect, it } from 'vitest'
import { AFTER_LEAD, createMemoryOutbox, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { batchKeysOf } from '../../../relay/marketo/transport.ts'
import type { CallSlot, ListedState, Outbox } from '../../../relay/outbox/outbox.ts'
import { positionOf } from '../../../relay/outbox/job-row.ts'
import { broadcastLimits, createShardedOutbox, NO_BATCH, oweCookies, shardOf } from '../../../relay/outbox/sharding.ts'
import { discardAll, surveyAll } from '../../suites/outbox/discarding.ts'
import { claimBatch, LATER, lead, SECOND, settleBatch, settleNext, T, WIDE } from '../../suites/outbox/leads.ts'

function openSharded(count = 3, random = 0) {
  const shards = Array.from({ length: count }, () => createMemoryOutbox(WIDE))
  return { shards, outbox: createShardedOutbox(shards, () => random) }
}

const MANY = Array.from({ length: 300 }, (_, at) => lead(`lead-${at}`))

function idOf(slot: CallSlot): number {
  if (!('slot' in slot)) throw new Error('a call slot was free')
  return slot.slot
}

describe('several outboxes as one', () => {
  it('spread people evenly, with all leads of a person in one', async () => {
    const { shards, outbox } = openSharded()

    await outbox.add(MANY, T)
    await outbox.add(
      MANY.map((each) => lead(`${each.id}-again`, { person: each.person })),
      T,
    )

    const counts = await Promise.all(shards.map(async (shard) => (await shard.status(T)).waiting))
    for (const count of counts) expect(count).toBeGreaterThan(150)
    for (const shard of shards) {
      const own = await Promise.all(MANY.map(({ id }) => shard.find(id)))
      const again = await Promise.all(MANY.map(({ id }) => shard.find(`${id}-again`)))
      expect(again.map((record) => record === undefined)).toEqual(own.map((record) => record === undefined))
    }
  })

  it.each([
    // FNV-1a of the published test vectors: '' → 811c9dc5, 'a' → e40c292c, 'foobar' → bf9cf968.
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('always store %j in the same one', (person, hash) => {
    expect([1, 2, 3, 5, 10].map((shards) => shardOf(person, shards))).toEqual([1, 2, 3, 5, 10].map((n) => hash % n))
  })

  it.each([
    ['a cookie', { cookie: 'c' }, 'soap'],
    ['neither', {}, 'soap'],
    ['a workspace', { workspace: 'Europe' }, null],
    ['a cookie and a workspace', { cookie: 'c', workspace: 'Europe' }, null],
    ['a cookie alone, without an address', { cookie: 'c', email: '' }, null],
  ])('owe each cookie, so that a lead with %s has its batch key without it', (_, over, key) => {
    const keys = oweCookies(TEST_BATCH_KEYS)

    expect(keys.batchKey(lead('a', over))).toBe(key)
    expect(keys).toMatchObject({ cookies: 'after-any-lead', name: 'soap, cookies after leads' })
  })

  it.each([
    ['a lead that shares its call', {}, 'rest ["","email"]'],
    ['a lead that fills out a Marketo form', { marketoForm: 1029 }, null],
  ])('owe the cookie by REST of %s', async (_, over, key) => {
    const keys = oweCookies(batchKeysOf('rest'))
    const outbox = createMemoryOutbox(WIDE, keys)
    await outbox.add([lead('a', { cookie: 'c', ...over })], T)
    const batchKey = keys.batchKey(lead('a', { cookie: 'c', ...over }))

    const sent = await settleNext(outbox, { kind: 'delivered', leadId: 7 })

    expect(batchKey).toBe(key)
    expect(sent.map(({ cookie }) => cookie)).toEqual([undefined])
    expect(await outbox.status(T)).toMatchObject({ owed: 1 })
  })

  it('report the sum of all jobs, and the breaker that needs a person first', async () => {
    const { shards, outbox } = openSharded()
    await outbox.add([...MANY, lead('held', { hold: 'spam' })], T)
    const [first, second, third] = shards as [Outbox, Outbox, Outbox]
    await settleNext(first, { kind: 'delivered', leadId: 7 })
    await settleNext(second, { kind: 'stopped', retryAt: T + SECOND, reason: 'bad key', blocked: true })
    await settleNext(third, { kind: 'stopped', retryAt: T + 9 * SECOND, reason: 'no answer', blocked: false })

    const status = await outbox.status(T)

    expect(status).toMatchObject({
      waiting: 299,
      held: 1,
      heldByForm: [{ form: 'contact', leads: 1 }],
      delivered: 1,
      oldestAt: T,
      breaker: { reason: 'bad key', retryAt: T + SECOND, blocked: true },
      day: { spent: 3, of: 3 * WIDE.callsPerDay },
    })
  })

  it('report the shares of the day’s calls together', async () => {
    const limits = { ...WIDE, callsPerDay: 10, weakShare: 20, serverShare: 30 }
    const shards = [1, 2].map(() => createMemoryOutbox(limits))
    const outbox = createShardedOutbox(shards, () => 0)

    for (const use of ['server', 'weak', 'weak'] as const) await outbox.acquireSlot(T, T + SECOND, 0, use)
    await shards[1]!.acquireSlot(T, T + SECOND, 0, 'weak')

    expect((await outbox.status(T)).day).toMatchObject({
      spent: 4,
      of: 20,
      weak: { spent: 3, of: 4, putOff: 0 },
      servers: { spent: 1, of: 6 },
    })
  })

  it('report the breaker that is open longest when none needs a person', async () => {
    const { shards, outbox } = openSharded()
    await outbox.add(MANY, T)
    for (const [at, shard] of shards.entries()) {
      await settleNext(shard, { kind: 'stopped', retryAt: T + (at % 2) * SECOND, reason: `${at}`, blocked: false })
    }

    expect((await outbox.status(T)).breaker).toEqual({ reason: '1', retryAt: T + SECOND, blocked: false })
  })

  it.each<ListedState>(['waiting', 'held', 'parked'])('list %s jobs in one order, page by page', async (state) => {
    const { shards, outbox } = openSharded()
    const leads = MANY.slice(0, 30).map((each, at) => ({
      ...each,
      acceptedAt: T + (at % 7) * SECOND,
      ...(state === 'held' && { hold: 'spam' }),
    }))
    for (const [at, each] of leads.entries()) await outbox.add([each], T + (at % 7) * SECOND)
    if (state === 'parked') {
      for (let second = 9; second < 13; second += 1) {
        for (const shard of shards) await settleNext(shard, { kind: 'parked', reason: 'no' }, T + second * SECOND)
      }
    }

    const all = await outbox.list(state, 100)
    const pages = []
    for (let after; ;) {
      const page = await outbox.list(state, 5, after)
      if (page.length === 0) break
      pages.push(...page)
      after = positionOf(page.at(-1)!, state)
    }

    const positions = all.map((record) => positionOf(record, state))
    expect(all).toHaveLength(state === 'parked' ? 12 : 30)
    expect(positions).toEqual(positions.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)))
    expect(pages).toEqual(all)
  })

  it('replay jobs where they are, with one result for each id', async () => {
    const { shards, outbox } = openSharded()
    await outbox.add(MANY.slice(0, 30), T)
    for (const shard of [...shards, ...shards]) await settleNext(shard, { kind: 'parked', reason: 'no' })
    const parked = (await outbox.list('parked', 10)).map(({ id }) => id)

    const replayed = await outbox.replay([parked[3]!, 'missing', parked[0]!], {}, T)

    expect(replayed).toEqual([
      { id: parked[3], result: 'replayed' },
      { id: 'missing', result: 'unknown' },
      { id: parked[0], result: 'replayed' },
    ])
    expect((await outbox.status(T)).parked).toBe(4)
  })

  describe('with one id for leads of two people', () => {
    /** Adds two leads with one id, whose people are in different outboxes. */
    async function openTwice() {
      const sharded = openSharded()
      const [first, other] = [MANY[0]!, MANY.find(({ person }) => shardOf(person, 3) !== shardOf(MANY[0]!.person, 3))!]
      const second = { ...other, id: first.id }
      await sharded.outbox.add([first], T)
      await sharded.outbox.add([second], T)
      const shardOfLead = ({ person }: { person: string }) => sharded.shards[shardOf(person, 3)]!
      return { ...sharded, first, second, shardOfFirst: shardOfLead(first), shardOfSecond: shardOfLead(second) }
    }

    it('store both, each once, and list both', async () => {
      const { outbox, first, second } = await openTwice()

      await outbox.add([second, first], T)

      const listed = await outbox.list('waiting', 10)
      expect(listed.map((record) => `${record.lead?.person}`).toSorted()).toEqual(
        [first.person, second.person].toSorted(),
      )
    })

    it.each(['first', 'second'] as const)('find the one that is parked: the %s', async (which) => {
      const { outbox, first, second, shardOfFirst, shardOfSecond } = await openTwice()
      const [parked, delivered] = which === 'first' ? [shardOfFirst, shardOfSecond] : [shardOfSecond, shardOfFirst]
      await settleNext(parked, { kind: 'parked', reason: 'no' })
      await settleNext(delivered, { kind: 'delivered', leadId: 7 })

      const found = await outbox.find(first.id)
      const replayed = await outbox.replay([first.id], {}, T)

      expect(found).toMatchObject({ state: 'parked', lead: { person: { first, second }[which].person } })
      expect(replayed).toEqual([{ id: first.id, result: 'replayed' }])
    })

    it('replay both, and report the one that stays parked', async () => {
      const { outbox, first, second, shardOfFirst, shardOfSecond } = await openTwice()
      for (const shard of [shardOfFirst, shardOfSecond]) await settleNext(shard, { kind: 'parked', reason: 'no' })
      const both = await outbox.replay([first.id], {}, T)
      const waiting = (await outbox.status(T)).waiting
      await settleNext(shardOfFirst, { kind: 'parked', reason: 'no' })

      expect(both).toEqual([{ id: first.id, result: 'replayed' }])
      expect(waiting).toBe(2)
      expect(await outbox.find(second.id)).toMatchObject({ state: 'parked', lead: { person: first.person } })
    })
  })

  it('take the same content under one id once, and another content of the same person as another lead', async () => {
    const { outbox } = openSharded()
    const [first] = MANY as [(typeof MANY)[number]]

    await outbox.add([first, { ...first, form: 'demo' }, first], T)
    await outbox.add([{ ...first, form: 'demo' }], T)

    expect(await outbox.status(T)).toMatchObject({ waiting: 2, reusedIds: 1 })
  })

  it('count the cookies that are owed in all of them', async () => {
    const shards = [1, 2].map(() => createMemoryOutbox(WIDE, AFTER_LEAD))
    const outbox = createShardedOutbox(shards, () => 0)
    await outbox.add(
      MANY.slice(0, 9).map((each, at) => ({ ...each, cookie: `c${at}` })),
      T,
    )

    for (const shard of shards) {
      for (const { id, jobs } of await shard.claim(T, LATER, 9)) {
        await shard.settle(
          id,
          jobs.map(({ lead, attempt }) => ({ id: lead.id, attempt, kind: 'delivered', leadId: 7 })),
          T,
        )
      }
    }

    expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 9, owed: 9 })
  })

  it('find a job in any of them', async () => {
    const { outbox } = openSharded()
    await outbox.add(MANY.slice(0, 9), T)

    const found = await Promise.all(MANY.slice(0, 10).map(({ id }) => outbox.find(id)))

    expect(found.map((record) => record?.id)).toEqual([...MANY.slice(0, 9).map(({ id }) => id), undefined])
  })

  it('reserve a call slot in one of them, and end it there', async () => {
    const shards = [WIDE, { ...WIDE, concurrency: 1 }].map((limits) => createMemoryOutbox(limits))
    const outbox = createShardedOutbox(shards, () => 0.5)

    const slot = await outbox.acquireSlot(T, LATER)
    const meanwhile = await outbox.acquireSlot(T, LATER)
    await outbox.settle(idOf(slot), [], T)

    expect(meanwhile).toEqual({ retryAt: LATER })
    expect(await outbox.acquireSlot(T, LATER)).toHaveProperty('slot')
  })

  it('pass a limit that a call slot has met to the outbox of that slot', async () => {
    const shards = [WIDE, WIDE].map((limits) => createMemoryOutbox(limits))
    const outbox = createShardedOutbox(shards, () => 0.5)
    const retryAt = T + 20 * SECOND

    const slot = await outbox.acquireSlot(T, LATER)
    await outbox.settle(idOf(slot), [], T, { kind: 'limited', limit: 'rate', retryAt, reason: 'too many' })

    const [other, own] = await Promise.all(shards.map((shard) => shard.acquireSlot(T, LATER)))
    expect(other).toHaveProperty('slot')
    expect(own).toEqual({ retryAt })
  })

  it('report a spent quota of Marketo with the next call of any of them', async () => {
    const { shards, outbox } = openSharded(2)
    const met = { kind: 'limited', limit: 'day', retryAt: T, reason: '20015' } as const

    for (const [at, shard] of shards.entries()) await shard.settle(0, [], T + at * SECOND, met)

    expect((await outbox.status(T)).day.quotaRetryAt).toBe(T + 3_600_000)
  })

  it('ask all of them for a call at once', async () => {
    const { shards, outbox } = openSharded(2)
    await outbox.add(MANY.slice(0, 30), T)
    const stopped = { kind: 'stopped', retryAt: LATER, reason: '20014', blocked: true } as const
    for (const shard of shards) await settleNext(shard, stopped)

    await outbox.retryNow(T)

    const claimed = await Promise.all(shards.map((shard) => shard.claim(T, LATER, 9)))
    expect(claimed.map(({ length }) => length)).toEqual([1, 1])
  })

  it('test all of them by an empty addition', async () => {
    const { shards } = openSharded(2)
    const full = { ...shards[1]!, add: () => Promise.reject(new Error('disk full')) }

    await expect(createShardedOutbox([shards[0]!, full], () => 0).add([], T)).rejects.toThrow('disk full')
  })

  it('are the only one itself when there is one', () => {
    const [only] = openSharded(1).shards

    expect(createShardedOutbox([only!], () => 0)).toBe(only)
  })
})

describe('an outbox that tells others of limits', () => {
  const met = { kind: 'limited', limit: 'rate', retryAt: T + 20 * SECOND, reason: 'too many' } as const

  function openTelling() {
    const told: unknown[] = []
    return { told, outbox: broadcastLimits(createMemoryOutbox(WIDE), (limited, now) => told.push([limited, now])) }
  }

  it('tells once of a limit that one of its batches has met', async () => {
    const { told, outbox } = openTelling()
    await outbox.add([lead('a'), lead('b')], T)

    await settleBatch(outbox, await claimBatch(outbox, T, LATER), met, T)
    await settleBatch(
      outbox,
      await claimBatch(outbox, met.retryAt, LATER),
      { kind: 'delivered', leadId: 7 },
      met.retryAt,
    )

    expect(told).toEqual([[met, T]])
  })

  it('tells of a limit that a call outside of a batch has met', async () => {
    const { told, outbox } = openTelling()

    await outbox.settle(NO_BATCH, [], T, met)

    expect(told).toEqual([[met, T]])
  })

  it('does not tell of a limit that it could not store', async () => {
    const told: unknown[] = []
    const broken = { ...createMemoryOutbox(WIDE), settle: () => Promise.reject(new Error('disk full')) }

    const settling = broadcastLimits(broken, (limited) => told.push(limited)).settle(NO_BATCH, [], T, met)

    await expect(settling).rejects.toThrow('disk full')
    expect(told).toEqual([])
  })

  it('keeps a limit that another outbox has met', async () => {
    const outbox = createMemoryOutbox(WIDE)
    const before = await outbox.acquireSlot(T, LATER)

    await outbox.settle(NO_BATCH, [], T, met)

    expect(before).toHaveProperty('slot')
    expect(await outbox.acquireSlot(T + 1, LATER)).toEqual({ retryAt: met.retryAt })
  })
})

describe('undelivered leads of several outboxes', () => {
  it('are surveyed and discarded in each of them, one after the other', async () => {
    const { shards, outbox } = openSharded()
    await outbox.add(MANY, T)
    await outbox.add([lead('held', { hold: 'spam', form: 'demo' })], T)

    const groups = await surveyAll(outbox, {}, 'form')
    const dry = await discardAll(outbox, { form: 'contact' }, { dryRun: true })
    const waiting = (await outbox.status(T)).waiting
    const done = await discardAll(outbox, { form: 'contact' })

    expect(groups).toStrictEqual([
      { value: 'contact', state: 'waiting', leads: 300 },
      { value: 'demo', state: 'held', leads: 1 },
    ])
    expect([dry, waiting]).toStrictEqual([{ discarded: 300, underWay: 0 }, 300])
    expect(done).toStrictEqual(dry)
    const left = await Promise.all(shards.map(async (shard) => (await shard.status(T)).waiting))
    expect(left).toStrictEqual([0, 0, 0])
    expect(await outbox.find('lead-0')).toMatchObject({ state: 'discarded' })
    expect(await outbox.status(T)).toMatchObject({ waiting: 0, held: 1 })
  })

  it('are discarded one step at a time: the next place names the outbox', async () => {
    const { outbox } = openSharded()
    const discarding = { by: 'ana', reason: 'a flood', dryRun: false }

    const steps = [
      await outbox.discard({ form: 'a' }, discarding, T),
      await outbox.discard({ form: 'a' }, discarding, T, '1:'),
      await outbox.discard({ form: 'a' }, discarding, T, '2:'),
    ]

    expect(steps.map(({ next }) => next)).toStrictEqual(['1:', '2:', undefined])
    await expect(outbox.discard({ form: 'a' }, discarding, T, '3:')).rejects.toThrow(RangeError)
  })
})
