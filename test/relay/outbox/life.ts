/**
 * Random lives of an outbox. It is held to the memory one, which must give the same answer to every question, and to
 * what the port promises, which is worked out here once more: from what was handed out and settled, and nothing else.
 */
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Lead } from '../../../relay/lead.ts'
import type { Limits } from '../../../relay/outbox/limits.ts'
import { createMemoryOutbox } from '../../../relay/outbox/memory.ts'
import type { Mending } from '../../../relay/outbox/mend.ts'
import type { Call, Job, JobRecord, Outbox, Outcome, Permit, Settlement } from '../../../relay/outbox/outbox.ts'
import { jobsOf, lead, ROOMY, SECOND, settlement, T } from './leads.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The longest that a call which begins now may last: 90 seconds, a tenth more, and a second. */
const LEASE = 100 * SECOND

/** When the clocks in Chicago were last put back before `T`: since then they are six hours behind UTC, before it five. */
const WINTER = Date.UTC(2023, 10, 5, 7)

/** No clock is set back further than this, in the same summer. */
const FIRST = T - 8 * 7 * DAY

export interface Life {
  limits: Limits
  steps: Step[]
}

/** The outbox that lives, empty at first. */
export interface Living {
  outbox: Outbox
  /** Ends what runs it and starts it anew on what it kept. */
  reopen(): Outbox | Promise<Outbox>
  close(): void | Promise<void>
}

interface NewLead {
  id: string
  person: string
  acceptedAt: number
  needs: Pick<Lead, 'cookie' | 'workspace'>
  names: string[]
}

/** What a job of a call comes to; nothing is said of one that is skipped. */
interface End {
  kind: Outcome['kind'] | 'skipped'
  inMs: number
  share: number | null
  refused: string[]
  limit: 'rate' | 'concurrency' | 'day'
  flag: boolean
}

type Step =
  | { do: 'add'; leads: NewLead[]; inMs: number }
  | { do: 'claim'; leaseMs: number; most: number }
  | { do: 'permit'; leaseMs: number }
  /** `which` picks among all calls that ever were, so that late and repeated settlements come too. */
  | { do: 'settle'; which: number; ends: End[] }
  /** `which` picks among those that are parked, and names one that need not be. */
  | { do: 'replay'; which: number[]; mending: Mending }
  | { do: 'sweep'; agoMs: number; limit: number }
  /** For so long, or until something is due. */
  | { do: 'wait'; ms: number | 'due' }
  | { do: 'restart' }
  /** A start, with the clock set back, or not. */
  | { do: 'resume'; backMs: number }

const ms = fc.integer({ min: 0, max: 20 })
const lease = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(3 * SECOND, 10 * MINUTE) },
)
const newLead: fc.Arbitrary<NewLead> = fc.record({
  id: fc.integer({ min: 0, max: 29 }).map((n) => `lead-${n}`),
  person: fc.constantFrom('ann', 'bob', 'cem'),
  acceptedAt: ms.map((n) => T - n),
  needs: fc.constantFrom<NewLead['needs']>({}, {}, {}, {}, { cookie: 'c' }, { cookie: 'd' }, { workspace: 'w' }),
  names: fc.constantFrom(['A', 'B'], ['A', 'B'], ['B', 'C'], ['A', 'C'], ['C'], []),
})
const kind = fc.constantFrom<End['kind']>(
  ...(['delivered', 'delivered', 'delivered', 'delivered', 'again', 'again', 'again', 'parked', 'parked'] as const),
  ...(['retry', 'halted', 'limited', 'skipped'] as const),
)
const end: fc.Arbitrary<End> = fc.record({
  kind,
  inMs: ms,
  share: fc.constantFrom(null, 1, 2, 3),
  refused: fc.constantFrom(['A'], ['B'], ['A', 'D'], ['C'], []),
  limit: fc.constantFrom<End['limit']>('rate', 'rate', 'concurrency', 'concurrency', 'day'),
  flag: fc.boolean(),
})
const mending = fc.constantFrom<Mending>(
  {},
  {},
  { drop: ['A'] },
  { rename: { A: 'D' } },
  { rename: { A: 'B' } },
  { rename: { A: 'B', B: 'A' } },
  { drop: ['C'], rename: { B: 'C' } },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      leads: fc.array(newLead, { minLength: 1, maxLength: 5 }),
      inMs: ms,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('claim' as const), leaseMs: lease, most: fc.constantFrom(0, 1, 2, 3, 9) }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.oneof(fc.constant(0), fc.nat({ max: 2 }), fc.nat()),
      ends: fc.array(end, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('permit' as const), leaseMs: lease }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('replay' as const),
      which: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 8 }),
      mending,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      agoMs: fc.integer({ min: -20, max: 20 }),
      limit: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(ms, fc.constant('due' as const), fc.constantFrom(SECOND, 20 * SECOND, 10 * MINUTE, 13 * HOUR)),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resume' as const), backMs: fc.constantFrom(0, 0, 10, HOUR, 7 * DAY) }),
  },
)

const limits = fc.oneof(
  fc.record({ leadsPerCall: fc.constantFrom(1, 2, 3, 300) }).map((over) => ({ ...ROOMY, ...over })),
  fc.record({
    callsPer20s: fc.integer({ min: 1, max: 12 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    callsPerDay: fc.integer({ min: 1, max: 20 }),
    leadsPerCall: fc.integer({ min: 1, max: 4 }),
    timeout: fc.constant(90_000),
  }),
)

/** Lives within wide limits and within narrow ones. */
export const lives: fc.Arbitrary<Life> = fc.record({
  limits,
  steps: fc.array(step, { size: 'max', minLength: 40, maxLength: 120 }),
})

/** A job that was handed out and of which nothing was heard since. */
interface Out {
  person: string
  attempt: number
  until: number
  /** What travelled with it. */
  names: string[]
}

/** What must have been the case, by what was handed out and settled. */
interface Memory {
  /** The ids of each person, in the order they came. */
  line: Map<string, string[]>
  people: Map<string, string>
  out: Map<string, Out>
  shares: Map<string, number | null>
  /** Names that a lead of the person has brought, and which. */
  brought: { person: string; id: string; names: string[] }[]
  /** When calls began, and until when those last that nobody has settled. Since the clock was last set back. */
  begun: number[]
  calls: Map<Call, number>
  /** True once Marketo has said that a limit was met. */
  met: boolean
}

/** Lives one life in an outbox and in the memory one, and compares after each step. */
export async function live({ limits, steps }: Life, open: (limits: Limits) => Promise<Living>): Promise<void> {
  const memory = createMemoryOutbox(limits)
  const living = await open(limits)
  try {
    const both = new Both(memory, living.outbox, limits)
    for (const step of steps) {
      if (step.do === 'restart') both.other = await living.reopen()
      else await both.take(step)
      await both.compare()
    }
    await both.comeToAnEnd()
  } finally {
    await living.close()
  }
}

class Both {
  now = T
  readonly memory: Outbox
  other: Outbox
  readonly limits: Limits
  /** All calls that ever were, the youngest first, with their numbers in both; permits are calls without turns. */
  readonly calls: { call: Call; number: number }[] = []
  readonly known: Memory = {
    line: new Map(),
    people: new Map(),
    out: new Map(),
    shares: new Map(),
    brought: [],
    begun: [],
    calls: new Map(),
    met: false,
  }

  constructor(memory: Outbox, other: Outbox, limits: Limits) {
    this.memory = memory
    this.other = other
    this.limits = limits
  }

  /** Asks both the same, and gives the answer when it is the same. */
  async ask<R>(question: (outbox: Outbox) => Promise<R>): Promise<R> {
    const answer = await question(this.memory)
    expect(await question(this.other)).toStrictEqual(answer)
    return answer
  }

  async take(step: Exclude<Step, { do: 'restart' }>): Promise<void> {
    switch (step.do) {
      case 'add':
        return this.add(
          step.leads.map(({ needs, names, ...over }) => lead(over.id, { ...over, ...needs, ...said(names) })),
          step.inMs,
        )
      case 'claim':
        await this.claim(this.now + step.leaseMs, step.most)
        return
      case 'permit':
        return this.permit(this.now + step.leaseMs)
      case 'settle': {
        const settled = this.calls[step.which % Math.max(1, this.calls.length)]
        if (settled) await this.settle(settled, step.ends)
        return
      }
      case 'replay': {
        const parked = await this.memory.parked(100)
        const ids = step.which.map((n) => parked[n % parked.length]?.id ?? `lead-${n}`)
        return this.replay([...ids, `lead-${step.which.length}`], step.mending)
      }
      case 'sweep': {
        const before = this.now - step.agoMs
        await this.ask((outbox) => outbox.sweep(before, step.limit))
        return this.forgetSwept()
      }
      case 'wait':
        this.now = step.ms === 'due' ? await this.due() : this.now + step.ms
        return
      case 'resume':
        return this.resume(step.backMs)
      default:
        step satisfies never
    }
  }

  async add(leads: Lead[], inMs: number): Promise<void> {
    const { line, people } = this.known
    await this.ask((outbox) => outbox.add(leads, this.now + inMs))
    for (const { id, person } of leads) {
      if (people.has(id)) continue
      people.set(id, person)
      line.set(person, [...(line.get(person) ?? []), id])
    }
  }

  async claim(until: number, most: number): Promise<Call[]> {
    const before = await this.records()
    const halt = (await this.memory.status(this.now)).halt
    const calls = await this.memory.claim(this.now, until, most)
    const others = await this.other.claim(this.now, until, most)
    expect(others.map(unnumbered)).toStrictEqual(calls.map(unnumbered))

    expect(calls.length).toBeLessThanOrEqual(Math.max(0, most))
    if (halt && halt.until > this.now) expect(calls, 'none during a halt').toStrictEqual([])
    for (const call of calls) this.expectFair(call, before)
    for (const [at, call] of calls.entries()) this.begin(call, others[at]!.id)
    this.expectWithinLimits()
    return calls
  }

  async permit(until: number): Promise<void> {
    const permit = await this.memory.permit(this.now, until)
    const other = await this.other.permit(this.now, until)
    expect(unnumbered(other)).toStrictEqual(unnumbered(permit))
    if (!('call' in permit) || !('call' in other)) return
    this.begin({ id: permit.call, until, turns: [] }, other.call)
    this.expectWithinLimits()
  }

  begin(call: Call, number: number): void {
    const { out, begun, calls } = this.known
    expect(
      this.calls.filter((known) => known.number === number || known.call.id === call.id),
      'a number of its own',
    ).toStrictEqual([])
    this.calls.unshift({ call, number })
    // A call that was over by then counts no more, whatever the clock says later.
    for (const [known, until] of calls) if (until <= this.now) calls.delete(known)
    calls.set(call, call.until)
    begun.push(this.now)
    const persons = new Set(jobsOf(call).map(({ lead }) => lead.person))
    // Their call was over, or they would not have been handed out.
    for (const [id, { person }] of out) if (persons.has(person)) out.delete(id)
    for (const { lead, attempt } of jobsOf(call)) {
      const names = lead.attributes.map(({ name }) => name)
      out.set(lead.id, { person: lead.person, attempt, until: call.until, names })
    }
  }

  async settle({ call, number }: { call: Call; number: number }, ends: readonly End[]): Promise<void> {
    const settlements = jobsOf(call).flatMap((job, at) => endOf(job, ends[at % ends.length]!, this.now))
    await this.memory.settle(call.id, settlements, this.now)
    await this.other.settle(number, settlements, this.now)
    this.known.calls.delete(call)
    for (const each of settlements) this.remember(each)
  }

  remember({ id, attempt, ...outcome }: Settlement): void {
    const { out, shares, brought } = this.known
    const was = out.get(id)
    if (was?.attempt !== attempt) return
    out.delete(id)
    if (outcome.kind === 'delivered') brought.push({ person: was.person, id, names: was.names })
    if (outcome.kind === 'again') shares.set(id, outcome.share ?? shares.get(id) ?? null)
    if (outcome.kind === 'limited') this.known.met = true
  }

  async replay(ids: string[], mending: Mending): Promise<void> {
    const answers = await this.ask((outbox) => outbox.replay(ids, mending, this.now))
    expect(answers.map(({ id }) => id)).toStrictEqual(ids)
    for (const { id, result } of answers) if (result === 'replayed') this.known.shares.delete(id)
  }

  /** The id of a receipt that is gone is new again: it comes at the end of a line. */
  async forgetSwept(): Promise<void> {
    const { line, people, shares } = this.known
    for (const id of people.keys()) {
      if (await this.memory.find(id)) continue
      people.delete(id)
      shares.delete(id)
      for (const [person, ids] of line) {
        line.set(
          person,
          ids.filter((known) => known !== id),
        )
      }
      this.known.brought = this.known.brought.filter((known) => known.id !== id)
    }
  }

  async resume(backMs: number): Promise<void> {
    const { out, calls } = this.known
    this.now = Math.max(FIRST, this.now - backMs)
    await this.ask((outbox) => outbox.resume(this.now))
    if (backMs > 0) this.known.begun = []
    for (const [call, until] of calls) calls.set(call, Math.min(until, this.now + LEASE))
    for (const job of out.values()) job.until = Math.min(job.until, this.now + LEASE)
  }

  /** When something is due; now, where nothing waits. */
  async due(): Promise<number> {
    return Math.max(this.now, (await this.memory.nextDueAt(this.now)) ?? 0)
  }

  async records(): Promise<Map<string, JobRecord>> {
    const records = await Promise.all([...this.known.people.keys()].map((id) => this.memory.find(id)))
    return new Map(records.flatMap((record) => (record ? [[record.id, record]] : [])))
  }

  /** What a call must never be, whatever came before it. */
  expectFair(call: Call, before: ReadonlyMap<string, JobRecord>): void {
    const { out, line, shares, brought } = this.known
    const jobs = jobsOf(call)
    const needy = jobs.filter(({ lead }) => lead.cookie !== undefined || lead.workspace !== undefined)
    const persons = call.turns.map((turn) => turn[0]?.lead.person ?? '')

    expect(new Set(persons).size, 'each turn is of another person').toBe(persons.length)
    if (needy.length > 0) expect(call.turns.length, 'who has a cookie or a workspace goes alone').toBe(1)
    const most = Math.min(this.limits.leadsPerCall, ...jobs.map(({ lead: { id } }) => shares.get(id) ?? Infinity))
    expect(jobs.length, 'no more leads than may share the call').toBeLessThanOrEqual(most)

    for (const [at, turn] of call.turns.entries()) {
      const person = persons[at]!
      const ids = turn.map(({ lead }) => lead.id)
      const wanted = turn.map(({ lead: { cookie, workspace } }) => ({ cookie, workspace }))
      expect(wanted, 'one cookie, one workspace').toStrictEqual(wanted.map(() => wanted[0]))
      expect(new Set(turn.map(({ lead }) => lead.person)), 'one person').toStrictEqual(new Set([person]))

      const still = [...out].filter(([, job]) => job.person === person && job.until > this.now)
      expect(still, 'nobody of whom another is out').toStrictEqual([])
      const waiting = (line.get(person) ?? []).filter((id) => before.get(id)?.state === 'waiting')
      expect(waiting.slice(0, ids.length), 'none before an earlier one of its person').toStrictEqual(ids)
      for (const id of ids) expect(before.get(id)?.dueAt, 'none before it is due').toBeLessThanOrEqual(this.now)

      for (const { lead } of turn) {
        const later = waitingAfter(line.get(person) ?? [], lead.id)
        const newer = brought.filter(({ id }) => later.has(id)).flatMap(({ names }) => names)
        const old = lead.attributes.filter(({ name }) => newer.includes(name))
        expect(old, 'no older answer over a newer one').toStrictEqual([])
      }
    }
  }

  expectWithinLimits(): void {
    const { begun, calls } = this.known
    const { callsPer20s, concurrency, callsPerDay } = this.limits
    const under20s = begun.filter((at) => at > this.now - 20 * SECOND).length
    const today = begun.filter((at) => dayOf(at) === dayOf(this.now)).length
    const atOnce = [...calls.values()].filter((until) => until > this.now).length
    expect(under20s, 'calls in 20 seconds').toBeLessThanOrEqual(callsPer20s)
    expect(today, 'calls in a day').toBeLessThanOrEqual(callsPerDay)
    expect(atOnce, 'calls at once').toBeLessThanOrEqual(concurrency)
  }

  /** Both tell the same of everything; something is due while something waits, and nothing goes before. */
  async compare(): Promise<void> {
    const status = await this.ask((outbox) => outbox.status(this.now))
    const next = await this.ask((outbox) => outbox.nextDueAt(this.now))
    const ids = [...this.known.people.keys()]
    await this.ask((outbox) => Promise.all(ids.map((id) => outbox.find(id))))
    const [, second] = await this.ask((outbox) => outbox.parked(4))
    if (second) await this.ask((outbox) => outbox.parked(10, second))

    expect(next === undefined, 'something is due while something waits').toBe(status.waiting === 0)
    // A limit that was met grows back meanwhile, so that it may be sooner than was foreseen.
    if (next === undefined || next <= this.now || this.known.met) return
    expect(await this.other.claim(next - 1, next, 10), 'nothing before it is due').toStrictEqual([])
  }

  /** When each attempt succeeds from now on, every lead arrives, each in its turn; and then those that were parked. */
  async comeToAnEnd(): Promise<void> {
    this.now += LEASE
    await this.take({ do: 'resume', backMs: 0 })
    this.now += LEASE
    await this.deliverAll()
    await this.replay([...this.known.people.keys()], {})
    await this.deliverAll()
    await this.replay([...this.known.people.keys()], {})
    await this.deliverAll()
    expect(await this.ask((outbox) => outbox.status(this.now))).toMatchObject({ waiting: 0, parked: 0 })
  }

  async deliverAll(): Promise<void> {
    for (;;) {
      const next = await this.ask((outbox) => outbox.nextDueAt(this.now))
      if (next === undefined) return
      this.now = Math.max(this.now, next)
      const calls = await this.claim(this.now + SECOND, 10)
      expect(calls, 'handed out when it is due').not.toStrictEqual([])
      for (const settled of this.calls.slice(0, calls.length)) await this.settle(settled, [ARRIVED])
    }
  }
}

const ARRIVED: End = { kind: 'delivered', inMs: 1, share: null, refused: [], limit: 'rate', flag: false }

function said(names: readonly string[]): Pick<Lead, 'attributes'> {
  return { attributes: names.map((name) => ({ name, value: 'x' })) }
}

function endOf(job: Job, { kind, inMs, share, refused, limit, flag }: End, now: number): Settlement[] {
  const reason = `${kind} ${inMs % 3}`
  const outcomes: Record<End['kind'], Outcome | undefined> = {
    delivered: { kind: 'delivered', leadId: inMs },
    retry: { kind: 'retry', dueAt: now + inMs, reason },
    again: { kind: 'again', dueAt: now + inMs, reason, ...(share !== null && { share }), ...(flag && { refused }) },
    parked: { kind: 'parked', reason },
    halted: { kind: 'halted', until: now + inMs, reason, blocked: flag, ...(flag && { dueAt: now + 2 * inMs }) },
    limited: { kind: 'limited', limit, until: now + inMs, reason },
    skipped: undefined,
  }
  const outcome = outcomes[kind]
  return outcome ? [settlement(job, outcome)] : []
}

/** An answer as any outbox must give it: each numbers its calls as it likes. */
function unnumbered(answer: Call | Permit): unknown {
  if ('turns' in answer) return { until: answer.until, turns: answer.turns }
  return 'call' in answer ? 'a call' : answer
}

function waitingAfter(line: readonly string[], id: string): Set<string> {
  return new Set(line.slice(line.indexOf(id) + 1))
}

/** Which day it is in Chicago, where it begins a minute late. */
function dayOf(time: number): number {
  const late = time - MINUTE
  return Math.floor((late - (late < WINTER ? 5 : 6) * HOUR) / DAY)
}
