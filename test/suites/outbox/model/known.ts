/**
 * What the port promises of each call, worked out from what was handed out and settled, and nothing else: none of the
 * outbox's rules is used here.
 */
import { expect } from 'vitest'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Batch, JobRecord, Limited, Settlement } from '../../../../relay/outbox/outbox.ts'
import { jobsOf, SECOND } from '../leads.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The longest that a call which begins now may last: 90 seconds, a tenth more, and a second. */
export const LEASE = 100 * SECOND

/** When the clocks in Chicago were put back in 2023: since then they are six hours behind UTC, before it five. */
const WINTER = Date.UTC(2023, 10, 5, 7)

/** A job that was handed out and of which nothing was heard since. */
interface Out {
  person: string
  attempt: number
  until: number
  /** What travelled with it. */
  names: string[]
}

export class Known {
  /** Whose each id is. */
  readonly people = new Map<string, string>()
  /** True once Marketo has said that a limit was met. */
  met = false
  private readonly limits: Limits
  /** The ids of each person, in the order they came. */
  private readonly line = new Map<string, string[]>()
  private readonly out = new Map<string, Out>()
  private readonly shares = new Map<string, number | null>()
  /** Names that a lead has brought. */
  private readonly brought = new Map<string, string[]>()
  /** When calls began, since the clock was last set back. */
  private begun: number[] = []
  /** Until when those calls last that nobody has settled. */
  private readonly calls = new Map<Batch, number>()

  constructor(limits: Limits) {
    this.limits = limits
  }

  added(id: string, person: string): void {
    if (this.people.has(id)) return
    this.people.set(id, person)
    this.line.set(person, [...(this.line.get(person) ?? []), id])
  }

  began(call: Batch, now: number): void {
    // A call that was over by then counts no more, whatever the clock says later.
    for (const [known, until] of this.calls) if (until <= now) this.calls.delete(known)
    this.calls.set(call, call.leaseExpiresAt)
    this.begun.push(now)
    const persons = new Set(jobsOf(call).map(({ lead }) => lead.person))
    // Their call was over, or they would not have been handed out.
    for (const [id, { person }] of this.out) if (persons.has(person)) this.out.delete(id)
    for (const { lead, attempt } of jobsOf(call)) {
      const names = lead.attributes.map(({ name }) => name)
      this.out.set(lead.id, { person: lead.person, attempt, until: call.leaseExpiresAt, names })
    }
  }

  settled(call: Batch, settlements: readonly Settlement[], limited: Limited | undefined): void {
    this.calls.delete(call)
    if (limited) this.met = true
    for (const { id, attempt, ...outcome } of settlements) {
      const was = this.out.get(id)
      if (was?.attempt !== attempt) continue
      this.out.delete(id)
      if (outcome.kind === 'delivered') this.brought.set(id, was.names)
      if (outcome.kind === 'again') this.shares.set(id, outcome.share ?? this.shares.get(id) ?? null)
      if (outcome.kind === 'limited') this.met = true
    }
  }

  replayed(id: string): void {
    this.shares.delete(id)
  }

  /** The id of a receipt that is gone is new again: it comes at the end of a line. */
  swept(id: string): void {
    const person = this.people.get(id) ?? ''
    const others = (this.line.get(person) ?? []).filter((known) => known !== id)
    this.line.set(person, others)
    this.people.delete(id)
    this.shares.delete(id)
    this.brought.delete(id)
  }

  resumed(now: number, setBack: boolean): void {
    if (setBack) this.begun = []
    for (const [call, until] of this.calls) this.calls.set(call, Math.min(until, now + LEASE))
    for (const job of this.out.values()) job.until = Math.min(job.until, now + LEASE)
  }

  /** What a call must never be, whatever came before it. */
  expectFair(call: Batch, before: ReadonlyMap<string, JobRecord>, now: number): void {
    const { out, line, shares, brought } = this
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

      const still = [...out].filter(([, job]) => job.person === person && job.until > now)
      expect(still, 'nobody of whom another is out').toStrictEqual([])
      const waiting = (line.get(person) ?? []).filter((id) => before.get(id)?.state === 'waiting')
      expect(waiting.slice(0, ids.length), 'none before an earlier one of its person').toStrictEqual(ids)
      for (const id of ids) expect(before.get(id)?.dueAt, 'none before it is due').toBeLessThanOrEqual(now)

      for (const { lead } of turn) {
        const all = line.get(person) ?? []
        const later = all.slice(all.indexOf(lead.id) + 1)
        const newer = new Set(later.flatMap((id) => brought.get(id) ?? []))
        const old = lead.attributes.filter(({ name }) => newer.has(name))
        expect(old, 'no older answer over a newer one').toStrictEqual([])
      }
    }
  }

  expectWithinLimits(now: number): void {
    const { begun, calls } = this
    const { callsPer20s, concurrency, callsPerDay } = this.limits
    const under20s = begun.filter((at) => at > now - 20 * SECOND).length
    const today = begun.filter((at) => dayOf(at) === dayOf(now)).length
    const atOnce = [...calls.values()].filter((until) => until > now).length
    expect(under20s, 'calls in 20 seconds').toBeLessThanOrEqual(callsPer20s)
    expect(today, 'calls in a day').toBeLessThanOrEqual(callsPerDay)
    expect(atOnce, 'calls at once').toBeLessThanOrEqual(concurrency)
  }
}

/** Which day it is in Chicago, where it begins a minute late. */
function dayOf(time: number): number {
  const late = time - MINUTE
  return Math.floor((late - (late < WINTER ? 5 : 6) * HOUR) / DAY)
}
