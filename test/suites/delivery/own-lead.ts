/** Nobody holds up oneself: a lead that fails by itself lets later leads of the same person go. */
import { expect, it } from 'vitest'
import type { Verdict } from '../../../relay/delivery/transport.ts'
import { classifyFailure } from '../../../relay/marketo/soap/classify-failure.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { leaseOf, LIMITS, type Limits } from '../../../relay/outbox/limits/limits.ts'
import { attributesOf, lead, SECOND, T, valuesOf } from '../outbox/leads.ts'
import { startMarketo, stored, timedOut, type Call, type Reply } from './marketo.ts'
import type { OpenEmpty } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const EMAIL = 'v@x.example'
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

const A = lead('a', { email: EMAIL, cookie: COOKIE, ...attributesOf({ Company: 'Old', Title: 'CTO' }) })
const B = lead('b', { email: EMAIL, cookie: COOKIE, ...attributesOf({ Company: 'New' }) })
const C = lead('c', { email: EMAIL, ...attributesOf({ Country: 'DE' }) })

/** Time for which the failing lead may hold up a later one: three minutes, the call before, and that of the later one. */
const MINUTES = 6 * MINUTE

/** Returns the verdict of the SOAP transport on a failure that goes on for ever: the lead is not parked meanwhile. */
function failing(verdict: Verdict): Reply {
  return { verdicts: [verdict], afterMs: SECOND, stores: false }
}

const unreadable406 = classifyFailure({ kind: 'unreadable', status: 406, cause: 'an HTML page' })
const misunderstood = classifyFailure({ kind: 'fault', status: 500, fault: { code: '20017', message: '' } })
const REFUSED: Verdict = { kind: 'failed', fault: 'lead', arrived: 'yes', reason: 'HTTP 406' }

/** Returns a Marketo that fails calls with one of these leads until a time. */
function failingUntil(end: number, poisoned: readonly string[], reply: (call: Call) => Reply) {
  return (call: Call): Reply =>
    call.startedAt < end && call.leads.some(({ id }) => poisoned.includes(id)) ? reply(call) : stored()
}

export function ownLead(open: OpenEmpty): void {
  // With the time for which Marketo may be processing a call.
  const failures: [string, number, (call: Call, limits: Limits) => Reply][] = [
    ['refused (406)', SECOND, () => failing(REFUSED)],
    ['never answered', leaseOf(LIMITS), (call, { timeout }) => timedOut(call, timeout)],
    ['not understood (20017), with nobody else to tell', SECOND, () => failing({ ...misunderstood, reason: '20017' })],
  ]
  it.each(failures)(
    'D7: a lead that is %s for hours holds up a later one of its person for minutes, and does not overwrite it',
    async (_, underWayMs, reply) => {
      const outbox = await open(LIMITS)
      await outbox.add([A], T)
      const mended = T + 8 * HOUR
      const { calls, writes, plan, runUntil } = startMarketo(
        outbox,
        LIMITS,
        failingUntil(mended, ['a'], (call) => reply(call, LIMITS)),
        () => 0.999,
      )
      const comesAt = T + HOUR
      plan(comesAt, () => outbox.add([B], comesAt))

      await runUntil(comesAt + MINUTES)
      expect(writes.map((write) => write.lead)).toMatchObject([{ id: 'b', cookie: COOKIE }])

      await runUntil(mended + 2 * HOUR)
      const last = writes.at(-1)!.lead
      expect(writes.map((write) => write.lead.id)).toStrictEqual(['b', 'a'])
      expect(valuesOf(last)).toStrictEqual({ Title: 'CTO' })
      expect(last).not.toHaveProperty('cookie')
      const early = calls.filter(({ startedAt }, at) => {
        const before = calls[at - 1]
        return before && startedAt < before.startedAt + (before.leads[0]?.id === 'a' ? underWayMs : SECOND)
      })
      expect(early, 'no call of the person while another one may be under way').toStrictEqual([])
    },
  )

  it('D7: a lead that a gateway answers with 406 holds up a later one that comes at once for minutes', async () => {
    const outbox = await open(LIMITS)
    await outbox.add([A, B], T)
    const { writes, runUntil } = startMarketo(
      outbox,
      LIMITS,
      failingUntil(Infinity, ['a'], () => failing({ ...unreadable406, reason: 'HTTP 406' })),
      () => 0.999,
    )

    await runUntil(T + MINUTES)

    expect(writes.map((write) => write.lead.id)).toStrictEqual(['b'])
    expect((await outbox.find('a'))?.state).toBe('waiting')
  })

  it('D7: two poisoned leads of one person both step aside, and a third one goes', async () => {
    const outbox = await open(LIMITS)
    const leads: Lead[] = [A, B, C]
    await outbox.add(leads, T)
    const mended = T + 8 * HOUR
    const { writes, plan, runUntil } = startMarketo(
      outbox,
      LIMITS,
      failingUntil(mended, ['a', 'b'], () => failing(REFUSED)),
      () => 0.999,
    )
    const later = lead('d', { email: EMAIL, ...attributesOf({ Country: 'FR' }) })
    plan(T + 3 * HOUR, () => outbox.add([later], T + 3 * HOUR))

    await runUntil(T + 2 * MINUTES)
    expect(writes.map((write) => write.lead.id)).toStrictEqual(['c'])

    await runUntil(T + 3 * HOUR + MINUTES)
    expect(writes.map((write) => write.lead.id)).toStrictEqual(['c', 'd'])
    // Neither waits for the other: both are tried about once an hour.
    const attempts = await Promise.all(['a', 'b'].map(async (id) => (await outbox.find(id))?.attempts ?? 0))
    expect(Math.min(...attempts)).toBeGreaterThan(8)

    await runUntil(mended + 2 * HOUR)
    expect(writes).toHaveLength(4)
    const titles = writes.map((write) => valuesOf(write.lead)['Title'] ?? '')
    expect(titles.toSorted()).toStrictEqual(['', '', '', 'CTO'])
  })
}
