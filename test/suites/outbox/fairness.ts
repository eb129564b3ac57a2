/** Turns: which leads the next call is for, so that neither a kind of call nor a form waits for all the others. */
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  claimBatch,
  idsOf,
  LATER,
  lead,
  park,
  SECOND,
  settleBatch,
  settleNext,
  T,
  WIDE,
  WIDE_BATCHES,
  type LeadParts,
} from './leads.ts'
import type { Open, OpenDurable } from './suite.ts'
import { TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { BY_FORM } from './batching.ts'

const THREE_IN_A_CALL = { ...WIDE_BATCHES, leadsPerCall: 3 }

/** Creates so many leads of different people, which are named with a number from 0. */
function many(name: string, count: number, over: LeadParts = {}): Lead[] {
  return Array.from({ length: count }, (_, at) => lead(`${name}-${at}`, over))
}

/** Claims batches one by one, without settling them. Returns their leads. */
async function claimOneByOne(outbox: Outbox, count: number, now: number): Promise<string[][]> {
  const batches: string[][] = []
  for (let n = 0; n < count; n += 1) batches.push(...idsOf(await outbox.claim(now, LATER, 1)))
  return batches
}

/** Returns a letter for each batch: `s` for a shared one, `a` for a lead that goes alone. */
function kindsOf(batches: readonly string[][]): string {
  return batches.map(([first = '']) => (first.startsWith('shared') ? 's' : 'a')).join('')
}

export function fairness(open: Open): void {
  describe('leads that share a call, and leads that need a call each', () => {
    it('a full shared batch goes before leads that have waited longer for a call each', async () => {
      const outbox = await open(THREE_IN_A_CALL)
      await outbox.add(many('alone', 4, { workspace: 'w' }), T)
      await outbox.add(many('shared', 3), T + 1)

      expect(idsOf(await outbox.claim(T + 1, LATER, 2))).toStrictEqual([
        ['shared-0', 'shared-1', 'shared-2'],
        ['alone-0'],
      ])
    })

    it('a shared batch that is not full waits for a lead that is due longer', async () => {
      const outbox = await open(THREE_IN_A_CALL)
      await outbox.add(many('alone', 1, { workspace: 'w' }), T)
      await outbox.add(many('shared', 2), T + 1)

      expect(idsOf(await outbox.claim(T + 1, LATER, 2))).toStrictEqual([['alone-0'], ['shared-0', 'shared-1']])
    })

    it('leads that are not due yet do not fill a shared batch', async () => {
      const outbox = await open(THREE_IN_A_CALL)
      await outbox.add(many('alone', 1, { workspace: 'w' }), T)
      await outbox.add(many('shared', 2), T + 1)
      await outbox.add([lead('shared-2')], T + 2)

      expect(idsOf(await outbox.claim(T + 1, LATER, 1))).toStrictEqual([['alone-0']])
    })

    it.each([
      ['in one claim', async (outbox: Outbox) => idsOf(await outbox.claim(T, LATER, 9))],
      ['in a claim each', (outbox: Outbox) => claimOneByOne(outbox, 9, T)],
    ])(
      'a lead that needs a call of its own has one of four calls, however many batches are full: %s',
      async (_, nine) => {
        const outbox = await open(THREE_IN_A_CALL)
        await outbox.add(many('shared', 60), T - 1)
        await outbox.add(many('alone', 20, { workspace: 'w' }), T)

        expect(kindsOf(await nine(outbox))).toBe('sssasssas')
      },
    )

    it('a shared batch has one of ten calls, however many leads wait longer for a call each', async () => {
      const outbox = await open(THREE_IN_A_CALL)
      await outbox.add(many('alone', 30, { workspace: 'w' }), T)
      await outbox.add(many('shared', 1), T + 1)

      const first = await claimOneByOne(outbox, 10, T + 1)
      await outbox.add([lead('shared-later')], T + 2)
      const second = await claimOneByOne(outbox, 10, T + 2)

      expect([first, second].map(kindsOf)).toStrictEqual(['aaaaaaaaas', 'aaaaaaaaas'])
    })

    it('with one lead in a call, the lead that is due longest goes first, of either kind', async () => {
      const outbox = await open(WIDE)
      for (let n = 0; n < 12; n += 1) await outbox.add([lead(`alone-${n}`, { workspace: 'w' })], T + n)
      for (let n = 0; n < 5; n += 1) await outbox.add([lead(`shared-${n}`)], T + 12 + n)
      await outbox.add([lead('alone-12', { workspace: 'w' })], T + 17)

      expect(kindsOf(idsOf(await outbox.claim(T + 20, LATER, 20)))).toBe('aaaaaaaaaaaasssssa')
    })
  })

  describe('many leads of one form', () => {
    it.each<[string, LeadParts]>([
      ['that need a call each', { workspace: 'w' }],
      ['that share calls', {}],
    ])('do not delay a lead of another form: leads %s', async (_, over) => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 2 })
      await outbox.add(many('flood', 20, { form: 'contact', ...over }), T)
      await outbox.add([lead('other', { form: 'demo', ...over })], T + 1)

      const leads = idsOf(await outbox.claim(T + 1, LATER, 2)).flat()

      expect(leads.indexOf('other')).toBe(1)
    })

    it('take no more of a batch than the others leave, and each form leads in its turn', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 4 })
      const forms: [string, number][] = [
        ['contact', 9],
        ['demo', 1],
        ['event', 3],
      ]
      for (const [form, count] of forms) await outbox.add(many(form, count, { form }), T)

      expect(idsOf(await outbox.claim(T, LATER, 4))).toStrictEqual([
        ['contact-0', 'demo-0', 'event-0', 'contact-1'],
        ['event-1', 'contact-2', 'event-2', 'contact-3'],
        ['contact-4', 'contact-5', 'contact-6', 'contact-7'],
        ['contact-8'],
      ])
    })

    it('do not delay another form where each goes alone after a failure', async () => {
      const outbox = await open(THREE_IN_A_CALL)
      await outbox.add(many('flood', 6), T)
      for (const _ of many('flood', 6)) {
        await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'no answer', suspect: true })
      }
      await outbox.add([lead('other', { form: 'demo' })], T + 1)

      const first = await settleNext(outbox, { kind: 'delivered', leadId: 7 }, T + 1)

      expect(first.map(({ id }) => id)).toStrictEqual(['other'])
    })

    it('keep their turn while none of their leads is due', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...many('contact', 2), ...many('demo', 2, { form: 'demo' }))
      const batch = await claimBatch(outbox)
      await settleBatch(outbox, batch, { kind: 'retry', dueAt: T, reason: 'busy' })

      expect(idsOf(await outbox.claim(T, LATER, 4))).toStrictEqual([
        ['demo-0'],
        ['contact-0'],
        ['demo-1'],
        ['contact-1'],
      ])
    })
  })
}

/** The turns of sources within a form. */
export function sources(open: Open): void {
  const A = { network: '192.0.2.1' }
  const B = { network: '192.0.2.2' }
  const C = { network: '192.0.2.3' }

  describe('many leads of one source', () => {
    it.each<[string, LeadParts]>([
      ['that need a call each', { workspace: 'w' }],
      ['that share calls', {}],
    ])('do not delay a lead of another source: leads %s', async (_, over) => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 2 })
      await outbox.add(many('flood', 20, { ...A, ...over }), T)
      await outbox.add([lead('other', { ...B, ...over, acceptedAt: T + 1 })], T + 1)

      const leads = idsOf(await outbox.claim(T + 1, LATER, 2)).flat()

      expect(leads.indexOf('other')).toBe(1)
    })

    it('take no more of a batch than the others leave, which are in the order in which they came', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 4 })
      await outbox.add([...many('a', 9, A), ...many('b', 1, B), ...many('c', 3, C)], T)

      expect(idsOf(await outbox.claim(T, LATER, 4))).toStrictEqual([
        ['a-0', 'b-0', 'c-0', 'a-1'],
        ['c-1', 'a-2', 'c-2', 'a-3'],
        ['a-4', 'a-5', 'a-6', 'a-7'],
        ['a-8'],
      ])
    })

    it('do not delay another source although all of them have failed, and are due before it', async () => {
      const outbox = await open(WIDE)
      await outbox.add([...many('flood', 6, A), lead('other', B)], T)
      for (const batch of await outbox.claim(T, LATER, 7)) {
        const dueAt = batch.jobs[0]!.lead.id === 'other' ? T + 20 : T + 10
        await settleBatch(outbox, batch, { kind: 'retry', dueAt, reason: 'busy' })
      }

      expect(
        idsOf(await outbox.claim(T + 20, LATER, 7))
          .flat()
          .indexOf('other'),
      ).toBe(1)
    })

    it('do not delay another source after a start with another transport, and while some have failed', async () => {
      const outbox = await open(WIDE)
      await outbox.add(many('flood', 6, A), T)
      await settleNext(outbox, { kind: 'retry', dueAt: T + 10, reason: 'busy' })
      await outbox.resume(T)
      await outbox.add([lead('other', { ...B, acceptedAt: T + 10 })], T + 10)

      expect(idsOf(await outbox.claim(T + 10, LATER, 7)).flat()).toStrictEqual(
        'flood-1 other flood-2 flood-3 flood-4 flood-5 flood-0'.split(' '),
      )
    })

    it('go one after the other, and one that met a limit is the next again', async () => {
      const outbox = await open(WIDE)
      await outbox.add(many('a', 3, A), T)
      await settleNext(outbox, { kind: 'limited', limit: 'concurrency', retryAt: T, reason: 'busy' })

      const later = T + 60 * SECOND
      expect(idsOf(await outbox.claim(later, later + SECOND, 3)).flat()).toStrictEqual(['a-0', 'a-1', 'a-2'])
    })

    it('that an operator replays do not delay a lead that comes in', async () => {
      const outbox = await open(WIDE)
      const parked = Array.from({ length: 6 }, (_, at) => lead(`parked-${at}`, { network: `192.0.2.${at}` }))
      await park(outbox, ...parked.map((each): [Lead] => [each]))
      await outbox.replay(
        parked.map(({ id }) => id),
        {},
        T + 1,
      )
      await outbox.add([lead('visitor', { ...A, acceptedAt: T + 2 })], T + 2)

      expect(
        idsOf(await outbox.claim(T + 2, LATER, 7))
          .flat()
          .indexOf('visitor'),
      ).toBe(1)
    })
  })

  it('leads without a source go in the order in which they are due, and wait for one lead of each source', async () => {
    const outbox = await open(WIDE)
    await outbox.add([...many('a', 3, A), lead('none-0')], T)
    await outbox.add([lead('none-1', { acceptedAt: T + 2 })], T + 2)
    await outbox.add([lead('none-2', { acceptedAt: T + 1 })], T + 1)

    expect(idsOf(await outbox.claim(T + 2, LATER, 6)).flat()).toStrictEqual(
      'a-0 none-0 none-2 none-1 a-1 a-2'.split(' '),
    )
  })

  it('a person whose leads came from two sources has them sent one after the other, in their order', async () => {
    const outbox = await open(WIDE)
    await outbox.add([...many('a', 3, A), lead('one', { ...A, person: 'p' }), lead('two', { ...B, person: 'p' })], T)

    const sent: string[] = []
    for (let n = 0; n < 5; n += 1) {
      sent.push(...(await settleNext(outbox, { kind: 'delivered', leadId: 7 })).map(({ id }) => id))
    }

    expect(sent.filter((id) => id === 'one' || id === 'two')).toStrictEqual(['one', 'two'])
  })

  it('the network of a lead is not kept', async () => {
    const outbox = await open(WIDE)
    await outbox.add([lead('a', A), lead('b', { ...A, hold: 'spam' })], T)

    const records = [await outbox.find('a'), await outbox.find('b')]

    expect(records.map((record) => record?.lead?.email)).toStrictEqual(['a@example.com', 'b@example.com'])
    expect(JSON.stringify([records, await outbox.claim(T, LATER, 1)])).not.toContain('192.0.2')
  })
}

/** The turns of an outbox that survives the end of its process. */
export function durableTurns(open: OpenDurable): void {
  it('the turns of forms and of kinds of calls go on after a restart', async () => {
    const limits = THREE_IN_A_CALL
    const { outbox, reopen } = await open({ limits, batchKeys: TEST_BATCH_KEYS })
    await outbox.add([...many('shared', 30), ...many('alone', 4, { workspace: 'w' })], T)
    await outbox.add(many('alone-demo', 4, { workspace: 'w', form: 'demo' }), T + 1)
    const before = idsOf(await outbox.claim(T + 1, LATER, 6))

    const after = await (await reopen()).claim(T + 1, LATER, 3)

    expect(kindsOf([...before, ...idsOf(after)])).toBe('sssasssas')
    expect(before[3]).toStrictEqual(['alone-0'])
    expect(idsOf(after)[1]).toStrictEqual(['alone-demo-0'])
  })

  it('the turns of sources go on after a restart, also with batch keys of another transport', async () => {
    const { outbox, reopen } = await open({ limits: WIDE, batchKeys: TEST_BATCH_KEYS })
    await outbox.add(many('flood', 6, { network: '192.0.2.1' }), T)
    await outbox.add([lead('other', { network: '192.0.2.2', acceptedAt: T + 1 })], T + 1)
    await outbox.claim(T + 1, LATER, 1)

    const same = await reopen()
    await same.resume(T + 1)
    expect(idsOf(await same.claim(T + 1, LATER, 1))).toStrictEqual([['other']])

    await same.add([lead('third', { network: '192.0.2.3', acceptedAt: T + 2 })], T + 2)
    const changed = await reopen({ batchKeys: BY_FORM })
    await changed.resume(T + 2)
    expect(idsOf(await changed.claim(T + 2, LATER, 2)).flat()).toStrictEqual(['flood-1', 'third'])
  })
}
