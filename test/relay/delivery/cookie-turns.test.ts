/**
 * The cookie of a visitor whose people are in different outboxes: it ends with the person of the newest lead that was
 * delivered, whatever dies meanwhile.
 */
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../relay/delivery/transport.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { chanceOf } from '../../chaos/chance.ts'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'
import { cookieIn, leadIn, startSeveral, type SeveralOptions, type Step } from './several-outboxes.ts'

const HOUR = 3_600 * SECOND
const TRANSPORTS = [
  ['SOAP', TEST_BATCH_KEYS],
  ['REST', AFTER_LEAD],
] as const

/** The visitor, the mistyped address and the corrected one, each in another outbox. */
const COOKIE = cookieIn(2)
const MISTYPED = leadIn(0, 'mistyped', { cookie: COOKIE })
const CORRECTED = leadIn(1, 'corrected', { cookie: COOKIE })

const ASSOCIATED = 'cookie associated in a call of its own'
const STALE = 'cookie left out: a later lead of the same visitor was delivered with it'

const FAILED: Verdict = { kind: 'failed', fault: 'lead', arrived: 'yes', reason: 'FAILED', maxAttempts: 9 }
const LOST: Verdict = { kind: 'failed', fault: 'lead', arrived: 'maybe', reason: 'no reply' }

/** Returns a Marketo that refuses a lead a number of times. */
function refusing(id: string, times: number) {
  let left = times
  return (lead: Lead): Verdict | undefined => (lead.id === id && left-- > 0 ? FAILED : undefined)
}

/** Lets the outbox of a lead die once, at a step. */
function once(at: Step, of: string) {
  let hasDied = false
  return {
    dies: (step: Step, { id }: { id: string }) => !hasDied && step === at && id === of && (hasDied = true),
    died: () => hasDied,
  }
}

/** Posts the mistyped address, and the corrected one after eight seconds; an hour passes. */
async function correct(options: Partial<SeveralOptions> = {}) {
  const several = await startSeveral({ batchKeys: TEST_BATCH_KEYS, ...options })
  several.post(T, MISTYPED)
  several.post(T + 8 * SECOND, CORRECTED)
  await several.runUntil(T + HOUR)
  return several
}

describe('the cookie of a visitor whose people are in different outboxes', () => {
  describe.each(TRANSPORTS)('by %s', (_, batchKeys) => {
    it('D13: ends with the corrected address, although Marketo refuses the mistyped one five times meanwhile', async () => {
      const { writes, owners, find } = await correct({ batchKeys, refuse: refusing('mistyped', 5) })

      expect(writes.map(({ id }) => id)).toStrictEqual(['corrected', 'mistyped'])
      expect(owners.get(COOKIE)).toStrictEqual([CORRECTED.email])
      expect((await find(CORRECTED))?.notes).toStrictEqual([ASSOCIATED])
      expect((await find(MISTYPED))?.notes).toStrictEqual([STALE])
    })

    it('ends with the corrected address when the mistyped lead was parked, and is replayed', async () => {
      const park: Verdict = { kind: 'park', reason: '20110' }
      let parks = true
      const several = await startSeveral({
        batchKeys,
        refuse: ({ id }) => (id === 'mistyped' && parks ? park : undefined),
      })
      several.post(T, MISTYPED)
      several.post(T + 8 * SECOND, CORRECTED)
      await several.runUntil(T + HOUR)
      parks = false
      several.replay(T + 2 * HOUR, MISTYPED)

      await several.runUntil(T + 3 * HOUR)

      expect(several.writes.map(({ id }) => id)).toStrictEqual(['corrected', 'mistyped'])
      expect(several.owners.get(COOKIE)).toStrictEqual([CORRECTED.email])
      expect((await several.find(MISTYPED))?.notes).toStrictEqual([STALE])
    })

    it('is associated once for a visitor of one person, and each lead is sent without it', async () => {
      const several = await startSeveral({ batchKeys })
      several.post(T, MISTYPED)

      await several.runUntil(T + HOUR)

      expect(several.writes.map(({ id, cookie }) => [id, cookie])).toStrictEqual([['mistyped', undefined]])
      expect(several.cookieCalls).toHaveLength(1)
      expect(several.owners.get(COOKIE)).toStrictEqual([MISTYPED.email])
    })
  })

  it('is with the person of a replayed lead whose cookie a person has set, although it is older', async () => {
    const park: Verdict = { kind: 'park', reason: '20110' }
    let parks = true
    const several = await startSeveral({
      batchKeys: TEST_BATCH_KEYS,
      refuse: ({ id }) => (id === 'mistyped' && parks ? park : undefined),
    })
    several.post(T, MISTYPED)
    several.post(T + 8 * SECOND, CORRECTED)
    await several.runUntil(T + HOUR)
    parks = false
    several.replay(T + 2 * HOUR, MISTYPED, { cookie: COOKIE })

    await several.runUntil(T + 3 * HOUR)

    expect(several.owners.get(COOKIE)).toStrictEqual([CORRECTED.email, MISTYPED.email])
  })

  it('is in one call at a time, and the corrected address waits for a slow call of the mistyped one', async () => {
    const { cookieCalls, owners } = await correct({
      answerCookie: ({ id }) => (id === 'mistyped' ? LOST : { kind: 'delivered', leadId: 7 }),
    })

    const [first, second] = cookieCalls
    expect(cookieCalls.map(({ id }) => id)).toStrictEqual(['mistyped', 'corrected'])
    // The lease of a call without a reply.
    expect(second!.from).toBeGreaterThanOrEqual(first!.from + 100 * SECOND)
    expect(owners.get(COOKIE)).toStrictEqual([MISTYPED.email, CORRECTED.email])
  })

  it('is with one of two people whose leads have one id and one time, and with the same one whoever asks first', async () => {
    const ends: (string | undefined)[] = []
    for (const slow of [0, 1]) {
      const leads = [leadIn(0, 'same', { cookie: COOKIE }), leadIn(1, 'same', { cookie: COOKIE })] as const
      const late = leads[slow]!
      let left = 1
      const several = await startSeveral({
        batchKeys: AFTER_LEAD,
        refuse: ({ email }) => (email === late.email && left-- > 0 ? FAILED : undefined),
      })
      several.know(...leads.map(({ email }) => email))
      for (const each of leads) several.post(T, each)
      await several.runUntil(T + HOUR)
      ends.push(several.owners.get(COOKIE)?.at(-1))
    }

    expect(ends[0]).toBeDefined()
    expect(ends[0]).toBe(ends[1])
  })

  describe('ends with the corrected address, and each lead is sent once, when', () => {
    const MOMENTS: readonly [string, Step][] = [
      ['before it asks', 'asks'],
      ['once it has the turn', 'has asked'],
      ['before its call', 'calls'],
      ['after its call', 'has called'],
      ['before the outcome is stored', 'settles'],
      ['after the outcome is stored', 'has settled'],
    ]
    it.each(['mistyped', 'corrected'].flatMap((id) => MOMENTS.map(([moment, step]) => [id, moment, step] as const)))(
      'the outbox of the %s one dies %s',
      async (id, _, step) => {
        const { dies, died } = once(step, id)

        const { writes, owners, status } = await correct({ dies })

        expect(died()).toBe(true)
        expect(owners.get(COOKIE)?.at(-1)).toBe(CORRECTED.email)
        expect(writes.map((lead) => lead.id)).toStrictEqual(['mistyped', 'corrected'])
        for (const each of await status()) expect(each).not.toHaveProperty('owed')
      },
    )

    it.each<[string, Step]>([
      ['before it asks', 'asks'],
      ['once it is told', 'has asked'],
      ['before the outcome is stored', 'settles'],
    ])('the outbox of the mistyped one, which is late, dies %s', async (_, step) => {
      const { dies, died } = once(step, 'mistyped')

      const { writes, owners, find, status } = await correct({ dies, refuse: refusing('mistyped', 5) })

      expect(died()).toBe(true)
      expect(owners.get(COOKIE)).toStrictEqual([CORRECTED.email])
      expect(writes.map((lead) => lead.id)).toStrictEqual(['corrected', 'mistyped'])
      expect((await find(MISTYPED))?.notes).toStrictEqual([STALE])
      for (const each of await status()) expect(each).not.toHaveProperty('owed')
    })

    it('the outbox of the visitor does not answer for half an hour', async () => {
      const { writes, owners, cookieCalls, status } = await correct({ isAway: (now) => now < T + HOUR / 2 })
      const firstCall = cookieCalls[0]!.from

      expect(firstCall).toBeGreaterThanOrEqual(T + HOUR / 2)
      expect(owners.get(COOKIE)?.at(-1)).toBe(CORRECTED.email)
      expect(writes.map(({ id }) => id)).toStrictEqual(['mistyped', 'corrected'])
      for (const each of await status()) expect(each).not.toHaveProperty('owed')
    })
  })

  it('ends with the newest lead that was delivered, in one call at a time, whatever dies or fails at random', async () => {
    for (let seed = 0; seed < 8; seed += 1) {
      const chance = chanceOf(seed, 'cookies')
      const isRough = (now: number) => now < T + HOUR
      const several = await startSeveral({
        batchKeys: chance.pick([TEST_BATCH_KEYS, AFTER_LEAD]),
        refuse: () => (chance.happens(0.3) ? FAILED : undefined),
        answerCookie: () => chance.pick([{ kind: 'delivered', leadId: 7 }, FAILED, LOST]),
        dies: () => chance.happens(0.03),
        isAway: (now) => isRough(now) && chance.happens(0.3),
      })
      const visitors = [0, 1, 2].map((visitor) => cookieIn(visitor, `v${visitor}`))
      const posted = visitors.flatMap((cookie, visitor) =>
        [0, 1, 2, 3].map((n) => leadIn(chance.between(0, 2), `${visitor}-${n}`, { cookie })),
      )
      for (const lead of posted) several.post(T + chance.between(0, 120) * SECOND + Number(lead.id.at(-1)), lead)

      await several.runUntil(T + 48 * HOUR)

      const records = await Promise.all(posted.map(async (lead) => ({ lead, record: await several.find(lead) })))
      for (const cookie of visitors) {
        const delivered = records.filter(({ lead, record }) => lead.cookie === cookie && record?.state === 'delivered')
        const newest = delivered.toSorted((a, b) => a.record!.acceptedAt - b.record!.acceptedAt).at(-1)
        expect([seed, several.owners.get(cookie)?.at(-1)]).toStrictEqual([seed, newest?.lead.email])
      }
      for (const [, calls] of Map.groupBy(several.cookieCalls, ({ cookie }) => cookie)) {
        const inOrder = calls.toSorted((a, b) => a.from - b.from)
        for (const [at, call] of inOrder.slice(1).entries())
          expect(call.from).toBeGreaterThanOrEqual(inOrder[at]!.until)
      }
      for (const each of await several.status()) expect(each).toMatchObject({ waiting: 0 })
    }
  })
})
