/**
 * The promises of the port, checked for each batch. They are worked out from what was added, leased and settled, and use
 * none of the outbox's rules.
 */
import { expect } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import type { BatchKeys } from '../../../../relay/outbox/batch-planner.ts'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Batch, JobRecord, Limited, OwedCookie, Settlement } from '../../../../relay/outbox/outbox.ts'
import { SECOND } from '../leads.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Longest lease: 90 seconds, a tenth more, and a second. */
export const LEASE_MS = 100 * SECOND

/** Time from the first failure of a lead to its next attempt with which it holds up no later lead of its person. */
const STEP_ASIDE_AFTER_MS = 3 * MINUTE

/** When daylight saving ended in Chicago in 2023: since then it is six hours behind UTC, before five. */
const WINTER = Date.UTC(2023, 10, 5, 7)

/** A job that was leased and not settled since. */
interface LeasedJob {
  person: string
  attempt: number
  batch: Batch
  leaseExpiresAt: number
  /** Names of the attributes that were sent. */
  names: string[]
  /** The cookie that was sent. */
  cookie: string | undefined
}

export class Expectations {
  /** The person of each id. */
  readonly people = new Map<string, string>()
  /** What each id stands for. */
  private readonly contents = new Map<string, string>()
  /** True once Marketo has reported a limit. */
  limitMet = false
  private readonly limits: Limits
  private readonly batchKeys: BatchKeys
  /** The cookie of each id. */
  private readonly cookies = new Map<string, string>()
  /** The ids of each person, in the order in which they were accepted. */
  private readonly order = new Map<string, string[]>()
  private readonly leased = new Map<string, LeasedJob>()
  /** Since when each job has failed by itself, or may have. */
  private readonly failingSince = new Map<string, { time: number; isCertain: boolean }>()
  /** Jobs that let later ones of their person go first. */
  private readonly aside = new Set<string>()
  /** Jobs that may let later ones go first, or may have their place again since the clock went backwards. */
  private readonly asideOrNot = new Set<string>()
  /** Number of times that a weak lead was put off to the next day. */
  timesPutOff = 0
  /** Largest batch of each suspect job. */
  private readonly maxSizes = new Map<string, number>()
  private readonly rejected = new Map<string, string[]>()
  /** Names of attributes that a lead has sent. */
  private readonly sent = new Map<string, string[]>()
  /** The leads whose cookie Marketo has got, by cookie. */
  private readonly associated = new Map<string, string[]>()
  /** The batch in which an owed cookie was leased last, by the id of its lead. */
  private readonly owed = new Map<string, Batch>()
  /** When a lead was delivered last. */
  private deliveredAt = -Infinity
  /** When calls started, since the clock last went backwards. */
  private startedAt: number[] = []
  /** Batches and call slots that are out. */
  private readonly batches = new Map<Batch, { claimedAt: number; leaseExpiresAt: number }>()

  /** Calls that ended without an answer, by person. */
  private lost: { person: string; batch: { claimedAt: number; leaseExpiresAt: number } }[] = []

  constructor(limits: Limits, batchKeys: BatchKeys) {
    this.limits = limits
    this.batchKeys = batchKeys
  }

  /** @param replacement the id of the lead if its own one stands for another content */
  added(lead: Lead, replacement: string): void {
    const { person } = lead
    const content = JSON.stringify({ ...lead, id: '', acceptedAt: 0, notes: [], hold: '', rules: [], network: '' })
    const id = (this.contents.get(lead.id) ?? content) === content ? lead.id : replacement
    if (this.people.has(id)) return
    this.people.set(id, person)
    this.contents.set(id, content)
    if (lead.cookie !== undefined) this.cookies.set(id, lead.cookie)
    this.order.set(person, [...(this.order.get(person) ?? []), id])
  }

  started(batch: Batch, now: number): void {
    // A batch that has expired by now does not count any more, whatever the clock says later.
    for (const [known, { leaseExpiresAt }] of this.batches) if (leaseExpiresAt <= now) this.batches.delete(known)
    if (batch.owed) {
      this.expectNewest(batch.owed.cookie, now)
      this.owed.set(batch.owed.cookie.id, batch)
    }
    this.batches.set(batch, { claimedAt: now, leaseExpiresAt: batch.leaseExpiresAt })
    this.startedAt.push(now)
    const people = new Set<string>(batch.jobs.map(({ lead }) => lead.person))
    // Their lease had expired, or these jobs would not have been leased.
    for (const [id, { person, leaseExpiresAt }] of this.leased) {
      if (!people.has(person)) continue
      this.leased.delete(id)
      this.waitsUntil(id, leaseExpiresAt)
    }
    // That of the same visitor keeps its place.
    const sent = new Set(batch.jobs.flatMap(({ lead }) => lead.cookie ?? []))
    for (const [id, { leaseExpiresAt }] of this.leased) {
      if (leaseExpiresAt <= now && sent.has(this.cookies.get(id) ?? '')) this.leased.delete(id)
    }
    for (const { lead, attempt } of batch.jobs) {
      this.hasPlace(lead.id)
      const names = lead.attributes.map(({ name }) => name)
      const { leaseExpiresAt } = batch
      this.leased.set(lead.id, { person: lead.person, attempt, batch, leaseExpiresAt, names, cookie: lead.cookie })
    }
  }

  /** An owed cookie is that of a delivered lead, and no later lead of the visitor has it. */
  private expectNewest({ id, cookie }: OwedCookie, now: number): void {
    const ids = [...this.people.keys()]
    expect(this.sent.has(id), 'the lead is delivered').toBe(true)
    const later = (this.associated.get(cookie) ?? []).filter((other) => ids.indexOf(other) > ids.indexOf(id))
    expect(later, 'no later lead of the visitor has the cookie').toStrictEqual([])
    const isOut = [...this.leased.values()].some((job) => job.cookie === cookie && job.leaseExpiresAt > now)
    expect(isOut, 'no call is out with the cookie').toBe(false)
  }

  private associate(id: string, cookie: string): void {
    this.associated.set(cookie, [...(this.associated.get(cookie) ?? []), id])
  }

  /** Notes that the next attempt of a job, which is not leased any more, is due at a time. */
  private waitsUntil(id: string, dueAt: number): void {
    const since = this.failingSince.get(id)?.time ?? Infinity
    if (dueAt - since >= STEP_ASIDE_AFTER_MS) this.aside.add(id)
  }

  private hasPlace(id: string): void {
    this.aside.delete(id)
    this.asideOrNot.delete(id)
  }

  private failed(id: string, isCertain: boolean, now: number): void {
    const known = this.failingSince.get(id)
    if (!known || (isCertain && !known.isCertain)) this.failingSince.set(id, { time: now, isCertain })
    // The clock was ahead at the time of the first failure.
    else if (known.time > now) this.failingSince.set(id, { ...known, time: now })
  }

  settled(batch: Batch, settlements: readonly Settlement[], limited: Limited | undefined, now: number): void {
    const known = this.batches.get(batch)
    const size = known ? batch.jobs.length : settlements.length
    const othersDelivered = this.deliveredAt > (known?.claimedAt ?? now)
    this.batches.delete(batch)
    if (limited) this.limitMet = true
    if (batch.owed) {
      if (settlements.some(({ kind }) => kind === 'limited')) this.limitMet = true
      const isCurrent = this.owed.get(batch.owed.cookie.id) === batch
      if (isCurrent && settlements[0]?.kind === 'delivered')
        this.associate(batch.owed.cookie.id, batch.owed.cookie.cookie)
      if (isCurrent && settlements[0]) this.owed.delete(batch.owed.cookie.id)
      return
    }
    for (const settlement of settlements) {
      const { id } = settlement
      const job = this.leased.get(id)
      if (job?.attempt !== settlement.attempt) continue
      this.leased.delete(id)
      switch (settlement.kind) {
        case 'delivered':
          this.sent.set(id, job.names)
          // What was rejected waits without the cookie.
          this.cookies.delete(id)
          if (job.cookie !== undefined) this.associate(id, job.cookie)
          this.maxSizes.delete(id)
          this.deliveredAt = now
          break
        case 'requeue':
          this.rejected.set(id, [...(this.rejected.get(id) ?? []), ...(settlement.rejectedAttributes ?? [])])
          if (settlement.batch === 'refused' || (settlement.batch === 'unanswered' && othersDelivered)) {
            this.maxSizes.set(id, Math.max(1, Math.floor(size / 2)))
          }
          break
        case 'retry':
          if (settlement.suspect) this.maxSizes.set(id, 1)
          this.failed(id, true, now)
          break
        case 'parked':
          this.maxSizes.delete(id)
          break
        case 'limited':
          this.limitMet = true
          break
        case 'stopped':
          if (!settlement.doubt) break
          if (othersDelivered) this.maxSizes.set(id, Math.max(1, Math.floor(size / 2)))
          if (size === 1) this.failed(id, othersDelivered, now)
          break
        default:
          settlement satisfies never
      }
      const { lost = 0 } = settlement
      if (lost > 0 && known) {
        const length = known.leaseExpiresAt - known.claimedAt
        this.lost.push({ person: job.person, batch: { claimedAt: lost - length, leaseExpiresAt: lost } })
        // Others of the person that have failed may wait for it so long that they have stepped aside.
        for (const other of this.order.get(job.person) ?? [])
          if (this.failingSince.has(other)) this.asideOrNot.add(other)
      }
      const dueAt = Math.max('dueAt' in settlement ? (settlement.dueAt ?? 0) : 0, lost)
      if (dueAt > 0 && settlement.kind !== 'parked') this.waitsUntil(id, dueAt)
    }
  }

  replayed(id: string): void {
    this.failingSince.delete(id)
    this.maxSizes.delete(id)
    this.rejected.delete(id)
  }

  /** No lead of an erased person is known to be theirs any more, so that a later one does not wait for a lost call. */
  erased(id: string): void {
    this.lost = this.lost.filter(({ person }) => person !== this.people.get(id))
  }

  /** The id of a swept receipt is a new one from now on, at the end of the order. */
  swept(id: string): void {
    const person = this.people.get(id) ?? ''
    const others = (this.order.get(person) ?? []).filter((known) => known !== id)
    this.order.set(person, others)
    this.people.delete(id)
    this.contents.delete(id)
    this.maxSizes.delete(id)
    this.rejected.delete(id)
    this.sent.delete(id)
    this.cookies.delete(id)
    for (const [cookie, ids] of this.associated)
      this.associated.set(
        cookie,
        ids.filter((other) => other !== id),
      )
    this.failingSince.delete(id)
  }

  /** Forgets calls without an answer that are over, whatever the clock says later. */
  forgetOver(now: number): void {
    this.lost = this.lost.filter(({ batch }) => batch.leaseExpiresAt > now)
  }

  resumed(now: number, clockWentBack: boolean): void {
    if (clockWentBack) this.startedAt = []
    if (clockWentBack) for (const id of this.aside) this.asideOrNot.add(id)
    this.deliveredAt = Math.min(this.deliveredAt, now)
    for (const batch of [...this.batches.values(), ...this.lost.map((call) => call.batch)]) {
      // A lease that cannot have begun yet lasts as long as it was meant to.
      const ahead = Math.max(0, batch.claimedAt - now)
      batch.claimedAt -= ahead
      batch.leaseExpiresAt -= ahead
    }
    for (const job of this.leased.values()) {
      job.leaseExpiresAt = this.batches.get(job.batch)?.leaseExpiresAt ?? Math.min(job.leaseExpiresAt, now)
    }
  }

  /** A claim was made. A weak lead without a batch key may have been put off by it, which is no attempt. */
  claimed(before: ReadonlyMap<string, JobRecord>, after: ReadonlyMap<string, JobRecord>, now: number): void {
    for (const [id, { attempts, dueAt = 0, lead }] of before) {
      const left = after.get(id)
      if (left?.state !== 'waiting' || left.attempts !== attempts || left.dueAt === dueAt || !lead?.weak) continue
      if (dueAt > now || this.batchKeys.batchKey(lead) !== null) continue
      const endsAt = left.dueAt!
      // A job that has become the next one of its person waits for the end of a call, and was not put off.
      if (this.callEnds().has(endsAt)) continue
      expect(dayOf(endsAt - 1), 'it is put off to the next day').toBe(dayOf(now))
      expect(dayOf(endsAt), 'it is put off to the next day').toBe(dayOf(now) + 1)
      this.timesPutOff += 1
      if (endsAt - now >= STEP_ASIDE_AFTER_MS) this.aside.add(id)
      this.asideOrNot.add(id)
    }
  }

  /** Returns when the leases of the calls end that are under way, or that got no answer. */
  private callEnds(): Set<number> {
    const calls = [...this.batches.values(), ...this.lost.map(({ batch }) => batch)]
    return new Set(calls.map(({ leaseExpiresAt }) => leaseExpiresAt))
  }

  /** Checks a batch that is leased now, given the records of all jobs before. */
  expectAllowed({ jobs, owed }: Batch, before: ReadonlyMap<string, JobRecord>, now: number): void {
    expect(jobs.length === 0, 'a batch has jobs, or is an owed cookie').toBe(owed !== undefined)
    if (owed) return
    const people = jobs.map(({ lead }) => lead.person)
    expect(new Set(people).size, 'each job is of another person').toBe(jobs.length)
    const cookies = jobs.flatMap(({ lead }) => lead.cookie ?? [])
    expect(new Set(cookies).size, 'each cookie is sent once').toBe(cookies.length)
    const sent = [...this.leased.values()].filter(({ leaseExpiresAt }) => leaseExpiresAt > now)
    expect(
      sent.flatMap(({ cookie }) => cookie ?? []).filter((cookie) => cookies.includes(cookie)),
      'no cookie is under way in another batch',
    ).toStrictEqual([])

    // The attributes that are not sent do not decide the key here.
    const keys = new Set(jobs.map(({ lead }) => this.batchKeys.batchKey(lead)))
    expect(keys.size, 'all jobs have the same batch key').toBe(1)
    if (!keys.has(null)) {
      const isWeak = new Set(jobs.map(({ lead }) => lead.weak === true))
      expect(isWeak.size, 'weak leads share no call with others').toBe(1)
    }
    if (keys.has(null)) expect(jobs.length, 'a job without a batch key goes alone').toBe(1)
    const max = Math.min(this.limits.leadsPerCall, ...jobs.map(({ lead }) => this.maxSizes.get(lead.id) ?? Infinity))
    expect(jobs.length, 'no more jobs than each of them allows').toBeLessThanOrEqual(max)

    const sharesWeakly = ({ lead }: Partial<JobRecord> = {}) =>
      lead?.weak === true && this.batchKeys.batchKey(lead) !== null
    const mayBeAside = (other: string) => this.asideOrNot.has(other) || sharesWeakly(before.get(other))
    for (const { lead } of jobs) {
      const { id, person } = lead
      const all = this.order.get(person) ?? []
      const leased = [...this.leased].some(([, job]) => job.person === person && job.leaseExpiresAt > now)
      expect(leased, 'another job of the person is leased').toBe(false)
      const isLost = this.lost.some((call) => call.person === person && call.batch.leaseExpiresAt > now)
      expect(isLost, 'a call for the person got no answer, and may be under way').toBe(false)
      const waiting = all.filter((other) => before.get(other)?.state === 'waiting')
      const inPlace = waiting.find((other) => !this.aside.has(other))
      const perhaps = waiting.find((other) => !this.aside.has(other) || mayBeAside(other))
      if (inPlace !== undefined && !mayBeAside(id)) {
        const surely = waiting.find((other) => !this.aside.has(other) && !mayBeAside(other))
        expect(
          [inPlace, perhaps, surely],
          'no earlier lead of the person waits, unless it has stepped aside',
        ).toContain(id)
      }
      expect(before.get(id)?.dueAt, 'the job is due').toBeLessThanOrEqual(now)

      const later = all.slice(all.indexOf(id) + 1)
      const left = [...later.flatMap((other) => this.sent.get(other) ?? []), ...(this.rejected.get(id) ?? [])]
      const folded = new Set(left.map((name) => name.toLowerCase()))
      const wrong = lead.attributes.filter(({ name }) => folded.has(name.toLowerCase()))
      expect(wrong, 'no rejected and no stale attribute is sent').toStrictEqual([])
    }
  }

  expectWithinLimits(now: number): void {
    const { startedAt, batches } = this
    const { callsPer20s, concurrency, callsPerDay } = this.limits
    const inWindow = startedAt.filter((at) => at > now - 20 * SECOND).length
    const today = startedAt.filter((at) => dayOf(at) === dayOf(now)).length
    const concurrent = [...batches.values()].filter(({ leaseExpiresAt }) => leaseExpiresAt > now).length
    expect(inWindow, 'calls in 20 seconds').toBeLessThanOrEqual(callsPer20s)
    expect(today, 'calls in a day').toBeLessThanOrEqual(callsPerDay)
    expect(concurrent, 'concurrent calls').toBeLessThanOrEqual(concurrency)
  }
}

/** Returns the number of the day in Chicago, where a day begins a minute late. */
function dayOf(time: number): number {
  const late = time - MINUTE
  return Math.floor((late - (late < WINTER ? 5 : 6) * HOUR) / DAY)
}
