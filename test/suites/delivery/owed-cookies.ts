/** Cookies that follow their leads: always, or while more leads need a call of their own than calls are left. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import type { Verdict } from '../../../relay/delivery/transport.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { LIMITS, type Limits } from '../../../relay/outbox/limits/limits.ts'
import { lead, SECOND, T } from '../outbox/leads.ts'
import { startMarketo, stored, timedOut, type Call } from './marketo.ts'
import type { OpenEmpty } from './suite.ts'

const HOUR = 3_600 * SECOND

/** End of the day of `T`: a minute after midnight in Chicago. */
const MIDNIGHT = 1_700_028_060_000

/** Limits of an account that has few calls a day. */
const FEW: Limits = { ...LIMITS, callsPerDay: 20 }

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

/** Creates leads of different people and visitors; every third has a cookie. */
function mixed(count: number): Lead[] {
  return Array.from({ length: count }, (_, n) => lead(`l${n}`, n % 3 === 0 ? { cookie: `cookie-${n}` } : {}))
}

/** Names a call by its leads, or by the lead whose cookie it associates. */
function nameOf({ leads, owed }: Call): string {
  return owed ? `cookie of ${owed.id}` : leads.map(({ id }) => id).join(' ')
}

export function owedCookies(open: OpenEmpty, isWhole: boolean): void {
  describe('owed cookies', () => {
    it('under pressure all values go in shared calls at once, and the cookies follow, the newest first', async () => {
      const outbox = await open(FEW)
      // 30 leads need a call of their own, and 20 calls are left.
      await outbox.add(mixed(90), T)
      const { calls, owners, writes, runUntil } = startMarketo(outbox, FEW, () => stored())

      await runUntil(MIDNIGHT - 1)
      const today = calls.map(nameOf)
      await runUntil(T + 48 * HOUR)

      const [values, ...cookies] = calls
      expect(values?.leads).toHaveLength(90)
      expect(values?.leads.every(({ cookie }) => cookie === undefined)).toBe(true)
      const newestFirst = Array.from({ length: 30 }, (_, n) => `cookie of l${87 - 3 * n}`)
      expect(cookies.map(nameOf)).toStrictEqual(newestFirst)
      expect(today).toHaveLength(20)
      expect(writes).toHaveLength(90)
      expect(owners.size).toBe(30)
      expect(owners.get('cookie-87')).toStrictEqual(['l87@example.com'])
      expect(await outbox.status(T + 48 * HOUR)).toMatchObject({ waiting: 0, delivered: 90 })
    })

    it('without pressure nothing changes: each lead takes its cookie along', async () => {
      const outbox = await open(FEW)
      // 19 leads need a call of their own, and one call is for the others.
      await outbox.add(mixed(57), T)
      const { calls, runUntil } = startMarketo(outbox, FEW, () => stored())

      await runUntil(T + HOUR)

      const [shared, ...alone] = calls.toSorted((a, b) => b.leads.length - a.leads.length)
      expect(shared?.leads).toHaveLength(38)
      expect(alone.map(({ leads: [only], owed }) => [only?.cookie, owed])).toStrictEqual(
        Array.from({ length: 19 }, (_, n) => [`cookie-${3 * n}`, undefined]),
      )
      expect((await outbox.find('l0'))?.notes).toStrictEqual([])
    })

    it('once the backlog is small, a lead takes its cookie along again', async () => {
      const outbox = await open(FEW)
      await outbox.add(mixed(90), T)
      const { calls, plan, runUntil } = startMarketo(outbox, FEW, () => stored())
      plan(T + 48 * HOUR, () => outbox.add([lead('new', { cookie: 'new' })], T + 48 * HOUR))

      await runUntil(T + 49 * HOUR)

      expect(calls.at(-1)?.leads).toStrictEqual([lead('new', { cookie: 'new' })])
    })

    it('a lead that is posted while cookies are owed is sent first', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      // More than may be sent in the ten seconds until then.
      const cookies = isWhole ? 100 : 60
      await outbox.add(mixed(3 * cookies), T)
      const { calls, plan, runUntil } = startMarketo(outbox, LIMITS, () => stored())
      plan(T + 10 * SECOND, () => outbox.add([lead('new')], T + 10 * SECOND))

      await runUntil(T + HOUR)

      const sent = calls.find((call) => nameOf(call) === 'new')
      expect(sent?.startedAt).toBeLessThanOrEqual(T + 11 * SECOND)
      expect(calls.filter(({ owed }) => owed)).toHaveLength(cookies)
      expect(calls.indexOf(sent!)).toBeLessThan(60)
    })

    it('a cookie whose call gets no reply is associated once more, and its lead is not sent again', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await outbox.add([lead('a', { cookie: COOKIE })], T)
      const { calls, owners, runUntil } = startMarketo(outbox, LIMITS, (call) =>
        calls.length === 2 ? { ...timedOut(call, LIMITS.timeout), stores: true } : stored(),
      )

      await runUntil(T + HOUR)

      expect(calls.map(nameOf)).toStrictEqual(['a', 'cookie of a', 'cookie of a'])
      // Not while Marketo may still be processing the first one.
      expect(calls[2]!.startedAt - calls[1]!.startedAt).toBeGreaterThanOrEqual(100 * SECOND)
      expect(owners.get(COOKIE)).toStrictEqual(['a@example.com', 'a@example.com'])
    })

    it('the cookie of a visitor with two leads is associated once, with the person of the last one', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await outbox.add([lead('first', { cookie: COOKIE }), lead('second', { cookie: COOKIE })], T)
      const { calls, owners, runUntil } = startMarketo(outbox, LIMITS, () => stored())

      await runUntil(T + HOUR)

      // Leads of one visitor never share a call.
      expect(calls.map(nameOf)).toStrictEqual(['first', 'second', 'cookie of second'])
      expect(owners.get(COOKIE)).toStrictEqual(['second@example.com'])
    })

    it.each([
      ['always', LIMITS, AFTER_LEAD],
      ['under pressure', { ...LIMITS, callsPerDay: 30 }, undefined],
    ])('D13: a corrected address has the cookie in the end where cookies follow %s', async (_, limits, batchKeys) => {
      const outbox = await open(limits, batchKeys)
      const mistyped = lead('mistyped', { email: 'ana@acme.exmaple', cookie: COOKIE })
      const corrected = lead('corrected', { email: 'ana@acme.example', cookie: COOKIE, acceptedAt: T + 8 * SECOND })
      await outbox.add([mistyped, ...(batchKeys ? [] : mixed(120))], T)
      let refused = 0
      const { owners, plan, runUntil } = startMarketo(outbox, limits, ({ leads }) => {
        const isRefused = leads.some(({ id }) => id === 'mistyped') && refused < 5
        if (!isRefused) return stored()
        refused += 1
        const no: Verdict = { kind: 'failed', fault: 'lead', arrived: 'yes', reason: 'FAILED', maxAttempts: 9 }
        const yes: Verdict = { kind: 'delivered', leadId: 7 }
        return { verdicts: leads.map(({ id }) => (id === 'mistyped' ? no : yes)), afterMs: SECOND }
      })
      plan(T + 8 * SECOND, () => outbox.add([corrected], T + 8 * SECOND))

      await runUntil(T + 72 * HOUR)

      expect(refused).toBe(5)
      expect(owners.get(COOKIE)).toStrictEqual(['ana@acme.example'])
      expect((await outbox.find('mistyped'))?.notes).toStrictEqual([
        'cookie left out: a later lead of the same visitor was delivered with it',
      ])
    })

    it('a cookie that Marketo refuses ends as a note of the receipt', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await outbox.add([lead('a', { cookie: COOKIE })], T)
      const refused: Verdict = { kind: 'park', reason: '1012 Invalid Cookie' }
      const { calls, runUntil } = startMarketo(outbox, LIMITS, ({ owed }) =>
        owed ? { verdicts: [refused], afterMs: SECOND } : stored(),
      )

      await runUntil(T + 24 * HOUR)

      expect(calls).toHaveLength(2)
      expect(await outbox.find('a')).toMatchObject({
        state: 'delivered',
        notes: ['cookie not associated: Marketo did not take it'],
      })
    })

    it.runIf(isWhole)('a cookie that fails is tried for five days with growing pauses, and then given up', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await outbox.add([lead('a', { cookie: COOKIE })], T)
      const busy: Verdict = { kind: 'failed', fault: 'lead', arrived: 'yes', reason: '611' }
      const { calls, runUntil } = startMarketo(outbox, LIMITS, ({ owed }) =>
        owed ? { verdicts: [busy], afterMs: SECOND } : stored(),
      )

      await runUntil(T + 7 * 24 * HOUR)

      const waits = calls.slice(1).map(({ startedAt }, at) => startedAt - calls[at]!.startedAt)
      expect(waits[2]).toBeLessThan(10 * SECOND)
      expect(waits.at(-1)).toBeGreaterThanOrEqual(HOUR / 2)
      const lasted = calls.at(-1)!.startedAt - T
      expect(lasted).toBeGreaterThan(5 * 24 * HOUR)
      expect(lasted).toBeLessThan(5 * 24 * HOUR + 2 * HOUR)
      expect((await outbox.find('a'))?.notes).toStrictEqual(['cookie not associated: Marketo did not take it'])
    })

    it('while Marketo cannot be reached, cookies wait with the leads', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await outbox.add(mixed(isWhole ? 30 : 9), T)
      const away: Verdict = { kind: 'failed', fault: 'account', arrived: 'no', reason: 'ECONNREFUSED' }
      const isAway = (now: number) => now > T + 500 && now < T + HOUR
      const { calls, runUntil } = startMarketo(outbox, LIMITS, ({ startedAt }) =>
        isAway(startedAt) ? { verdicts: [away], afterMs: 10 } : stored(),
      )

      await runUntil(T + HOUR)
      const during = calls.filter(({ owed }) => owed).length
      await runUntil(T + 2 * HOUR)

      // One call a minute at most looks whether Marketo is back, once those are over that were out.
      expect(during).toBeLessThan(150)
      expect(await outbox.status(T + 2 * HOUR)).toMatchObject({ waiting: 0, delivered: isWhole ? 30 : 9 })
      expect(await outbox.status(T + 2 * HOUR)).not.toHaveProperty('owed')
    })
  })
}
