/**
 * The model test: random operations on an outbox and on the oracle (`test/oracle/memory-outbox.ts`), which must answer
 * the same to every question. Each batch is also checked against the port (`model/expectations.ts`).
 */
import { expect } from 'vitest'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import type { Lead, OrderingKey } from '../../../relay/intake/lead.ts'
import type { LeadEdit } from '../../../relay/outbox/edit.ts'
import type { CallUse } from '../../../relay/outbox/limits/shares.ts'
import type { Batch, CallSlot, JobRecord, Limited, Outbox, Outcome, Settlement } from '../../../relay/outbox/outbox.ts'
import { discardAll, surveyAll } from './discarding.ts'
import { lead, SECOND, T } from './leads.ts'
import { Expectations, LEASE_MS } from './model/expectations.ts'
import { replacementOf } from './model/known-secret.ts'
import { MAX_LEASE_MS, type JobEnd, type Scenario, type Step } from './model/steps.ts'
import type { OutboxSettings } from './suite.ts'

export { KNOWN_SECRET } from './model/known-secret.ts'
export { scenarios } from './model/steps.ts'

/** Earliest time of the clock: eight weeks before `T`, in the same half of the year. */
const EARLIEST = T - 8 * 7 * 24 * 3_600 * SECOND

/** The outbox under test, empty at first. */
export interface TestedOutbox {
  outbox: Outbox
  /** Ends the process that runs the outbox and starts it again on the same database. */
  reopen(): Outbox | Promise<Outbox>
  /** Checks what the port does not show, after each step. */
  check?(): void
  close(): void | Promise<void>
}

/**
 * Runs a scenario on an outbox and on the oracle, and compares them after each step.
 *
 * @param open opens the outbox with the cryptography `KNOWN_SECRET`
 */
export async function runScenario(
  { limits, batchKeys, steps }: Scenario,
  open: (settings: OutboxSettings) => Promise<TestedOutbox>,
): Promise<void> {
  const oracle = createMemoryOutbox(limits, batchKeys, replacementOf)
  const tested = await open({ limits, batchKeys })
  try {
    const pair = new Pair(oracle, tested.outbox, new Expectations(limits, batchKeys))
    for (const step of steps) {
      if (step.do === 'restart') pair.tested = await tested.reopen()
      else await pair.take(step)
      await pair.compare()
      tested.check?.()
    }
    await pair.deliverEverything()
    tested.check?.()
  } finally {
    await tested.close()
  }
}

class Pair {
  now = T
  readonly oracle: Outbox
  tested: Outbox
  /** All batches that ever were, the youngest first, with their ids in the tested outbox. Call slots have no jobs. */
  readonly batches: { batch: Batch; testedId: number }[] = []
  readonly expectations: Expectations

  constructor(oracle: Outbox, tested: Outbox, expectations: Expectations) {
    this.oracle = oracle
    this.tested = tested
    this.expectations = expectations
  }

  /** Asks both outboxes the same and returns the answer. */
  async ask<R>(question: (outbox: Outbox) => Promise<R>): Promise<R> {
    const answer = await question(this.oracle)
    expect(await question(this.tested)).toStrictEqual(answer)
    return answer
  }

  async take(step: Exclude<Step, { do: 'restart' }>): Promise<void> {
    switch (step.do) {
      case 'add':
        return this.add(
          step.leads.map(({ special, names, agoMs, network, ...over }) =>
            lead(over.id, {
              ...over,
              ...special,
              ...valuesFor(names),
              ...(network && { network }),
              acceptedAt: this.now - agoMs,
            }),
          ),
          step.inMs,
        )
      case 'claim':
        await this.claim(this.now + step.leaseMs, step.max)
        return
      case 'acquireSlot':
        return this.acquireSlot(this.now + step.leaseMs, step.use)
      case 'settle': {
        const settled = this.batches[step.which % Math.max(1, this.batches.length)]
        if (settled) await this.settle(settled, step.ends)
        return
      }
      case 'replay': {
        const listed = [...(await this.oracle.list('parked', 100)), ...(await this.oracle.list('held', 100))]
        const ids = step.which.map((n) => listed[n % listed.length]?.id ?? `lead-${n}`)
        return this.replay([...ids, `lead-${step.which.length}`], step.edit)
      }
      case 'discard': {
        const { selector, dryRun } = step
        await this.ask((outbox) => discardAll(outbox, selector, { dryRun }, this.now))
        for (const by of ['form', 'hour', 'domain', 'state', 'reason', 'rule'] as const) {
          await this.ask((outbox) => surveyAll(outbox, {}, by))
        }
        return
      }
      case 'erase':
        return this.erase(step.person as OrderingKey, step.dryRun)
      case 'holdForm': {
        const hold = step.on ? { by: 'ana', reason: 'a flood' } : undefined
        await this.ask((outbox) => outbox.holdForm(step.form, hold, this.now))
        return
      }
      case 'sweep': {
        const before = this.now - step.agoMs
        await this.ask((outbox) => outbox.sweep(before, step.limit))
        return this.forgetSwept()
      }
      case 'wait':
        return this.wait(step.ms === 'due' ? await this.due() : this.now + step.ms)
      case 'resume':
        return this.resume(step.backMs)
      default:
        step satisfies never
    }
  }

  async add(leads: Lead[], inMs: number): Promise<void> {
    await this.ask((outbox) => outbox.add(leads, this.now + inMs))
    for (const each of leads) this.expectations.added(each, await replacementOf(each))
  }

  async claim(leaseExpiresAt: number, max: number): Promise<Batch[]> {
    const before = await this.records()
    const { breaker } = await this.oracle.status(this.now)
    const batches = await this.oracle.claim(this.now, leaseExpiresAt, max)
    const tested = await this.tested.claim(this.now, leaseExpiresAt, max)
    expect(tested.map(withoutId)).toStrictEqual(batches.map(withoutId))

    expect(batches.length).toBeLessThanOrEqual(Math.max(0, max))
    if (breaker) {
      const allowed = breaker.retryAt > this.now ? 0 : 1
      const jobs = batches.flatMap((batch) => batch.jobs)
      expect(jobs.length, 'no job while the breaker is open, then one').toBeLessThanOrEqual(allowed)
    }
    this.expectations.claimed(before, await this.records(), this.now)
    for (const batch of batches) this.expectations.expectAllowed(batch, before, this.now)
    for (const [at, batch] of batches.entries()) this.start(batch, tested[at]!.id)
    this.expectations.expectWithinLimits(this.now)
    return batches
  }

  async acquireSlot(leaseExpiresAt: number, use?: CallUse): Promise<void> {
    const slot = await this.oracle.acquireSlot(this.now, leaseExpiresAt, 0, use)
    const tested = await this.tested.acquireSlot(this.now, leaseExpiresAt, 0, use)
    expect(withoutId(tested)).toStrictEqual(withoutId(slot))
    if (!('slot' in slot) || !('slot' in tested)) return
    this.start({ id: slot.slot, leaseExpiresAt, jobs: [] }, tested.slot)
    this.expectations.expectWithinLimits(this.now)
  }

  start(batch: Batch, testedId: number): void {
    const same = this.batches.filter((known) => known.testedId === testedId || known.batch.id === batch.id)
    expect(same, 'an id of its own').toStrictEqual([])
    this.batches.unshift({ batch, testedId })
    this.expectations.started(batch, this.now)
  }

  async settle({ batch, testedId }: { batch: Batch; testedId: number }, ends: readonly JobEnd[]): Promise<void> {
    const settlements = batch.owed
      ? endOf({ ...batch.owed, id: batch.owed.cookie.id, owed: true }, ends[0]!, this.now, batch.leaseExpiresAt)
      : batch.jobs.flatMap((job, at) =>
          endOf({ ...job, id: job.lead.id }, ends[at % ends.length]!, this.now, batch.leaseExpiresAt),
        )
    const limited = batch.jobs.length === 0 && !batch.owed ? limitOf(ends[0]!, this.now) : undefined
    await this.oracle.settle(batch.id, settlements, this.now, limited)
    await this.tested.settle(testedId, settlements, this.now, limited)
    this.expectations.settled(batch, settlements, limited, this.now)
  }

  async replay(ids: string[], edit: LeadEdit): Promise<void> {
    const answers = await this.ask((outbox) => outbox.replay(ids, edit, this.now))
    expect(answers.map(({ id }) => id)).toStrictEqual(ids)
    for (const { id, result } of answers) if (result === 'replayed') this.expectations.replayed(id)
  }

  async erase(person: OrderingKey, dryRun: boolean): Promise<void> {
    await this.ask(async (outbox) => (await outbox.findPerson(person, 100)).rows)
    const { ids, underWay } = await this.ask((outbox) => outbox.erase(person, { by: 'ana', dryRun }, this.now))
    for (const id of ids) this.expectations.erased(id)
    if (dryRun) return
    const { rows } = await this.ask((outbox) => outbox.findPerson(person, 100))
    expect(rows.map((row) => row.underWay)).toStrictEqual(Array(underWay).fill(true))
  }

  async forgetSwept(): Promise<void> {
    for (const id of this.expectations.people.keys()) if (!(await this.oracle.find(id))) this.expectations.swept(id)
  }

  async resume(backMs: number): Promise<void> {
    this.expectations.forgetOver(this.now)
    this.now = Math.max(EARLIEST, this.now - backMs)
    await this.ask((outbox) => outbox.resume(this.now))
    this.expectations.resumed(this.now, backMs > 0)
  }

  /** Waits until a time. No job is leased on the way before one is due. */
  async wait(until: number): Promise<void> {
    const next = (await this.ask((outbox) => outbox.nextDueAt(this.now))) ?? Infinity
    const early = Math.min(next - 1, until)
    // A limit that was met grows back meanwhile, so that a job may be due sooner than was foreseen.
    if (early > this.now && !this.expectations.limitMet) {
      const claimed = await this.ask((outbox) => outbox.claim(early, early + 1, 10))
      expect(claimed, 'no job is leased before it is due').toStrictEqual([])
    }
    this.now = until
  }

  /** Returns when a job is due; now, when none waits. */
  async due(): Promise<number> {
    return Math.max(this.now, (await this.oracle.nextDueAt(this.now)) ?? 0)
  }

  async records(): Promise<Map<string, JobRecord>> {
    const records = await Promise.all([...this.expectations.people.keys()].map((id) => this.oracle.find(id)))
    return new Map(records.flatMap((record) => (record ? [[record.id, record]] : [])))
  }

  /** Compares all that both outboxes answer. A job is due while one waits. */
  async compare(): Promise<void> {
    const status = await this.ask((outbox) => outbox.status(this.now))
    const next = await this.ask((outbox) => outbox.nextDueAt(this.now))
    const ids = [...this.expectations.people.keys()]
    await this.ask((outbox) => Promise.all(ids.map(async (id) => comparable(await outbox.find(id)))))
    for (const state of ['waiting', 'held', 'parked'] as const) {
      const [, second] = await this.ask(async (outbox) => (await outbox.list(state, 4)).map(comparable))
      if (!second) continue
      const at = state === 'waiting' ? second.acceptedAt : second.settledAt!
      await this.ask(async (outbox) => (await outbox.list(state, 10, { at, id: second.id })).map(comparable))
    }

    const isDone = status.waiting === 0 && status.owed === undefined
    expect(next === undefined, 'a job is due while one waits, or while a cookie is owed').toBe(isDone)
  }

  /** Delivers all leads in order, and then those that were parked or held. */
  async deliverEverything(): Promise<void> {
    this.now += LEASE_MS
    await this.take({ do: 'resume', backMs: 0 })
    // Until a lost call is over, a claim puts off a due lead of its person in place of leasing it.
    this.now += MAX_LEASE_MS
    await this.deliverWaiting()
    for (const _ of [1, 2]) {
      await this.replay([...this.expectations.people.keys()], {})
      await this.deliverWaiting()
    }
    const status = await this.ask((outbox) => outbox.status(this.now))
    expect(status).toMatchObject({ waiting: 0, held: 0, parked: 0 })
    expect(status.owed, 'no cookie is owed').toBeUndefined()
  }

  async deliverWaiting(): Promise<void> {
    // A cookie may follow each lead, and a weak lead may be put off before each call for another one.
    for (let left = 5 * this.expectations.people.size; ; left -= 1) {
      const next = await this.ask((outbox) => outbox.nextDueAt(this.now))
      if (next === undefined) return
      expect(left, 'one job less waits after each round').toBeGreaterThan(0)
      await this.wait(Math.max(this.now, next))
      const putOff = this.expectations.timesPutOff
      let batches = await this.claim(this.now + SECOND, 10)
      // A weak job that had no turn yet is put off by the next claim.
      if (batches.length === 0) batches = await this.claim(this.now + SECOND, 10)
      const did = batches.length + this.expectations.timesPutOff - putOff
      // A weak lead that shares calls has its turn by then, and may wait for a call.
      if (did > 0 || (await this.due()) <= this.now)
        expect(did, 'a job that is due is leased or put off').toBeGreaterThan(0)
      for (const settled of this.batches.slice(0, batches.length)) await this.settle(settled, [DELIVERED])
    }
  }
}

/** Returns the record with its stale attributes in alphabetical order and lower case, neither of which is promised. */
function comparable<Found extends JobRecord | undefined>(record: Found): Found {
  if (!record) return record
  return { ...record, staleAttributes: record.staleAttributes.map((name) => name.toLowerCase()).toSorted() }
}

const DELIVERED: JobEnd = {
  kind: 'delivered',
  inMs: 1,
  waitMs: 1,
  batch: undefined,
  rejected: [],
  limit: 'rate',
  flag: false,
}

function valuesFor(names: readonly string[]): Pick<Lead, 'attributes'> {
  return { attributes: names.map((name) => ({ name, value: 'x' })) }
}

/** What a settlement names: a job, or an owed cookie. */
type Settled = Pick<Settlement, 'id' | 'attempt' | 'owed'>

function endOf(
  { id, attempt, owed }: Settled,
  { kind, inMs, waitMs, batch, rejected, limit, flag }: JobEnd,
  now: number,
  leaseEnd: number,
): Settlement[] {
  const reason = `${kind} ${inMs % 3}`
  const outcomes: Record<JobEnd['kind'], Outcome | undefined> = {
    // Marketo's ids begin with 1: the 0 is that of an erased person.
    delivered: { kind: 'delivered', leadId: 1 + inMs },
    retry: { kind: 'retry', dueAt: now + waitMs, reason, suspect: flag },
    requeue: {
      kind: 'requeue',
      dueAt: now + waitMs,
      reason,
      ...(batch && { batch }),
      ...(flag && { rejectedAttributes: rejected }),
    },
    parked: { kind: 'parked', reason },
    stopped: {
      kind: 'stopped',
      retryAt: now + inMs,
      reason,
      blocked: flag,
      ...(flag && { dueAt: now + inMs + waitMs }),
      ...(inMs % 2 === 0 && { doubt: { failed: 1 + (inMs % 3), lead: id } }),
    },
    limited: { kind: 'limited', limit, retryAt: now + inMs, reason },
    skipped: undefined,
  }
  const outcome = outcomes[kind]
  const lost = kind !== 'delivered' && kind !== 'limited' && batch === 'unanswered' && { lost: leaseEnd }
  const unanswered = flag && inMs % 2 === 0 && kind !== 'delivered' && { unanswered: true as const }
  return outcome ? [{ id, attempt, ...(owed && { owed }), ...outcome, ...unanswered, ...lost }] : []
}

/** Returns the limit that a call slot has met. */
function limitOf({ kind, inMs, limit }: JobEnd, now: number): Limited | undefined {
  return kind === 'limited' ? { kind, limit, retryAt: now + inMs, reason: kind } : undefined
}

/** Returns an answer without the id, which each outbox chooses for itself. */
function withoutId(answer: Batch | CallSlot): unknown {
  if ('jobs' in answer) return { leaseExpiresAt: answer.leaseExpiresAt, jobs: answer.jobs, owed: answer.owed }
  return 'slot' in answer ? 'a call slot' : answer
}
