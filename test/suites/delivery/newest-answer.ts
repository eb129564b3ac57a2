/** The visitor belongs to the person of the newest answer: a mistyped address does not take the cookie back. */
import { expect, it } from 'vitest'
import type { Verdict } from '../../../relay/delivery/transport.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { LIMITS } from '../../../relay/outbox/limits/limits.ts'
import { lead, SECOND, T } from '../outbox/leads.ts'
import { startMarketo, stored, type Call, type Reply, type Write } from './marketo.ts'
import type { OpenEmpty } from './suite.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'
const MISTYPED = lead('mistyped', { email: 'ana@acme.exmaple', cookie: COOKIE })
const CORRECTED = lead('corrected', { email: 'ana@acme.example', cookie: COOKIE, acceptedAt: T + 8 * SECOND })

const REFUSED: Verdict = { kind: 'failed', fault: 'lead', arrived: 'yes', reason: 'FAILED', maxAttempts: 9 }

/** Returns the address that Marketo last associated with the cookie. */
function ownerOf(writes: readonly Write[]): string | undefined {
  return writes.map((write) => write.lead).findLast(({ cookie }) => cookie === COOKIE)?.email
}

/** Returns a Marketo that refuses the mistyped lead five times, and then stores it. */
function refusingTheFirst() {
  let refused = 0
  return ({ leads }: Call): Reply => {
    if (leads[0]?.id !== 'mistyped' || refused === 5) return stored()
    refused += 1
    return { verdicts: [REFUSED], afterMs: SECOND }
  }
}

export function newestAnswer(open: OpenEmpty): void {
  it('D13: a corrected address keeps the cookie, although Marketo refuses the mistyped one five times meanwhile', async () => {
    const outbox = await open(LIMITS)
    await outbox.add([MISTYPED], T)
    const { writes, plan, runUntil } = startMarketo(outbox, LIMITS, refusingTheFirst())
    plan(T + 8 * SECOND, () => outbox.add([CORRECTED], T + 8 * SECOND))

    await runUntil(T + 600 * SECOND)

    expect(writes.map((write) => write.lead.id)).toStrictEqual(['corrected', 'mistyped'])
    expect(ownerOf(writes)).toBe(CORRECTED.email)
    expect((await outbox.find('mistyped'))?.notes).toContain(
      'cookie left out: a later lead of the same visitor was delivered with it',
    )
  })

  it('D13: a corrected address keeps the cookie when the mistyped lead was parked, and is replayed', async () => {
    const outbox = await open(LIMITS)
    await outbox.add([MISTYPED], T)
    let parks = true
    const { writes, plan, runUntil } = startMarketo(outbox, LIMITS, ({ leads }) =>
      leads[0]?.id === 'mistyped' && parks
        ? { verdicts: [{ kind: 'park', reason: '20110' }], afterMs: SECOND }
        : stored(),
    )
    plan(T + 8 * SECOND, () => outbox.add([CORRECTED], T + 8 * SECOND))
    await runUntil(T + 60 * SECOND)
    parks = false
    plan(T + 61 * SECOND, () => outbox.replay(['mistyped'], {}, T + 61 * SECOND))

    await runUntil(T + 120 * SECOND)

    expect(writes.map((write) => write.lead.id)).toStrictEqual(['corrected', 'mistyped'])
    expect(ownerOf(writes)).toBe(CORRECTED.email)
  })

  it('D13: a corrected address keeps the cookie, although Marketo is slow with the mistyped one: they are never sent at once', async () => {
    const outbox = await open(LIMITS)
    await outbox.add([MISTYPED, CORRECTED], T)
    const { calls, writes, runUntil } = startMarketo(outbox, LIMITS, ({ leads }) =>
      leads[0]?.id === 'mistyped' ? stored(20 * SECOND) : stored(SECOND),
    )

    await runUntil(T + 60 * SECOND)

    expect(writes.map((write) => [write.at - T, write.lead.id])).toStrictEqual([
      [20 * SECOND, 'mistyped'],
      [21 * SECOND, 'corrected'],
    ])
    expect(calls).toHaveLength(2)
    expect(ownerOf(writes)).toBe(CORRECTED.email)
  })

  it('a cookie stays with a lead that has no other key', async () => {
    const outbox = await open(LIMITS)
    const unnamed: Lead = { ...MISTYPED, email: '' }
    await outbox.add([unnamed], T)
    const { writes, plan, runUntil } = startMarketo(outbox, LIMITS, refusingTheFirst())
    plan(T + 8 * SECOND, () => outbox.add([CORRECTED], T + 8 * SECOND))

    await runUntil(T + 600 * SECOND)

    expect(writes.at(-1)?.lead).toMatchObject({ id: 'mistyped', cookie: COOKIE })
  })
}
