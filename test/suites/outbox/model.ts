/**
 * Random lives of an outbox. It is held to the memory one, which must give the same answer to every question, and to
 * what the port promises (`life/known.ts`).
 */
import { expect } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import type { LeadEdit } from '../../../relay/outbox/edit.ts'
import type {
  Batch,
  Job,
  JobRecord,
  Limited,
  Outbox,
  Outcome,
  CallSlot,
  Settlement,
} from '../../../relay/outbox/outbox.ts'
import { jobsOf, lead, SECOND, settlement, T } from './leads.ts'
import { Known, LEASE } from './model/known.ts'
import type { End, Life, Step } from './model/steps.ts'

export { lives } from './model/steps.ts'

/** No clock is set back further than this: eight weeks, in the same summer. */
const FIRST = T - 8 * 7 * 24 * 3_600 * SECOND

/** The outbox that lives, empty at first. */
export interface Living {
  outbox: Outbox
  /** Ends what runs it and starts it anew on what it kept. */
  reopen(): Outbox | Promise<Outbox>
  close(): void | Promise<void>
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
  /** All calls that ever were, the youngest first, with their numbers in both; permits are calls without turns. */
  readonly calls: { call: Batch; number: number }[] = []
  readonly known: Known

  constructor(memory: Outbox, other: Outbox, limits: Limits) {
    this.memory = memory
    this.other = other
    this.known = new Known(limits)
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
    await this.ask((outbox) => outbox.add(leads, this.now + inMs))
    for (const { id, person } of leads) this.known.added(id, person)
  }

  async claim(until: number, most: number): Promise<Batch[]> {
    const before = await this.records()
    const halt = (await this.memory.status(this.now)).breaker
    const calls = await this.memory.claim(this.now, until, most)
    const others = await this.other.claim(this.now, until, most)
    expect(others.map(unnumbered)).toStrictEqual(calls.map(unnumbered))

    expect(calls.length).toBeLessThanOrEqual(Math.max(0, most))
    if (halt && halt.until > this.now) expect(calls, 'none during a halt').toStrictEqual([])
    for (const call of calls) this.known.expectFair(call, before, this.now)
    for (const [at, call] of calls.entries()) this.begin(call, others[at]!.id)
    this.known.expectWithinLimits(this.now)
    return calls
  }

  async permit(until: number): Promise<void> {
    const permit = await this.memory.acquireSlot(this.now, until)
    const other = await this.other.acquireSlot(this.now, until)
    expect(unnumbered(other)).toStrictEqual(unnumbered(permit))
    if (!('call' in permit) || !('call' in other)) return
    this.begin({ id: permit.call, leaseExpiresAt: until, turns: [] }, other.call)
    this.known.expectWithinLimits(this.now)
  }

  begin(call: Batch, number: number): void {
    const same = this.calls.filter((known) => known.number === number || known.call.id === call.id)
    expect(same, 'a number of its own').toStrictEqual([])
    this.calls.unshift({ call, number })
    this.known.began(call, this.now)
  }

  async settle({ call, number }: { call: Batch; number: number }, ends: readonly End[]): Promise<void> {
    const settlements = jobsOf(call).flatMap((job, at) => endOf(job, ends[at % ends.length]!, this.now))
    const limited = call.turns.length === 0 ? metBy(ends[0]!, this.now) : undefined
    await this.memory.settle(call.id, settlements, this.now, limited)
    await this.other.settle(number, settlements, this.now, limited)
    this.known.settled(call, settlements, limited)
  }

  async replay(ids: string[], mending: LeadEdit): Promise<void> {
    const answers = await this.ask((outbox) => outbox.replay(ids, mending, this.now))
    expect(answers.map(({ id }) => id)).toStrictEqual(ids)
    for (const { id, result } of answers) if (result === 'replayed') this.known.replayed(id)
  }

  async forgetSwept(): Promise<void> {
    for (const id of this.known.people.keys()) if (!(await this.memory.find(id))) this.known.swept(id)
  }

  async resume(backMs: number): Promise<void> {
    this.now = Math.max(FIRST, this.now - backMs)
    await this.ask((outbox) => outbox.resume(this.now))
    this.known.resumed(this.now, backMs > 0)
  }

  /** When something is due; now, where nothing waits. */
  async due(): Promise<number> {
    return Math.max(this.now, (await this.memory.nextDueAt(this.now)) ?? 0)
  }

  async records(): Promise<Map<string, JobRecord>> {
    const records = await Promise.all([...this.known.people.keys()].map((id) => this.memory.find(id)))
    return new Map(records.flatMap((record) => (record ? [[record.id, record]] : [])))
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
    for (let left = this.known.people.size; ; left -= 1) {
      const next = await this.ask((outbox) => outbox.nextDueAt(this.now))
      if (next === undefined) return
      expect(left, 'one less waits after each round').toBeGreaterThan(0)
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

/** What a call without jobs has met. */
function metBy({ kind, inMs, limit }: End, now: number): Limited | undefined {
  return kind === 'limited' ? { kind, limit, until: now + inMs, reason: kind } : undefined
}

/** An answer as any outbox must give it: each numbers its calls as it likes. */
function unnumbered(answer: Batch | CallSlot): unknown {
  if ('turns' in answer) return { until: answer.leaseExpiresAt, turns: answer.turns }
  return 'call' in answer ? 'a call' : answer
}
