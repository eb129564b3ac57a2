/** An answer that is lost leaves open whether Marketo has stored the lead, and when it does. */
import { expect, it } from 'vitest'
import { seeded } from '../../../demo/simulator/random.ts'
import type { Verdict } from '../../../relay/delivery/transport.ts'
import { leaseOf, LIMITS } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { lead, SECOND, T } from '../outbox/leads.ts'
import { DELIVERED, startMarketo, stored, type Call, type Reply, type Write } from './marketo.ts'
import type { OpenEmpty } from './suite.ts'

const HOUR = 3_600 * SECOND

/** One call of two leads at a time: leads of other people, which come all the time, take places in it. */
const LIMITED = { ...LIMITS, concurrency: 1, leadsPerCall: 2, timeout: 5 * SECOND }
const OTHERS = { count: 20, everyMs: 1_500, answeredAfterMs: 2_000 }

const OLD = leadOfAna('old')
const NEW = leadOfAna('new')

function leadOfAna(value: string) {
  return lead(value, { email: 'ana@example.com', attributes: [{ name: 'P', value }] })
}

type Failed = Verdict & { kind: 'failed' }

/** Verdicts on a call of which the answer is lost, by the way in which it is. */
const LOSSES: readonly (readonly [string, (call: Call) => Verdict])[] = [
  [
    'time out',
    ({ leads }) => failed({ fault: leads.length > 1 ? 'batch' : 'lead', arrived: 'maybe', reason: 'no reply' }),
  ],
  ['break off', () => failed({ fault: 'account', arrived: 'maybe', reason: 'ECONNRESET' })],
]

/** Verdicts on the older lead once it has an answer, and on another lead of its call. */
const ANSWERS: readonly (readonly [string, Verdict, Verdict])[] = [
  ['is delivered', DELIVERED, DELIVERED],
  ['is parked', { kind: 'park', reason: '20110' }, DELIVERED],
  ['fails twice, and is parked', failed({ fault: 'lead', reason: 'FAILED', maxAttempts: 2 }), DELIVERED],
  [
    'has an attribute that is rejected',
    { kind: 'rejected', attributes: ['P'], reason: '20105' },
    { kind: 'unaffected', reason: '20105' },
  ],
  ['meets a limit', limited(), limited()],
  ['fails with its batch', failed({ fault: 'batch', reason: '20109' }), failed({ fault: 'batch', reason: '20109' })],
]

function failed(over: Partial<Failed> & Pick<Failed, 'fault' | 'reason'>): Verdict {
  return { kind: 'failed', arrived: 'yes', ...over }
}

function limited(): Verdict {
  return { kind: 'limited', limit: 'rate', reason: '20023', waitMs: 20 * SECOND }
}

export function lostAnswer(open: OpenEmpty, isWhole: boolean): void {
  const cases = (isWhole ? LOSSES : LOSSES.slice(0, 1)).flatMap(([way, loss]) =>
    ANSWERS.map(([what, own, others]) => [way, what, loss, own, others] as const),
  )

  it.each(cases)(
    'a lost answer, then another person, then the older lead: an older value is never written over a newer one ' +
      '(two calls that %s, then the older lead %s)',
    async (_way, _what, loss, own, others) => {
      const outbox = await open(LIMITED)
      let losses = 2
      let answers = own.kind === 'failed' ? (own.maxAttempts ?? 1) : 1
      const marketo = startMarketo(outbox, LIMITED, (call): Reply => {
        if (!call.leads.some(({ email }) => email === OLD.email)) return stored(OTHERS.answeredAfterMs)
        losses -= 1
        // Stored while the relay no longer waits for the answer.
        if (losses >= 0) return { verdicts: [loss(call)], afterMs: 5 * SECOND, storedAfterMs: 6 * SECOND, stores: true }
        if (answers === 0 || !call.leads.some(({ id }) => id === OLD.id)) return stored()
        answers -= 1
        return { verdicts: call.leads.map(({ id }) => (id === OLD.id ? own : others)), afterMs: SECOND }
      })
      await outbox.add([OLD], T)
      marketo.plan(T + SECOND, () => outbox.add([NEW], T + SECOND))
      for (let n = 0; n < OTHERS.count; n += 1) {
        const at = T + (n + 1) * OTHERS.everyMs
        marketo.plan(at, () => outbox.add([lead(`other-${n}`)], at))
      }
      await marketo.runUntil(T + HOUR)

      await replayParked(outbox, T + HOUR)
      marketo.wake()
      await marketo.runUntil(T + 2 * HOUR)

      expectInOrder(marketo.writes, ['old', 'new'])
      expect((await outbox.status(T + 2 * HOUR)).waiting).toBe(0)
    },
  )

  it.each(isWhole ? [1, 2, 3, 4] : [1])(
    'an older value is never written over a newer one, whatever Marketo answers: seed %i',
    async (seed) => {
      const random = seeded(seed)
      const outbox = await open(LIMITED)
      let calls = 0
      const reply = (call: Call) => ((calls += 1) > 30 ? stored() : anyReply(call, random))
      const marketo = startMarketo(outbox, LIMITED, reply, random)
      const accepted: string[] = []
      for (let n = 0; n < 8; n += 1) {
        const at = T + Math.floor(random() * 60) * SECOND
        marketo.plan(at, async () => {
          await outbox.add([leadOfAna(`value ${n}`), lead(`other-${n}`)], at)
          accepted.push(`value ${n}`)
        })
      }
      await marketo.runUntil(T + 6 * HOUR)

      // Replayed when no call is under way: a lead goes before a younger one of which it is not known whether it arrived.
      await replayParked(outbox, T + 6 * HOUR)
      marketo.wake()
      await marketo.runUntil(T + 12 * HOUR)

      expectInOrder(marketo.writes, accepted)
      expect((await outbox.status(T + 12 * HOUR)).waiting).toBe(0)
    },
  )
}

/** Returns a reply of a Marketo that fails in every way. */
function anyReply({ leads }: Call, random: () => number): Reply {
  const afterMs = Math.floor(random() * LIMITED.timeout)
  const storedAfterMs = Math.floor(random() * leaseOf(LIMITED))
  const alone = leads.length === 1
  const verdicts: Verdict[] = [
    DELIVERED,
    DELIVERED,
    { kind: 'park', reason: '20110' },
    { kind: 'rejected', attributes: ['P'], reason: '20105' },
    { kind: 'unaffected', reason: '20105' },
    { kind: 'limited', limit: 'concurrency', reason: '20024', waitMs: 2 * SECOND },
    { kind: 'blocked', reason: '20014' },
    failed({ fault: 'lead', reason: '10001', maxAttempts: 20 }),
    failed({ fault: 'account', arrived: 'no', reason: 'ECONNREFUSED' }),
    failed({ fault: 'account', arrived: 'maybe', reason: 'ECONNRESET' }),
    failed({ fault: alone ? 'lead' : 'batch', arrived: 'maybe', reason: 'no reply' }),
    failed({ fault: alone ? 'lead' : 'batch', reason: '20109', maxAttempts: 2 }),
  ]
  const verdict = verdicts[Math.floor(random() * verdicts.length)] ?? DELIVERED
  const maybe = verdict.kind === 'failed' && verdict.arrived === 'maybe'
  return maybe
    ? { verdicts: [verdict], afterMs, storedAfterMs, stores: random() < 0.7 }
    : { verdicts: [verdict], afterMs }
}

async function replayParked(outbox: Outbox, now: number): Promise<void> {
  const parked = await outbox.list('parked', 100)
  await outbox.replay(
    parked.map(({ id }) => id),
    {},
    now,
  )
}

/** Expects that each value of the person was followed by newer ones alone, and that the newest one was written last. */
function expectInOrder(writes: readonly Write[], accepted: readonly string[]): void {
  const values = writes.flatMap(({ lead: { email, attributes } }) =>
    email === OLD.email ? attributes.map(({ value }) => value) : [],
  )
  const positions = values.map((value) => accepted.indexOf(value))
  expect(positions).toStrictEqual(positions.toSorted((a, b) => a - b))
  expect(values.at(-1)).toBe(accepted.at(-1))
}
