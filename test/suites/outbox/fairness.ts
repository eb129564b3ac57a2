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
  settleBatch,
  settleNext,
  T,
  WIDE,
  WIDE_BATCHES,
  type LeadParts,
} from './leads.ts'
import type { Open, OpenDurable } from './suite.ts'
import { TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'

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
}
