/** The audit log: what operators did. */
import { describe, expect, it } from 'vitest'
import type { Act } from '../../../relay/outbox/acts.ts'
import { TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { SECOND, T, WIDE } from './leads.ts'
import type { Open, OpenDurable } from './suite.ts'

const DAY = 86_400 * SECOND
const DISCARD: Act = { kind: 'discard', by: 'ana', via: 'http', selector: '{"form":"contact"}', reason: 'a flood' }
const RETRY: Act = { kind: 'retry', by: 'bo', via: 'command', selector: '{}' }

export function acts(open: Open): void {
  describe('the audit log', () => {
    it('lists the acts of operators, the latest first, with the number of leads once it is known', async () => {
      const outbox = await open(WIDE)

      const discard = await outbox.beginAct(DISCARD, T)
      await outbox.endAct(discard, 12)
      const retry = await outbox.beginAct(RETRY, T + SECOND)

      expect(await outbox.listActs(10)).toStrictEqual([
        { id: retry, at: T + SECOND, ...RETRY },
        { id: discard, at: T, ...DISCARD, leads: 12 },
      ])
    })

    it('is listed in pages', async () => {
      const outbox = await open(WIDE)
      const ids: number[] = []
      for (let n = 0; n < 5; n += 1) ids.push(await outbox.beginAct(RETRY, T))

      const first = await outbox.listActs(2)
      const second = await outbox.listActs(10, first.at(-1)!.id)

      expect([first, second].map((page) => page.map(({ id }) => id))).toStrictEqual([
        [ids[4], ids[3]],
        [ids[2], ids[1], ids[0]],
      ])
    })

    it('names a person by a digest alone', async () => {
      const outbox = await open(WIDE)
      const erase: Act = { kind: 'erase', by: 'ana', via: 'http', selector: '{}' }

      await outbox.beginAct({ ...erase, person: 'zoe@example.com' as NonNullable<Act['person']> }, T)
      await outbox.beginAct({ ...erase, person: 'zoe@example.com' as NonNullable<Act['person']> }, T)
      await outbox.beginAct({ ...erase, person: 'yan@example.com' as NonNullable<Act['person']> }, T)

      const [yan, zoe, same] = (await outbox.listActs(3)).map(({ personKey }) => personKey)
      expect(zoe).toBe(same)
      expect(yan).not.toBe(zoe)
      expect(JSON.stringify(await outbox.listActs(1))).not.toMatch(/"person":/)
    })

    it('keeps an act for 400 days', async () => {
      const outbox = await open(WIDE)
      await outbox.beginAct(RETRY, T)
      await outbox.beginAct(DISCARD, T + DAY)

      await outbox.beginAct(RETRY, T + 401 * DAY)

      expect((await outbox.listActs(10)).map(({ at }) => at)).toStrictEqual([T + 401 * DAY, T + DAY])
    })
  })
}

export function durableActs(open: OpenDurable): void {
  describe('the audit log', () => {
    it('is there after a restart, and is one for all accounts', async () => {
      const { outbox, reopen, openAccount } = await open({ limits: WIDE, batchKeys: TEST_BATCH_KEYS })
      const id = await outbox.beginAct(DISCARD, T)

      const again = await reopen()
      await again.endAct(id, 1)

      const stored = [{ id, at: T, ...DISCARD, leads: 1 }]
      expect(await again.listActs(10)).toStrictEqual(stored)
      expect(await (await openAccount('sandbox')).listActs(10)).toStrictEqual(stored)
    })

    it('has no address of a person', async () => {
      const { outbox } = await open({ limits: WIDE, batchKeys: TEST_BATCH_KEYS })

      await outbox.beginAct({ ...DISCARD, person: 'zoe@example.com' as NonNullable<Act['person']> }, T)

      expect(JSON.stringify(await outbox.listActs(10))).not.toContain('zoe')
    })
  })
}
