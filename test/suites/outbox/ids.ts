/** What an id stands for: one content. The same id with another content is another lead. */
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { JobRecord, Outbox, Outcome } from '../../../relay/outbox/outbox.ts'
import { addAll, attributesOf, claimBatch, LATER, lead, SECOND, settleNext, T, valuesOf, WIDE } from './leads.ts'
import type { LeadParts } from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const NOTE = 'id replaced: a was used before with another content'

/** Contents that differ from that of `lead('a')`. */
const OTHERS: [string, LeadParts][] = [
  ['another form', { form: 'demo' }],
  ['another person', { person: 'another@example.com' }],
  ['another spelling of the address', { person: 'a@example.com', email: 'A@example.com' }],
  ['another value', attributesOf({ FirstName: 'Zoë' })],
  ['an empty value', attributesOf({ FirstName: '' })],
  ['another attribute', attributesOf({ LastName: 'George' })],
  ['one more attribute', attributesOf({ FirstName: 'George', LastName: 'May' })],
  ['no attribute', { attributes: [] }],
  ['a value that looks like the rest of the lead', attributesOf({ FirstName: 'George"],null,null]' })],
  ['half a surrogate pair', attributesOf({ FirstName: 'George\ud83d' })],
  ['a cookie', { cookie: 'id:123-ABC-456&token:_mch-example.com-1700000000000-12345' }],
  ['a workspace', { workspace: 'Europe' }],
]

export function ids(open: Open): void {
  /** Returns the waiting lead that is stored under another id than its own. */
  async function replaced(outbox: Outbox): Promise<JobRecord> {
    const found = (await outbox.list('waiting', 10)).filter(({ notes }) => notes.includes(NOTE))
    expect(found).toHaveLength(1)
    return found[0]!
  }

  describe('a lead whose id is known with another content', () => {
    it.each(OTHERS)('is stored under an id of its own, with a note: %s', async (_, over) => {
      const outbox = await open(WIDE)
      const second = lead('a', { notes: ['a note'], acceptedAt: T + SECOND, ...over })

      await addAll(outbox, lead('a'), second)

      const { id, form, state, notes, lead: stored } = await replaced(outbox)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$|^a /)
      expect({ form, state, notes }).toStrictEqual({ form: second.form, state: 'waiting', notes: ['a note', NOTE] })
      expect(stored).toStrictEqual({ ...second, id, notes })
      expect(await outbox.find('a')).toMatchObject({ notes: [], lead: lead('a') })
      expect(await outbox.status(T)).toMatchObject({ waiting: 2, reusedIds: 1 })
    })

    it.each([
      ['first', 0],
      ['the second time', 1],
    ])('is the same lead where its cookie was left out on the way %s', async (_, at) => {
      const outbox = await open(WIDE)
      const cookie = 'id:123-ABC-456&token:_mch-example.com-1700000000000-12345'
      const sent = [lead('a', { cookie }), lead('a', { cookieLeftOut: cookie, notes: ['left out'] })]

      await addAll(outbox, ...(at === 0 ? sent.toReversed() : sent))

      const { waiting, reusedIds = 0 } = await outbox.status(T)
      expect([waiting, reusedIds]).toEqual([1, 0])
      const stored = (await outbox.find('a'))!.lead!
      expect(stored.cookie).toBe(at === 0 ? undefined : cookie)
      expect(stored).not.toHaveProperty('cookieLeftOut')
    })

    const outcomes: [string, Outcome | undefined][] = [
      ['is leased', undefined],
      ['was delivered', DELIVERED],
      ['was parked', { kind: 'parked', reason: 'no such attribute' }],
      ['is retried', { kind: 'retry', dueAt: LATER, reason: 'busy' }],
    ]
    it.each(outcomes)('is stored when the first one %s', async (_, outcome) => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      if (outcome) await settleNext(outbox, outcome)
      else await claimBatch(outbox)
      const before = await outbox.find('a')

      await addAll(outbox, lead('a', { form: 'demo', person: 'another@example.com' }))

      expect(await outbox.find('a')).toStrictEqual(before)
      expect(await replaced(outbox)).toMatchObject({ form: 'demo', lead: { person: 'another@example.com' } })
      expect((await settleNext(outbox, DELIVERED)).map(({ form }) => form)).toStrictEqual(['demo'])
    })

    it('is one lead when it is sent again, also after it was delivered and its data was wiped', async () => {
      const outbox = await open(WIDE)
      const second = lead('a', { form: 'demo' })
      await addAll(outbox, lead('a'), second)
      await addAll(outbox, second, { ...second, acceptedAt: T + SECOND })
      const waiting = (await outbox.status(T)).waiting

      for (const _ of ['a', 'second']) await settleNext(outbox, DELIVERED)
      await addAll(outbox, second, lead('a'), second)

      expect(waiting).toBe(2)
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 2, reusedIds: 1 })
    })

    it('is one lead of its own for each content', async () => {
      const outbox = await open(WIDE)
      const contents = ['Ana', 'Bea', 'Cem', 'Dan'].map((FirstName) => lead('a', attributesOf({ FirstName })))

      await addAll(outbox, ...contents, ...contents.toReversed())

      const stored = await outbox.list('waiting', 10)
      expect(stored.map((record) => valuesOf(record.lead!).FirstName ?? '').toSorted()).toStrictEqual([
        'Ana',
        'Bea',
        'Cem',
        'Dan',
      ])
      expect(new Set(stored.map(({ id }) => id)).size).toBe(4)
      expect(await outbox.status(T)).toMatchObject({ reusedIds: 3 })
    })

    it('gets the same id whatever comes between', async () => {
      const outbox = await open(WIDE)
      const second = lead('a', { form: 'demo' })
      await addAll(outbox, lead('a'), second)
      const { id } = await replaced(outbox)
      for (const _ of ['a', 'second']) await settleNext(outbox, DELIVERED)
      await outbox.sweep(LATER, 10)

      await addAll(outbox, lead('a'), lead('a', { form: 'third' }), second)

      expect(await outbox.find(id)).toMatchObject({ form: 'demo', state: 'waiting' })
    })

    it('is stored when both come in one call, in the order of their person', async () => {
      const outbox = await open(WIDE)
      const group: Lead[] = [
        lead('a', { person: 'one@example.com' }),
        lead('b'),
        lead('a', { person: 'one@example.com', form: 'demo' }),
        lead('a', { person: 'one@example.com' }),
        lead('a', { person: 'one@example.com', form: 'demo' }),
      ]

      await outbox.add(group, T)

      const sent = []
      for (const _ of [1, 2, 3]) sent.push(...(await settleNext(outbox, DELIVERED)))
      const ofOne = sent.filter(({ person }) => person === 'one@example.com')
      expect(ofOne.map(({ form, notes }) => [form, notes])).toStrictEqual([
        ['contact', []],
        ['demo', [NOTE]],
      ])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 3, reusedIds: 1 })
    })

    it('is stored when it comes in one call with the known one', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))

      await outbox.add([lead('a', { form: 'demo' }), lead('a'), lead('a', { form: 'third' })], T)

      const stored = await outbox.list('waiting', 10)
      expect(stored.map(({ form }) => form).toSorted()).toStrictEqual(['contact', 'demo', 'third'])
      expect(await outbox.find('a')).toMatchObject({ form: 'contact', notes: [] })
    })

    it('is stored when both are added at the same time', async () => {
      const outbox = await open(WIDE)

      await Promise.all(['contact', 'demo', 'contact', 'demo'].map((form) => outbox.add([lead('a', { form })], T)))

      const stored = await outbox.list('waiting', 10)
      expect(stored.map(({ form }) => form).toSorted()).toStrictEqual(['contact', 'demo'])
      expect(await outbox.status(T)).toMatchObject({ waiting: 2, reusedIds: 1 })
    })

    it('is held when a guard asks for it', async () => {
      const outbox = await open(WIDE)

      await addAll(outbox, lead('a'), lead('a', { form: 'demo', hold: 'spam' }))

      expect(await outbox.list('held', 10)).toMatchObject([{ form: 'demo', reason: 'spam', notes: [NOTE] }])
      expect(await outbox.status(T)).toMatchObject({ waiting: 1, held: 1, reusedIds: 1 })
    })

    it('is replayed by its id, with its note', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'), lead('a', { form: 'demo' }))
      const { id } = await replaced(outbox)
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, { kind: 'parked', reason: 'no such attribute' })

      const result = await outbox.replay([id], {}, T)
      const [sent] = await settleNext(outbox, DELIVERED)

      expect(result).toStrictEqual([{ id, result: 'replayed' }])
      expect(sent).toMatchObject({ id, form: 'demo', notes: [NOTE] })
      expect(await outbox.find(id)).toMatchObject({ state: 'delivered', notes: [NOTE] })
    })
  })

  describe('a lead whose id is known with the same content', () => {
    it('changes nothing after an operator has edited the first one', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await settleNext(outbox, { kind: 'parked', reason: 'no such attribute' })
      await outbox.replay(['a'], { rename: { FirstName: 'Nickname' } }, T)

      await addAll(outbox, lead('a'))

      expect(await outbox.status(T)).toStrictEqual(expect.not.objectContaining({ reusedIds: expect.anything() }))
      expect(await outbox.status(T)).toMatchObject({ waiting: 1 })
    })

    it('changes nothing after the first one was delivered but for a rejected attribute', async () => {
      const outbox = await open(WIDE)
      const both = lead('a', attributesOf({ FirstName: 'Zoë', Colour: 'red' }))
      await addAll(outbox, both)
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'no Colour', rejectedAttributes: ['Colour'] })
      await settleNext(outbox, DELIVERED)

      await addAll(outbox, both)

      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 1 })
    })
  })
}
