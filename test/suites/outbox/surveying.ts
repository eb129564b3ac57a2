/** Surveys of the leads that wait, are held or are parked. */
import { describe, expect, it } from 'vitest'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { surveyAll } from './discarding.ts'
import { addAll, lead, LATER, park, SECOND, settleNext, T, WIDE } from './leads.ts'
import type { Open } from './suite.ts'

const HOUR = 3_600 * SECOND
const BOT = '192.0.2.1'

export function surveying(open: Open): void {
  describe('a survey', () => {
    /** One lead of each kind: leased, waiting, held, parked and delivered. */
    async function openMixed(): Promise<Outbox> {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('delivered', { email: 'a@delivered.example' }))
      await settleNext(outbox, { kind: 'delivered', leadId: 7 })
      await park(outbox, [lead('parked', { email: 'b@ACME.example', network: BOT, acceptedAt: T - HOUR })])
      await addAll(outbox, lead('leased', { email: 'c@acme.example', network: BOT }))
      await outbox.claim(T, LATER, 1)
      await addAll(
        outbox,
        lead('waits', { email: 'd@other.example', form: 'demo' }),
        lead('held', { email: '', network: BOT, hold: 'spam score 9' }),
      )
      return outbox
    }

    it('counts the leads of each state by form', async () => {
      const outbox = await openMixed()

      expect(await surveyAll(outbox, {}, 'form')).toStrictEqual([
        { value: 'contact', state: 'held', leads: 1 },
        { value: 'contact', state: 'parked', leads: 1 },
        { value: 'contact', state: 'waiting', leads: 1 },
        { value: 'demo', state: 'waiting', leads: 1 },
      ])
    })

    it('counts by the domain of the address in lower case, and leads without an address by none', async () => {
      const outbox = await openMixed()

      expect(await surveyAll(outbox, {}, 'domain')).toStrictEqual([
        { value: 'acme.example', state: 'parked', leads: 1 },
        { value: 'acme.example', state: 'waiting', leads: 1 },
        { value: 'other.example', state: 'waiting', leads: 1 },
        { value: null, state: 'held', leads: 1 },
      ])
    })

    it('counts by the hour of acceptance', async () => {
      const outbox = await openMixed()

      expect(await surveyAll(outbox, {}, 'hour')).toStrictEqual([
        { value: '2023-11-14T21:00:00.000Z', state: 'parked', leads: 1 },
        { value: '2023-11-14T22:00:00.000Z', state: 'held', leads: 1 },
        { value: '2023-11-14T22:00:00.000Z', state: 'waiting', leads: 2 },
      ])
    })

    it('counts by state, and by the reason of the last failure or of the hold', async () => {
      const outbox = await openMixed()

      expect(await surveyAll(outbox, {}, 'state')).toStrictEqual([
        { value: 'held', state: 'held', leads: 1 },
        { value: 'parked', state: 'parked', leads: 1 },
        { value: 'waiting', state: 'waiting', leads: 2 },
      ])
      expect(await surveyAll(outbox, {}, 'reason')).toStrictEqual([
        { value: 'no such attribute', state: 'parked', leads: 1 },
        { value: 'spam score 9', state: 'held', leads: 1 },
        { value: null, state: 'waiting', leads: 2 },
      ])
    })

    it('counts by the digest of the source, by which leads can be selected', async () => {
      const outbox = await openMixed()

      const groups = await surveyAll(outbox, {}, 'source')
      const bot = groups.find(({ state }) => state === 'held')!.value!

      expect(groups).toHaveLength(4)
      expect(groups).toContainEqual({ value: null, state: 'waiting', leads: 1 })
      expect(groups.filter(({ value }) => value === bot)).toStrictEqual([
        { value: bot, state: 'held', leads: 1 },
        { value: bot, state: 'parked', leads: 1 },
        { value: bot, state: 'waiting', leads: 1 },
      ])
      expect(bot).not.toBe(BOT)
      expect(await surveyAll(outbox, { source: bot, state: 'held' }, 'form')).toStrictEqual([
        { value: 'contact', state: 'held', leads: 1 },
      ])
    })

    it('counts by the rules that have fired, by one of which leads can be selected', async () => {
      const outbox = await open(WIDE)
      await addAll(
        outbox,
        lead('held', { hold: 'links: a link in FirstName', rules: ['links', 'markup'] }),
        lead('waits', { rules: ['markup'] }),
        lead('plain'),
      )

      expect(await surveyAll(outbox, {}, 'rule')).toStrictEqual([
        { value: 'links,markup', state: 'held', leads: 1 },
        { value: 'markup', state: 'waiting', leads: 1 },
        { value: null, state: 'waiting', leads: 1 },
      ])
      expect(await surveyAll(outbox, { rule: 'markup' }, 'form')).toStrictEqual([
        { value: 'contact', state: 'held', leads: 1 },
        { value: 'contact', state: 'waiting', leads: 1 },
      ])
      expect(await surveyAll(outbox, { rule: 'mark' }, 'form')).toStrictEqual([])
    })

    it('counts the leads that meet all conditions of the selector', async () => {
      const outbox = await openMixed()
      const count = async (selector: Parameters<Outbox['survey']>[0]) =>
        (await surveyAll(outbox, selector, 'state')).reduce((sum, { leads }) => sum + leads, 0)

      const counts = [
        await count({}),
        await count({ form: 'contact' }),
        await count({ form: 'contact', state: 'waiting' }),
        await count({ domain: 'acme.example' }),
        await count({ domain: 'delivered.example' }),
        await count({ acceptedFrom: T }),
        await count({ acceptedUntil: T }),
        await count({ acceptedFrom: T - HOUR, acceptedUntil: T - HOUR + 1, domain: 'acme.example' }),
        await count({ acceptedFrom: T + 1 }),
      ]

      expect(counts).toStrictEqual([4, 3, 1, 2, 0, 3, 1, 1, 0])
    })
  })
}
