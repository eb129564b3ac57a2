/** Sweeping receipts of delivered leads. */
import { describe, expect, it } from 'vitest'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { addAll, claimBatch, LATER, lead, settleBatch, settleNext, T, WIDE } from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

export function receipts(open: Open): void {
  describe('a sweep', () => {
    async function openDelivered(...times: number[]): Promise<Outbox> {
      const outbox = await open(WIDE)
      for (const at of times) {
        await outbox.add([lead(`at-${at - T}`)], T)
        await settleNext(outbox, DELIVERED, at)
      }
      return outbox
    }

    it('removes receipts from before a time, the oldest first, at most as many as asked for', async () => {
      const outbox = await openDelivered(T, T + 1, T + 2, T + 3, T + 4)

      const swept = [await outbox.sweep(T + 4, 3), await outbox.find('at-2'), await outbox.find('at-3')]
      const rest = [await outbox.sweep(T + 4, 3), await outbox.sweep(T + 4, 3)]

      expect(swept).toStrictEqual([3, undefined, expect.objectContaining({ id: 'at-3' })])
      expect(rest).toStrictEqual([1, 0])
      expect(await outbox.find('at-3')).toBeUndefined()
      expect(await outbox.find('at-4')).toMatchObject({ state: 'delivered' })
    })

    it('leaves the leads counted as delivered', async () => {
      const outbox = await openDelivered(T, T + 1)

      await outbox.sweep(LATER, 10)

      expect(await outbox.status(T)).toMatchObject({ waiting: 0, held: 0, parked: 0, delivered: 2 })
    })

    it('removes nothing but receipts, however old the other jobs are', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('held', { hold: 'spam' }))
      await addAll(outbox, ...['delivered', 'parked', 'rejected', 'leased', 'waits'].map((id) => lead(id)))
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, { kind: 'parked', reason: 'no such attribute' })
      await settleNext(outbox, { kind: 'requeue', dueAt: T - 1, reason: 'no', rejectedAttributes: ['FirstName'] })
      await settleNext(outbox, DELIVERED)
      await claimBatch(outbox)

      expect(await outbox.sweep(LATER, 10)).toBe(1)

      const found = await Promise.all(
        ['delivered', 'parked', 'rejected', 'leased', 'waits', 'held'].map((id) => outbox.find(id)),
      )
      expect(found.map((record) => record?.state)).toStrictEqual([
        undefined,
        'parked',
        'parked',
        'waiting',
        'waiting',
        'held',
      ])
    })

    it('makes the ids of the receipts free for new leads', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'), lead('b'))
      const first = await claimBatch(outbox)
      await settleBatch(outbox, first, DELIVERED)
      await outbox.sweep(LATER, 10)

      await outbox.add([lead('a', { form: 'demo' })], T)
      await settleBatch(outbox, first, DELIVERED)

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 0, form: 'demo' })
      const order: string[] = []
      for (const _ of [1, 2]) order.push(...(await settleNext(outbox, DELIVERED)).map(({ id }) => id))
      expect(order).toStrictEqual(['a', 'b'])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 3 })
    })
  })
}
