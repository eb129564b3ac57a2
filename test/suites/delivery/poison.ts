/**
 * One lead that no gateway lets through must cost that lead alone; and what every call meets must cost no lead.
 *
 * The verdicts are those of the SOAP transport on an answer; a gateway looks at the whole text of a call.
 */
import { expect, it } from 'vitest'
import { classifyFailure } from '../../../relay/marketo/soap/classify-failure.ts'
import type { Failure } from '../../../relay/marketo/soap/call-result.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { interleave } from '../../../relay/outbox/batch-planner.ts'
import { LIMITS, type Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { lead, SECOND, T } from '../outbox/leads.ts'
import { startMarketo, stored, type Call, type Reply } from './marketo.ts'
import type { OpenEmpty } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const POISON: Lead = lead('poison', { attributes: [{ name: 'Company', value: '../../etc/passwd' }] })

/** Leads that a gateway lets through, each of another person. */
function ordinary(count: number): Lead[] {
  return Array.from({ length: count }, (_, at) => lead(`ordinary-${String(at).padStart(3, '0')}`))
}

function answered(status: number, cause = 'an HTML page'): Failure {
  return { kind: 'unreadable', status, cause }
}

function fault(code: string): Failure {
  return { kind: 'fault', status: 500, fault: { code, message: '' } }
}

const RESET: Failure = {
  kind: 'unreachable',
  error: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
}
const REDIRECT: Failure = { kind: 'redirect', status: 302, host: 'login.example' }

/** Returns the reply of something that fails so, for each lead of a call. */
function failing(failure: Failure): Reply {
  return {
    verdicts: [Object.assign(structuredClone(classifyFailure(failure)), { reason: 'no' })],
    afterMs: SECOND,
    stores: false,
  }
}

/** Returns a Marketo behind a gateway that fails calls with one of these leads. */
function gateway(failure: Failure, isPoison: (lead: Lead) => boolean) {
  return ({ leads }: Call): Reply => (leads.some(isPoison) ? failing(failure) : stored())
}

const isPoison = ({ id }: Lead) => id.startsWith('poison')

async function attemptsOf(outbox: Outbox, leads: readonly Lead[]): Promise<number[]> {
  const records = await Promise.all(leads.map(({ id }) => outbox.find(id)))
  return records.map((record) => record?.attempts ?? 0)
}

export function poison(open: OpenEmpty, isWhole: boolean): void {
  const refusals: [string, Failure][] = [
    ['403', answered(403)],
    ['reset', RESET],
    ['401', answered(401)],
    ['404', answered(404)],
    ['302', REDIRECT],
    ['503', answered(503)],
  ]
  const sizes = refusals
    .slice(0, isWhole ? undefined : 2)
    .flatMap(([name, failure]) =>
      (isWhole ? [1, 300] : [300]).map((leadsPerCall) => [name, leadsPerCall, failure] as const),
    )
  it.each(sizes)(
    'D1, D2: one lead that a gateway answers with %s is parked, and five others go within a minute (%i leads in a call)',
    async (_name, leadsPerCall, failure) => {
      const limits: Limits = { ...LIMITS, leadsPerCall, timeout: 20 * SECOND }
      const outbox = await open(limits)
      await outbox.add([POISON, ...ordinary(5)], T)
      const { writes, runUntil } = startMarketo(outbox, limits, gateway(failure, isPoison))

      await runUntil(T + MINUTE)
      expect(writes).toHaveLength(5)

      await runUntil(T + HOUR)
      expect(await outbox.find('poison')).toMatchObject({ state: 'parked', reason: /^no; other calls pass; failed \d/ })
      expect(await outbox.status(T + HOUR)).toMatchObject({ waiting: 0, parked: 1, delivered: 5 })
      expect(await outbox.status(T + HOUR)).not.toHaveProperty('breaker')
    },
  )

  it('poison: a lead that Marketo alone does not take keeps nobody waiting who comes later', async () => {
    const outbox = await open(LIMITS)
    await outbox.add([POISON], T)
    const { writes, plan, runUntil } = startMarketo(outbox, LIMITS, gateway(fault('20017'), isPoison))
    // The account looks blocked, until another lead is tried.
    await runUntil(T + 10 * MINUTE)
    expect((await outbox.status(T + 10 * MINUTE)).breaker).toMatchObject({ blocked: true, lead: 'poison' })
    const comesAt = T + 20 * MINUTE
    plan(comesAt, () => outbox.add(ordinary(1), comesAt))

    await runUntil(comesAt + 5 * SECOND)

    expect(writes).toHaveLength(1)
    expect(await outbox.status(comesAt + 5 * SECOND)).not.toHaveProperty('breaker')
  })

  it('poison: three leads among 300 are found with few calls, and the others go meanwhile', async () => {
    const outbox = await open(LIMITS)
    const good = ordinary(297)
    const bad = ['poison-1', 'poison-2', 'poison-3'].map((id) => ({
      ...POISON,
      id: id as Lead['id'],
      person: id as Lead['person'],
    }))
    await outbox.add([...good.slice(0, 100), bad[0]!, ...good.slice(100, 180), bad[1]!, bad[2]!, ...good.slice(180)], T)
    const { calls, probes, writes, runUntil } = startMarketo(outbox, LIMITS, gateway(answered(403), isPoison))

    await runUntil(T + 10 * MINUTE)

    expect(writes).toHaveLength(297)
    expect(await outbox.status(T + 10 * MINUTE)).toMatchObject({ waiting: 0, parked: 3 })
    // Each of the three is in at most one refused batch of each size, which leaves two halves; then it goes alone twice.
    expect(calls.length + probes.length).toBeLessThanOrEqual(3 * (2 * Math.ceil(Math.log2(300)) + 2))
  })

  it.each([isWhole ? [150, 100] : [15, 10]])(
    'D3: %i leads that each cause an internal error do not keep %i others from being delivered',
    async (count, others) => {
      const outbox = await open(LIMITS)
      const good = ordinary(others)
      const bad = Array.from({ length: count }, (_, at) => lead(`poison-${at}`))
      await outbox.add(interleave([bad, good]), T)
      const { writes, runUntil } = startMarketo(outbox, LIMITS, gateway(fault('10001'), isPoison))

      await runUntil(T + 8 * MINUTE)

      expect(new Set(writes.map((write) => write.lead.id))).toEqual(new Set(good.map(({ id }) => id)))
      // Nine sizes of a batch lie between 300 and 1.
      expect(Math.max(...(await attemptsOf(outbox, good)))).toBeLessThanOrEqual(12)
      const { parked } = await outbox.status(T + 8 * MINUTE)
      expect(parked).toBeLessThanOrEqual(count)
    },
  )

  it.each(isWhole ? ['20012', '20017', '20018', '20019'] : ['20012'])(
    'D4: fault %s on every call stops the account, tells it, and parks none of 200 leads',
    async (code) => {
      const outbox = await open(LIMITS)
      await outbox.add(ordinary(200), T)
      const { calls, runUntil } = startMarketo(outbox, LIMITS, () => failing(fault(code)))

      await runUntil(T + HOUR)

      const status = await outbox.status(T + HOUR)
      expect(status).toMatchObject({ waiting: 200, parked: 0, breaker: { blocked: true } })
      expect(status.breaker).not.toHaveProperty('lead')
      expect(calls.length).toBeLessThan(20)
    },
  )

  const pages: [string, Failure][] = [
    ['405', answered(405)],
    ['a page with 200', answered(200)],
    ['410', answered(410)],
    ['451', answered(451)],
    ['a page with 400', answered(400)],
    ['a page with 500', answered(500)],
  ]
  it.each(pages.slice(0, isWhole ? undefined : 2))(
    'D5: %s on every call stops the account, and parks none of 50 leads',
    async (_name, failure) => {
      const outbox = await open(LIMITS)
      await outbox.add(ordinary(50), T)
      const { calls, runUntil } = startMarketo(
        outbox,
        LIMITS,
        () => failing(failure),
        () => 0.999,
        () => false,
      )

      await runUntil(T + HOUR / 2)

      const status = await outbox.status(T + HOUR / 2)
      expect(status).toMatchObject({ waiting: 50, parked: 0, breaker: { reason: 'no' } })
      // At most one probe a minute, after the first ones.
      expect(calls.length).toBeLessThan(30 + 10)
    },
  )

  const nights: [string, number, number][] = isWhole
    ? [
        ['10001', 9, 50],
        ['20011', 2, 10],
      ]
    : [['10001', 1, 4]]
  // A night takes seconds in memory, and minutes in a database.
  it.each(nights)(
    'D6: fault %s on every call for %i hours parks none of %i people, who are delivered afterwards',
    async (code, hours, people) => {
      const outbox = await open(LIMITS)
      const morning = T + hours * HOUR
      await outbox.add(ordinary(people), T)
      const { writes, runUntil } = startMarketo(
        outbox,
        LIMITS,
        ({ startedAt }) => (startedAt < morning ? failing(fault(code)) : stored()),
        () => 0.999,
      )

      await runUntil(morning + 5 * MINUTE)

      expect(writes).toHaveLength(people)
      expect(await outbox.status(morning)).toMatchObject({ waiting: 0, parked: 0, delivered: people })
    },
  )

  it('poison: a gateway that takes small calls only gets calls of that size after a few larger ones', async () => {
    const outbox = await open(LIMITS)
    await outbox.add(ordinary(900), T)
    const { calls, writes, runUntil } = startMarketo(outbox, LIMITS, ({ leads }) =>
      leads.length > 20 ? failing(answered(403)) : stored(),
    )

    await runUntil(T + 10 * MINUTE)

    expect(writes).toHaveLength(900)
    expect(await outbox.status(T)).toMatchObject({ parked: 0 })
    // 300 halves to 18, so that 50 calls are needed; four larger ones find it out, and one more that tries to grow.
    expect(calls.length).toBeLessThanOrEqual(50 + 4 + 1 + 5)
  })
}
