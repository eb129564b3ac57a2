/** What every store promises that has data keys: nothing of a person can be read in it, and no lead is lost by a wrong key. */
import { describe, expect, it } from 'vitest'
import type { DataKeys } from '../../relay/outbox/sealing/sealing.ts'
import type { OutboxOptions } from '../../relay/outbox/options.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { FIRST_PLACE, type ResealedStore, type ResealPlace } from '../../relay/outbox/sealing/reseal.ts'
import type { TextCipher } from '../../relay/outbox/sealing/text-cipher.ts'
import { createMoveJob } from '../../relay/outbox/move-job.ts'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { cipherOf, dataKeysOf, keyIdOf } from '../support/data-keys.ts'
import { addAll, claimBatch, ids, lead, LATER, SECOND, settleBatch, settleNext, T, WIDE } from './outbox/leads.ts'

/** A store under test, empty at first. */
export interface TestedStore {
  /** Opens an outbox on the store, as a relay that starts. */
  open(dataKeys?: DataKeys, over?: Partial<OutboxOptions>): Promise<Outbox>
  /** Begins a rotation to the first key of a cipher, or to no key. */
  rotate(cipher: TextCipher, decrypts?: boolean): Promise<ResealedStore>
  /** Returns all that is stored, as someone reads it who has stolen the disk. */
  read(): Promise<string>
  /** Empties the log of the store, if it has one that `read` returns. */
  emptyLog?(): unknown
  /** Runs a statement, in which `{job}` and the like stand for the names of the tables. */
  run(statement: string): Promise<unknown[]>
}

const PARKED = { kind: 'parked', reason: 'canary-reason was refused' } as const
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** Every value of a lead that is personal. */
const CANARIES = [
  'canary-address',
  'canary-domain',
  'canary-name',
  'canary-cookie',
  'canary-page',
  'canary-query',
  'canary-browser',
  '192.0.2.77',
  'canary-reason',
  'canary-hold',
  'canary-edit',
]

function canary(id: string, over: Parameters<typeof lead>[1] = {}) {
  return lead(id, {
    email: `canary-address-${id}@canary-domain.example`,
    cookie: `id:123-ABC-456&token:canary-cookie-${id}`,
    attributes: [
      { name: 'LastName', value: 'canary-name' },
      { name: 'Shoe_Size__c', value: 'canary-name' },
    ],
    visit: {
      pageURL: 'https://acme.example/canary-page',
      queryString: 'canary-query',
      userAgentString: 'canary-browser',
      leadClientIpAddress: '192.0.2.77',
    },
    network: '192.0.2.77',
    ...over,
  })
}

/** Puts leads with canary values in every state that a lead can have, in two accounts. */
async function fillWithCanaries(first: Outbox, second: Outbox): Promise<void> {
  await addAll(first, canary('held', { hold: 'canary-hold' }), canary('moved'))
  await settleNext(first, PARKED)
  await first.replay(['moved'], { forms: { contact: { account: 'second', constants: [], associate: 'always' } } }, T)
  await addAll(first, canary('part'))
  await settleNext(first, { kind: 'requeue', dueAt: T, reason: 'canary-reason', rejectedAttributes: ['Shoe_Size__c'] })
  await settleNext(first, DELIVERED)
  await addAll(first, canary('parked'), canary('replayed'))
  await settleNext(first, PARKED)
  await settleNext(first, PARKED)
  await first.replay(['replayed'], { set: { LastName: 'canary-edit' } }, T + SECOND)
  await addAll(first, canary('discarded'), canary('delivered'))
  await first.discard({ domain: 'canary-domain.example', state: 'held' }, { by: 'ana', reason: 'x', dryRun: true }, T)
  await settleNext(second, { kind: 'retry', dueAt: T + SECOND, reason: 'canary-reason' }, T)
  // The cookies of two delivered leads are owed, one of them after a failed call.
  await addAll(second, canary('owed-1'), canary('owed-2'))
  await settleNext(second, DELIVERED)
  await settleNext(second, DELIVERED)
  const { id, owed } = await claimBatch(second)
  const failed = { kind: 'retry', dueAt: T + SECOND, reason: 'canary-reason' } as const
  await second.settle(id, [{ id: owed!.cookie.id, attempt: owed!.attempt, owed: true, ...failed }], T)
  await addAll(first, canary('retried', { person: 'one' }), canary('queued', { person: 'one' }))
  await claimBatch(first)
}

/** Opens the outboxes of two accounts, of which the second one owes all cookies. */
async function openTwo(store: TestedStore, dataKeys?: DataKeys): Promise<[Outbox, Outbox]> {
  const moveJob = createMoveJob((name) => (name === 'second' ? AFTER_LEAD : TEST_BATCH_KEYS))
  const first = await store.open(dataKeys, { moveJob })
  return [first, await store.open(dataKeys, { account: 'second', batchKeys: AFTER_LEAD, moveJob })]
}

/** Takes all steps of a rotation, with other work between them. Resolves with the number of rows that were changed. */
async function resealAll(store: ResealedStore, between: () => Promise<unknown> = async () => {}): Promise<number> {
  let changed = 0
  for (let place: ResealPlace | undefined = FIRST_PLACE; place !== undefined;) {
    const step: Awaited<ReturnType<ResealedStore['step']>> = await store.step(place)
    changed += step.changed
    place = step.next
    await between()
  }
  return changed
}

/** Tests the rotation of the data keys of a store. */
function rotating(openStore: () => Promise<TestedStore>): void {
  it('a rotation encrypts what was stored before there was a key', async () => {
    const store = await openStore()
    await fillWithCanaries(...(await openTwo(store)))
    const [outbox] = await openTwo(store, dataKeysOf(1))

    const rotation = await store.rotate(cipherOf(1))
    const changed = await resealAll(rotation)
    const rows = await rotation.finish()

    store.emptyLog?.()
    const stolen = await store.read()
    expect(CANARIES.filter((value) => stolen.includes(value))).toStrictEqual([])
    expect(rows).toStrictEqual(new Map([[keyIdOf(1), changed]]))
    expect(await outbox.find('held')).toMatchObject({ reason: 'canary-hold', lead: { email: canary('held').email } })
  })

  it('a rotation leaves no row with the old key, which is then not needed any more', async () => {
    const store = await openStore()
    await fillWithCanaries(...(await openTwo(store, dataKeysOf(1))))
    const before = await (await store.open(dataKeysOf(1))).list('parked', 10)
    await openTwo(store, dataKeysOf(2, 1))

    const rotation = await store.rotate(cipherOf(2, 1))
    const changed = await resealAll(rotation)
    await rotation.finish()

    store.emptyLog?.()
    expect(await store.read()).not.toMatch(new RegExp(`s1\\.${keyIdOf(1)}`))
    const [outbox] = await openTwo(store, dataKeysOf(2))
    expect(await outbox.list('parked', 10)).toStrictEqual(before)
    expect(changed).toBeGreaterThan(8)
    expect(await resealAll(await store.rotate(cipherOf(2)))).toBe(0)
  })

  it('a rotation delivers every lead once, in order, that is added, leased or settled meanwhile', async () => {
    const store = await openStore()
    const old = await store.open(dataKeysOf(1))
    const first = Array.from({ length: 1_200 }, (_, n) => lead(`old-${n}`, { person: `${n % 700}` }))
    await old.add(first, T)
    const outbox = await store.open(dataKeysOf(2, 1), { limits: { ...WIDE, leadsPerCall: 100 } })
    const delivered: string[] = []
    let added = 0

    const rotation = await store.rotate(cipherOf(2, 1))
    await resealAll(rotation, async () => {
      delivered.push(...(await settleNext(outbox, DELIVERED)).map(({ id }) => id))
      await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'locked' })
      await outbox.add([lead(`new-${(added += 1)}`, { person: `${added}` })], T)
    })
    const rows = await rotation.finish()
    const rotated = await store.open(dataKeysOf(2), { limits: { ...WIDE, leadsPerCall: 300 } })
    while ((await rotated.status(T)).waiting > 0) {
      delivered.push(...(await settleNext(rotated, DELIVERED)).map(({ id }) => id))
    }

    expect([...rows.keys()]).toStrictEqual([keyIdOf(2)])
    expect(delivered.toSorted()).toStrictEqual(
      [...first.map(({ id }) => id), ...Array.from({ length: added }, (_, n) => `new-${n + 1}`)].toSorted(),
    )
    const places = new Map(delivered.map((id, at) => [id, at]))
    const overtaken = first.filter((_, n) => n >= 700 && places.get(`old-${n}`)! < places.get(`old-${n - 700}`)!)
    expect(overtaken).toStrictEqual([])
  })

  it('counts the rows of a relay that still encrypts with the old key, and then the old key stays needed', async () => {
    const store = await openStore()
    const old = await store.open(dataKeysOf(1, 2))
    await addAll(old, lead('a'))
    await store.open(dataKeysOf(2, 1))

    const rotation = await store.rotate(cipherOf(2, 1))
    await resealAll(rotation)
    await addAll(old, lead('b'), lead('c'))
    const rows = await rotation.finish()

    expect(new Map(rows)).toStrictEqual(
      new Map([
        [keyIdOf(1), 2],
        [keyIdOf(2), 1],
      ]),
    )
    await expect(store.open(dataKeysOf(2))).rejects.toThrow(`the data key ${keyIdOf(1)},`)
  })

  it('a rotation to no key stores everything as without keys', async () => {
    const store = await openStore()
    await fillWithCanaries(...(await openTwo(store, dataKeysOf(1))))
    const before = await (await store.open(dataKeysOf(1))).list('parked', 10)

    const rotation = await store.rotate(cipherOf(1), true)
    await resealAll(rotation)
    const rows = await rotation.finish()

    expect([...rows.keys()]).toStrictEqual([null])
    const [outbox] = await openTwo(store)
    expect(await outbox.list('parked', 10)).toStrictEqual(before)
    expect(await outbox.find('parked')).toMatchObject({ reason: PARKED.reason })
  })

  it('a rotation is refused before a relay was started with the new key, which could not read the rows', async () => {
    const store = await openStore()
    await addAll(await store.open(), lead('a'))

    await expect(store.rotate(cipherOf(1))).rejects.toThrow(`no relay was started with the data key ${keyIdOf(1)} yet`)

    expect(await (await store.open()).find('a')).toMatchObject({ lead: lead('a') })
  })
}

/** Tests a store with data keys. */
export function sealingSuite(name: string, openStore: () => Promise<TestedStore>): void {
  const discarding = { by: 'ana', reason: 'a flood', dryRun: false }

  describe(`data keys: ${name}`, () => {
    it.each(CANARIES)('nobody who steals the store reads %s in it, whatever state a lead is in', async (value) => {
      const store = await openStore()

      await fillWithCanaries(...(await openTwo(store, dataKeysOf(1))))

      const stolen = await store.read()
      expect(stolen).toContain('Shoe_Size__c')
      expect(stolen.includes(value)).toBe(false)
    })

    it('without a key the same leads can be read in the store, so that a search finds them', async () => {
      const store = await openStore()

      await fillWithCanaries(...(await openTwo(store)))

      const stolen = await store.read()
      expect(CANARIES.filter((value) => !stolen.includes(value))).toStrictEqual([])
    })

    it('the secret of the digests is encrypted, so that no address can be guessed by its digest', async () => {
      const [plain, sealed] = [await openStore(), await openStore()]
      await plain.open()
      await sealed.open(dataKeysOf(1))

      const secrets = await Promise.all([plain, sealed].map((store) => store.read()))

      expect(secrets.map((stored) => /\b[\da-f]{64}\b/.test(stored))).toStrictEqual([true, false])
    })

    it('a key that is set while leads wait makes the new ones unreadable, and the old ones are delivered', async () => {
      const store = await openStore()
      await addAll(await store.open(), lead('old', { person: 'p' }), lead('held', { hold: 'a guard' }))

      const outbox = await store.open(dataKeysOf(1))
      await addAll(outbox, lead('new', { person: 'p' }))
      const stolen = await store.read()

      expect(['old@example', 'new@example'].map((text) => stolen.includes(text))).toStrictEqual([true, false])
      expect((await settleNext(outbox, DELIVERED)).map(({ id }) => id)).toStrictEqual(['old'])
      expect(await settleNext(outbox, DELIVERED)).toStrictEqual([lead('new', { person: 'p' })])
      expect(await outbox.find('held')).toMatchObject({ reason: 'a guard', lead: { email: 'held@example.com' } })
    })

    it.each([
      ['no key', undefined, `set FORM_SYNC_DATA_KEY to the data keys ${keyIdOf(1)}`],
      ['another key', dataKeysOf(2), `encrypted with the data key ${keyIdOf(1)}, and FORM_SYNC_DATA_KEY has only`],
    ])(
      'with %s the outbox does not open and says which key is missing, and the leads wait',
      async (_, wrong, message) => {
        const store = await openStore()
        await addAll(await store.open(dataKeysOf(1)), lead('a'))
        const rows = () => store.run('SELECT * FROM {job} CROSS JOIN {meta}')
        const before = await rows()

        await expect(store.open(wrong)).rejects.toThrow(message)

        expect(await rows()).toStrictEqual(before)
        expect(ids((await claimBatch(await store.open(dataKeysOf(1)))).jobs)).toStrictEqual(['a'])
      },
    )

    it('a start without one of three keys is refused, whichever rows were written with it', async () => {
      const store = await openStore()
      await addAll(await store.open(dataKeysOf(1)), lead('a'))
      await addAll(await store.open(dataKeysOf(2, 1)), lead('b'))
      await addAll(await store.open(dataKeysOf(3, 2, 1)), lead('c'))

      const messages = await Promise.all(
        [[3, 1], [3, 2], [2, 1], [3]].map((keys) =>
          store.open(dataKeysOf(...keys)).catch((error: Error) => error.message),
        ),
      )

      expect(messages).toStrictEqual([
        expect.stringContaining(`the data key ${keyIdOf(2)},`),
        expect.stringContaining(`the data key ${keyIdOf(1)},`),
        expect.stringContaining(`the data key ${keyIdOf(3)},`),
        expect.stringContaining(`the data keys ${keyIdOf(1)}, ${keyIdOf(2)},`),
      ])
      const outbox = await store.open(dataKeysOf(1, 2, 3))
      expect((await outbox.list('waiting', 10)).map(({ id }) => id)).toStrictEqual(['a', 'b', 'c'])
    })

    it.each(['lead', 'reason', 'history'])('two rows that exchange their %s cannot be read', async (column) => {
      const store = await openStore()
      const outbox = await store.open(dataKeysOf(1))
      for (const id of ['a', 'b']) {
        await addAll(outbox, lead(id))
        await settleNext(outbox, PARKED)
      }

      await store.run(
        `UPDATE {job} SET ${column} = (SELECT b.${column} FROM {job} AS b WHERE b.id = 'b') WHERE id = 'a'`,
      )

      await expect(outbox.find('a')).rejects.toThrow(`job.${column} default a cannot be decrypted`)
      expect(await outbox.find('b')).toMatchObject({ id: 'b', lead: { email: 'b@example.com' } })
    })

    it('a row that is given to another account cannot be read there', async () => {
      const store = await openStore()
      const [first, second] = await openTwo(store, dataKeysOf(1))
      await addAll(first, lead('a'))

      await store.run(`UPDATE {job} SET account = 'second'`)

      await expect(second.find('a')).rejects.toThrow('cannot be decrypted')
    })

    it('finds people and repeated submissions by their digests, with every key', async () => {
      const store = await openStore()
      await addAll(await store.open(), lead('a', { person: 'p' }))

      const outbox = await store.open(dataKeysOf(1))
      await addAll(outbox, lead('a', { person: 'p' }), lead('b', { person: 'p' }))
      const rotated = await store.open(dataKeysOf(2, 1))
      await addAll(rotated, lead('b', { person: 'p' }), lead('a', { form: 'demo' }))

      const waiting = await rotated.list('waiting', 10)
      expect(waiting.map(({ form }) => form).toSorted()).toStrictEqual(['contact', 'contact', 'demo'])
      expect(ids((await claimBatch(rotated)).jobs)).toStrictEqual(['a'])
    })

    it('counts and discards leads by the domain of their addresses', async () => {
      const store = await openStore()
      await addAll(await store.open(), lead('old', { email: 'x@SPAM.example' }))
      const outbox = await store.open(dataKeysOf(1))
      await addAll(outbox, lead('a'), lead('b', { email: 'x@spam.example' }), lead('c', { email: '' }))

      const counted = await outbox.survey({ state: 'waiting' }, 'domain')
      const { discarded } = await outbox.discard({ domain: 'spam.example' }, discarding, T)

      expect(new Map(counted.groups.map(({ value, leads }) => [value, leads]))).toStrictEqual(
        new Map([
          ['spam.example', 2],
          ['example.com', 1],
          [null, 1],
        ]),
      )
      expect(discarded).toBe(2)
      expect((await outbox.list('waiting', 10)).map(({ id }) => id)).toStrictEqual(['a', 'c'])
    })

    rotating(openStore)

    it('keeps a retry at its time after the clock went backwards', async () => {
      const store = await openStore()
      const outbox = await store.open(dataKeysOf(1), { limits: WIDE })
      await addAll(outbox, lead('a'))
      const batch = await claimBatch(outbox, T, LATER)
      await settleBatch(outbox, batch, { kind: 'retry', dueAt: T + 3_600 * SECOND, reason: 'locked' })

      await outbox.resume(T)

      expect((await outbox.find('a'))?.dueAt).toBe(T + 3_600 * SECOND)
    })
  })
}
