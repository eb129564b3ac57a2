/**
 * The outbox as it is specified: the simplest code that keeps the port's promises, except for surviving the process. The
 * other outboxes are compared with it.
 *
 * It shares no code with them but the state of an account and the edit of a lead, which have unit tests. It is slow: a
 * claim looks at every waiting job. It is one file, so that all that an outbox does can be read from top to bottom.
 */
import type { StoredAct } from '../../relay/outbox/acts.ts'
import type { Lead, LeadId, OrderingKey } from '../../relay/intake/lead.ts'
import {
  afterLease,
  afterOwedSettlement,
  afterSettlement,
  clampState,
  claimLimits,
  nextClaimAt,
  othersDelivered,
  type AccountState,
  type Leased,
  reserveSlot,
  retryNow,
  withFingerprint,
} from '../../relay/outbox/account-state.ts'
import type { BatchKeys } from '../../relay/outbox/batch-planner.ts'
import { breakerStatus } from '../../relay/outbox/circuit-breaker.ts'
import { editLead } from '../../relay/outbox/edit.ts'
import {
  budgetAfterDayCalls,
  callsLeft,
  currentDay,
  dayStatus,
  FULL_BUDGET,
} from '../../relay/outbox/limits/call-budget.ts'
import { expiredBefore, expiringBefore, expiryOf, lookAtExpiry } from '../../relay/outbox/expiry.ts'
import { leavesReserve } from '../../relay/outbox/limits/lead-reserve.ts'
import { leaseOf, LIMITS, type Limits } from '../../relay/outbox/limits/limits.ts'
import type {
  Batch,
  JobRecord,
  ListedState,
  Outbox,
  Outcome,
  Replayed,
  RepeatedAttempt,
  Settlement,
} from '../../relay/outbox/outbox.ts'
import type { HeldForm } from '../../relay/outbox/held-forms.ts'
import type { GroupKey, LeadSelector } from '../../relay/outbox/selection.ts'

interface Entry {
  lead: Lead
  /** The content as it was added. */
  content: string
  /** True once the person was erased: nothing finds the row by the person, and the id stands for any content. */
  isErased?: boolean
  batchKey: string | null
  state: JobRecord['state']
  dueAt: number
  /** The network and the day that the lead came from. */
  source: string | undefined
  /** The rules that have fired for the post. */
  rules?: readonly string[] | undefined
  /** Its turn among the jobs of its form, if its time has come: the smallest is next. */
  turn?: number | undefined
  leased: boolean
  /** The batch that it was leased in last. */
  batch: number
  attempts: number
  failures: number
  failingSince?: number
  maxBatchSize: number
  rejected: string[]
  stale: string[]
  /** True when it was leased last without its cookie, which is sent in a call of its own. */
  follows: boolean
  /** True once a person has set the cookie. */
  hasSetCookie?: boolean
  history: RepeatedAttempt[]
  notes: readonly string[]
  settledAt?: number
  leadId?: number
  reason?: string
}

/** Longest wait of a job for a time that a wrong clock has set, in ms: five minutes. */
const MAX_WAIT_MS = 300_000

/** Longest wait that a retry makes, in ms: two hours. */
const LONGEST_RETRY_MS = 7_200_000

/** A cookie that is still to be associated with the person of a delivered lead. */
interface Owed {
  entry: Entry
  leadId: number
  email: string
  cookie: string
  /** When the lead was accepted, or, with a cookie that a person has set, delivered. */
  acceptedAt: number
  dueAt: number
  leased: boolean
  /** The batch that it was leased in last. */
  batch: number
  attempts: number
  failures: number
  failingSince?: number
  history: RepeatedAttempt[]
}

/** Time after the first failure of a job by itself after which its next attempt holds up no other lead, in ms. */
const STEP_ASIDE_AFTER_MS = 180_000

/** Maximum length of the leads of a batch, in characters of JSON. */
const MAX_BATCH_LENGTH = 500_000

/** Leads with neither cookie nor workspace may share a call, as by SOAP. */
export const TEST_BATCH_KEYS: BatchKeys = {
  name: 'soap',
  batchKey: ({ cookie, workspace }) => (cookie === undefined && workspace === undefined ? 'soap' : null),
  cookies: 'with-lead',
}

/**
 * A cookie follows its lead, as by REST, but where the lead fills out a Marketo form. Other leads of one workspace may share
 * a call.
 */
export const AFTER_LEAD: BatchKeys = {
  name: 'rest',
  batchKey: ({ workspace, marketoForm }) => (marketoForm === undefined ? `rest ${workspace}` : null),
  cookies: 'after-lead',
}

/**
 * Creates an empty outbox that lives as long as the process.
 *
 * @param replacementOf names a lead whose id was used before with another content
 */
export function createMemoryOutbox(
  limits: Limits = LIMITS,
  batchKeys: BatchKeys = TEST_BATCH_KEYS,
  replacementOf: (lead: Lead) => Promise<LeadId> = async (lead) => `${lead.id} ${contentOf(lead)}` as LeadId,
): Outbox {
  /** In the order in which they were accepted. */
  const entries = new Map<string, Entry>()
  /** The job of each person that may be leased. There is one as long as a job of the person waits. */
  const heads = new Map<string, Entry>()
  /** By cookie: a visitor owes one at most. */
  const owed = new Map<string, Owed>()
  const batches = new Map<number, { claimedAt: number; leaseExpiresAt: number; size: number; shared: boolean }>()
  /** Calls that ended without an answer, with their people. */
  let lostCalls: { claimedAt: number; leaseExpiresAt: number; people: Set<string> }[] = []
  let lastBatch = 0
  const heldForms = new Map<string, HeldForm>()
  let acts: StoredAct[] = []
  let lastAct = 0
  let delivered = 0
  let reusedIds = 0
  let state: AccountState = { budget: FULL_BUDGET }
  /** The forms of the jobs that have led a batch, with their batch keys; the last one at the end. */
  let leaders: string[] = []
  /** Jobs that were examined since more jobs waited for a call of their own than calls were left. */
  const examined = new Set<Entry>()
  let isRelieving = false
  /** A letter for each batch: `a` for a job that goes alone, `s` for a shared batch. */
  let kinds = ''

  const all = () => [...entries.values()]
  const waiting = () => all().filter((entry) => entry.state === 'waiting')

  const leasedJobs = (now: number) => waiting().filter(({ leased, dueAt }) => leased && dueAt > now)

  /** The job of each person that may be leased, without those whose cookie belongs to a lead of a batch that is out. */
  function firsts(now: number): Entry[] {
    const out = leasedJobs(now)
    const cookies = new Set(out.map(ownCookie))
    return [...heads.values()].filter((entry) => {
      const cookie = ownCookie(entry)
      return cookie === undefined || out.includes(entry) || !cookies.has(cookie)
    })
  }

  /** Jobs in the order in which they are due, and then in which they were accepted. */
  function inOrder(jobs: readonly Entry[]): Entry[] {
    const position = new Map(all().map((entry, at) => [entry, at]))
    return jobs.toSorted((a, b) => a.dueAt - b.dueAt || position.get(a)! - position.get(b)!)
  }

  /** The due jobs that may be leased, in the order in which they are due. */
  function dueJobs(now: number): Entry[] {
    return inOrder(firsts(now).filter(({ dueAt, turn }) => dueAt <= now && turn !== undefined))
  }

  /**
   * Gives a job its turn: that of the next job of its form, so that it waits for one job of each source; but after the last
   * job of its own source. A job without a source, and one that keeps its place, have the turn of the next job.
   *
   * @param lane the jobs of the form that have a turn
   */
  function giveTurn(entry: Entry, lane: Entry[]): void {
    const turnsOf = (jobs: readonly Entry[]) => jobs.map(({ turn }) => turn!)
    const next = lane.length > 0 ? Math.min(...turnsOf(lane)) : 0
    const isSameSource = ({ source }: Entry) => source !== undefined && source === entry.source
    entry.turn = keepsPlace(entry)
      ? next
      : Math.max(next, ...turnsOf(lane.filter(isSameSource)).map((turn) => turn + 1))
    lane.push(entry)
  }

  const withTurn = () => [...heads.values()].filter(({ turn }) => turn !== undefined)

  /** Gives their turns to all jobs whose time has come: those first that keep their place. */
  function giveTurns(now: number): void {
    const due = inOrder([...heads.values()].filter(({ dueAt, turn }) => dueAt <= now && turn === undefined))
    const lanes = Map.groupBy([...withTurn(), ...due], formOf)
    for (const [form, jobs] of lanes) {
      const lane = jobs.filter(({ turn }) => turn !== undefined)
      const own = due.filter((entry) => formOf(entry) === form)
      for (const entry of own) if (keepsPlace(entry)) giveTurn(entry, lane)
      for (const entry of own) if (entry.turn === undefined) giveTurn(entry, lane)
    }
  }

  /** No job of a person is leased while Marketo may be processing another call for the person. */
  function waitForLostCalls(now: number): void {
    lostCalls = lostCalls.filter(({ leaseExpiresAt }) => leaseExpiresAt > now)
    for (const { leaseExpiresAt, people } of lostCalls) {
      for (const entry of heads.values()) {
        if (entry.leased || !people.has(entry.lead.person) || entry.dueAt >= leaseExpiresAt) continue
        entry.dueAt = leaseExpiresAt
        entry.turn = undefined
      }
    }
  }

  function leasedAt(now: number): Leased {
    const out = [...batches.values()].filter(({ leaseExpiresAt }) => leaseExpiresAt > now)
    const ends = out.map(({ leaseExpiresAt }) => leaseExpiresAt)
    return {
      out: out.length,
      firstEnd: ends.length > 0 ? Math.min(...ends) : undefined,
      shared: out.filter(({ shared }) => shared).length,
    }
  }

  function startBatch(size: number, shared: boolean, leaseExpiresAt: number, now: number): number {
    for (const [id, batch] of batches) if (batch.leaseExpiresAt <= now) batches.delete(id)
    lastBatch += 1
    batches.set(lastBatch, { claimedAt: now, leaseExpiresAt, size, shared })
    return lastBatch
  }

  /**
   * A shared batch that is full goes first, otherwise the job that is due longest; but of four calls in a row one is of a
   * job that goes alone, and of ten one is shared. Among several forms the one goes first that has led least recently.
   */
  function nextBatch(
    now: number,
    maxJobs: number,
    mayShare: boolean,
    mayShareWeak: boolean,
    closed: ReadonlySet<string>,
  ): Entry[] {
    giveTurns(now)
    const due = dueJobs(now)
      .filter(({ batchKey }) => mayShare || batchKey === null)
      .filter((entry) => mayShareWeak || !sharesWeakly(entry))
      .filter((entry) => !closed.has(formOf(entry)))
    const lastLed = (entry: Entry) => leaders.findLastIndex((name) => name === formOf(entry))
    // Of each form by turn; the forms by the one that has led least recently, and then by the next job of each.
    const forms = [...Map.groupBy(due, formOf).values()].map((own) => own.toSorted((a, b) => a.turn! - b.turn!))
    const inTurn = forms
      .toSorted((a, b) => lastLed(a[0]!) - lastLed(b[0]!) || due.indexOf(a[0]!) - due.indexOf(b[0]!))
      .flat()
    const alone = inTurn.find(({ batchKey }) => batchKey === null)
    const shared = inTurn.find(({ batchKey }) => batchKey !== null)
    let first = alone ?? shared
    if (alone && shared) {
      const sizes = Map.groupBy(due, ({ batchKey }) => batchKey)
      const isFull = [...sizes].some(([key, jobs]) => key !== null && jobs.length >= maxJobs)
      if (due.indexOf(shared) < due.indexOf(alone)) first = shared
      if (maxJobs > 1) {
        if (isFull || kinds.endsWith('a'.repeat(9))) first = shared
        if (kinds.endsWith('sss')) first = alone
      }
    }
    if (!first || first.batchKey === null) return first ? [first] : []

    const jobs: Entry[] = []
    let length = 0
    let limit = maxJobs
    // A second lead with the same cookie takes a place, and is left for a later batch.
    const places = Math.min(maxJobs, first.maxBatchSize)
    const cookies = new Set<string>()
    for (const entry of oneOfEachForm(inTurn.filter(({ batchKey }) => batchKey === first.batchKey)).slice(0, places)) {
      const cookie = ownCookie(entry)
      if (cookie !== undefined && cookies.has(cookie)) continue
      if (cookie !== undefined) cookies.add(cookie)
      length += JSON.stringify(entry.lead).length
      limit = Math.min(limit, entry.maxBatchSize)
      if (jobs.length > 0 && (jobs.length >= limit || length > MAX_BATCH_LENGTH)) break
      jobs.push(entry)
    }
    return jobs
  }

  /** The batch key of a lead. Leads with weak evidence share calls with each other alone. */
  function batchKeyOf(lead: Lead): string | null {
    const key = batchKeys.batchKey(lead)
    return key === null || !lead.weak ? key : `${key}, weak`
  }

  /** Whether a job uses the share of leads with weak evidence: it shares no call. */
  const needsWeakCall = (entry: Entry | undefined) => entry?.batchKey === null && entry.lead.weak === true

  function countPutOff(putOff: number, now: number): void {
    state = { ...state, budget: budgetAfterDayCalls(state.budget, { spent: 0, putOff }, now) }
  }

  /** Puts off to the next day the weak jobs of each form whose next job is one, of the first 200. */
  function putOff(now: number): void {
    const alone = dueJobs(now).filter(({ batchKey }) => batchKey === null)
    const until = currentDay(state.budget, now).endsAt
    for (const own of Map.groupBy(alone, formOf).values()) {
      const inTurn = own.toSorted((a, b) => a.turn! - b.turn!)
      if (!needsWeakCall(inTurn[0])) continue
      const weak = inTurn.slice(0, 200).filter(needsWeakCall)
      countPutOff(weak.length, now)
      for (const entry of weak) {
        entry.dueAt = until
        entry.turn = undefined
        entry.failingSince = Math.min(entry.failingSince ?? now, now)
        chooseHead(entry.lead.person)
      }
    }
  }

  /** Remembers the turn of the job that leads a batch. */
  function takeTurn(first: Entry): void {
    leaders = [...leaders, formOf(first)]
    kinds += first.batchKey === null ? 'a' : 's'
  }

  function lease(jobs: readonly Entry[], leaseExpiresAt: number, now: number): Batch {
    const id = startBatch(jobs.length, jobs[0]?.batchKey !== null, leaseExpiresAt, now)
    if (jobs[0]) takeTurn(jobs[0])
    const leasedPeople = new Set(jobs.map(({ lead }) => lead.person))
    // An older lease of the same people has expired.
    for (const entry of waiting()) if (leasedPeople.has(entry.lead.person)) entry.leased = false
    for (const entry of jobs) entry.follows = cookieFollows(entry, now)
    // One of the same visitor ends, too: settled late, it would mark a cookie as stale that is under way. It keeps its place.
    const cookies = new Set(jobs.flatMap((entry) => sentLead(entry).cookie ?? []))
    for (const entry of waiting()) {
      if (!entry.leased || entry.dueAt > now || !cookies.has(entry.lead.cookie ?? '')) continue
      entry.leased = false
      entry.dueAt = Math.min(entry.dueAt, entry.failingSince ?? Infinity)
    }
    return {
      id,
      leaseExpiresAt,
      jobs: jobs.map((entry) => {
        const taken = owed.get(ownCookie(entry) ?? '')
        if (taken && !(taken.leased && taken.dueAt > now)) {
          // The call for the cookie waits until this one is over, which may be newer.
          taken.leased = false
          taken.dueAt = Math.max(taken.dueAt, leaseExpiresAt)
        }
        entry.dueAt = leaseExpiresAt
        entry.turn = undefined
        entry.leased = true
        entry.batch = id
        entry.attempts += 1
        const { attempts: attempt, failures, failingSince, history } = entry
        const failedAt = history.at(-1)?.last ?? Infinity
        return {
          lead: structuredClone(sentLead(entry)),
          attempt,
          failures,
          ...(failures > 0 && failingSince !== undefined && { failingSince }),
          ...(unansweredBefore(entry) > 0 && { unanswered: unansweredBefore(entry) }),
          ...((state.deliveredAt ?? -Infinity) > failedAt && { othersDelivered: true as const }),
        }
      }),
      ...(state.breaker?.doubt && { doubt: state.breaker.doubt }),
    }
  }

  /**
   * While more jobs wait for a call of their own than calls are left today, leads with a cookie share calls as if they had
   * none. Once that began, it lasts until all jobs were examined, 500 in a claim.
   */
  function relieve(now: number): void {
    if (batchKeys.cookies !== 'with-lead' || limits.leadsPerCall === 1) return
    const left = callsLeft(state.budget, limits, now)
    const isPressed = () => {
      const alone = [...heads.values()].filter(({ batchKey }) => batchKey === null)
      // The calls that are out are spent already.
      const { out, shared } = leasedAt(now)
      return alone.length - (out - shared) > (state.budget.quota ? 1 : left)
    }
    if (!isRelieving && !isPressed()) return
    const page = all()
      .filter((entry) => entry.state === 'waiting' && entry.batchKey === null && entry.lead.cookie !== undefined)
      .filter((entry) => !examined.has(entry))
      .slice(0, 500)
    for (const entry of page) {
      const { cookie: _, ...rest } = entry.lead
      if (rest.email) changeBatchKey(entry, batchKeys.batchKey(rest))
      examined.add(entry)
    }
    isRelieving = page.length === 500 || isPressed()
    if (!isRelieving) examined.clear()
  }

  /** A cookie follows when the transport cannot take it along, or when it is out in another call. */
  function cookieFollows(entry: Entry, now: number): boolean {
    const { email, cookie } = sentLead({ ...entry, follows: false })
    if (!email || cookie === undefined) return false
    const known = owed.get(cookie)
    const isOut = known !== undefined && known.leased && known.dueAt > now
    const shares = entry.batchKey !== null && batchKeys.batchKey(entry.lead) === null
    if (batchKeys.cookies === 'after-any-lead') return true
    return (batchKeys.cookies === 'after-lead' && entry.batchKey !== null) || shares || isOut
  }

  /** The owed cookie of the newest lead goes first. */
  function nextOwed(now: number): Owed | undefined {
    const order = all()
    return [...owed.values()]
      .filter(({ dueAt }) => dueAt <= now)
      .toSorted((a, b) => order.indexOf(b.entry) - order.indexOf(a.entry))[0]
  }

  function leaseOwed(next: Owed, leaseExpiresAt: number, now: number): Batch {
    const id = startBatch(0, false, leaseExpiresAt, now)
    next.dueAt = leaseExpiresAt
    next.leased = true
    next.batch = id
    next.attempts += 1
    const { entry, leadId, email, cookie, acceptedAt, attempts: attempt, failures, failingSince, history } = next
    const failedAt = history.at(-1)?.last ?? Infinity
    return {
      id,
      leaseExpiresAt,
      jobs: [],
      owed: {
        cookie: {
          id: entry.lead.id,
          leadId,
          email,
          cookie,
          acceptedAt,
          ...(entry.lead.workspace !== undefined && { workspace: entry.lead.workspace }),
        },
        attempt,
        failures,
        ...(failingSince !== undefined && { failingSince }),
        ...((state.deliveredAt ?? -Infinity) > failedAt && { othersDelivered: true as const }),
      },
      ...(state.breaker?.doubt && { doubt: state.breaker.doubt }),
    }
  }

  /** Of several leads of a visitor the newest has the cookie: with its call, or owed. The others only say so. */
  function oweCookies(delivered: readonly Omit<Owed, 'dueAt' | 'leased' | 'batch'>[], now: number): void {
    const order = all()
    for (const [cookie, own] of Map.groupBy(delivered, (each) => each.cookie)) {
      const known = owed.get(cookie)
      const inOrder = [...(known ? [known] : []), ...own].toSorted(
        (a, b) => order.indexOf(a.entry) - order.indexOf(b.entry),
      )
      const newest = inOrder.at(-1)!
      for (const { entry } of inOrder) {
        if (entry !== newest.entry)
          replaceNote(entry, 'cookie left out: a later lead of the same visitor was delivered with it')
      }
      if (newest === known) continue
      owed.delete(cookie)
      if (!newest.entry.follows) continue
      const ends = known?.leased ? [known.dueAt] : []
      owed.set(cookie, { ...newest, dueAt: Math.max(now, ...ends), leased: false, batch: 0 })
    }
  }

  function settleOwed(settlement: Settlement, batch: { id: number; claimedAt: number }, now: number): void {
    const { id, attempt } = settlement
    const current = [...owed.values()].find((each) => each.entry.lead.id === id)
    const isCurrent = current?.leased && current.batch === batch.id && current.attempts === attempt
    const others = othersDelivered(state, { ...batch, size: 0 })
    const settlements = isCurrent ? [settlement] : []
    state = afterOwedSettlement(state, { ...batch, size: 0 }, { settlements, now, limited: undefined }, limits)
    if (!isCurrent) return
    current.leased = false
    if (settlement.kind === 'requeue' && settlement.overtaken) {
      replaceNote(current.entry, 'cookie left out: a later lead of the same visitor was delivered with it')
      owed.delete(current.cookie)
      return
    }
    if (settlement.kind === 'delivered' || settlement.kind === 'parked') {
      const isDone = settlement.kind === 'delivered'
      replaceNote(
        current.entry,
        isDone ? 'cookie associated in a call of its own' : 'cookie not associated: Marketo did not take it',
      )
      owed.delete(current.cookie)
      return
    }
    current.history = withAttempt(current.history, settlement.reason, now)
    current.dueAt = ('dueAt' in settlement ? settlement.dueAt : undefined) ?? now
    if (settlement.kind === 'retry' || (settlement.kind === 'stopped' && settlement.doubt && others)) {
      current.failures += 1
      current.failingSince ??= now
    }
  }

  function settle(
    entry: Entry,
    outcome: Outcome & { unanswered?: true },
    size: number,
    others: boolean,
    now: number,
  ): void {
    entry.leased = false
    entry.turn = undefined
    if (outcome.kind !== 'delivered') {
      entry.reason = outcome.reason
      entry.history = withAttempt(entry.history, outcome.reason, now, outcome.unanswered)
    }
    switch (outcome.kind) {
      case 'delivered':
        return deliver(entry, outcome.leadId, outcome.note, now)
      case 'retry':
        entry.dueAt = outcome.dueAt
        failedByItself(entry, now)
        if (outcome.suspect) entry.maxBatchSize = 1
        return
      case 'requeue':
        entry.dueAt = outcome.dueAt
        if (outcome.batch && (outcome.batch !== 'unanswered' || others)) {
          entry.maxBatchSize = Math.max(1, Math.floor(size / 2))
        }
        entry.rejected = union(entry.rejected, outcome.rejectedAttributes ?? [])
        return
      case 'parked':
        entry.state = 'parked'
        entry.settledAt = now
        entry.maxBatchSize = Infinity
        return
      case 'stopped':
        entry.dueAt = outcome.dueAt ?? dueInPlace(entry, now)
        if (!outcome.doubt) return
        if (others) entry.maxBatchSize = Math.max(1, Math.floor(size / 2))
        if (size > 1) return
        if (others) failedByItself(entry, now)
        else entry.failingSince = Math.min(entry.failingSince ?? now, now)
        return
      case 'limited':
        entry.dueAt = dueInPlace(entry, now)
        return
      default:
        outcome satisfies never
    }
  }

  function failedByItself(entry: Entry, now: number): void {
    // Until now there were failures in doubt at most.
    // The clock may have been ahead at the time of the first one.
    if (entry.failures === 0 || entry.failingSince! > now) entry.failingSince = now
    entry.failures += 1
  }

  function deliver(entry: Entry, leadId: number, told: string | undefined, now: number): void {
    const { lead, rejected } = entry
    entry.settledAt = now
    if (unansweredBefore(entry) > 0 && lead.receipt === undefined) {
      entry.notes = [...entry.notes, 'the Marketo form may have been filled out twice: an earlier answer was lost']
    }
    if (told !== undefined) entry.notes = [...entry.notes, told]
    entry.leadId = leadId
    if (rejected.includes('Munchkin cookie')) {
      entry.notes = [...entry.notes, 'cookie left out: Marketo refused the lead with it']
    } else if (lead.cookie !== undefined && entry.stale.includes('Munchkin cookie')) {
      entry.notes = [...entry.notes, 'cookie left out: a later lead of the same visitor was delivered with it']
    }
    // One that follows is the visitor's, too.
    const own = ownCookie(entry)
    if (own !== undefined && entry.follows) {
      entry.notes = [...entry.notes, 'cookie follows in a call of its own']
    }
    entry.maxBatchSize = Infinity
    const sent = withoutAttributes(lead, [...rejected, ...entry.stale]).attributes.map(({ name }) => name)
    delete entry.rules
    const left = lead.attributes.filter(({ name }) => includesName(rejected, name))
    if (left.length > 0) {
      const { cookie: _, visit: _visit, receipt: _receipt, ...rest } = lead
      entry.state = 'parked'
      entry.lead = { ...rest, attributes: left }
    } else {
      entry.state = 'delivered'
      entry.history = []
      entry.rejected = []
      entry.stale = []
      delete entry.reason
      delivered += 1
    }
    // Older leads of the person must not overwrite what was sent.
    for (const older of all().slice(0, all().indexOf(entry))) {
      if (isReceipt(older)) continue
      if (older.lead.person === lead.person) older.stale = union(older.stale, sent)
      if (own !== undefined && older.lead.cookie === own && older.lead.email) {
        older.stale = union(older.stale, ['Munchkin cookie'])
      }
    }
  }

  const waitingOf = (person: string) => waiting().filter(({ lead }) => lead.person === person)

  /**
   * Chooses the job of a person that may be leased: the oldest that has not stepped aside, or else the one that is due
   * first. It is due when its time has come, and not before the leases of the person's other jobs end.
   *
   * @param underWayUntil until when Marketo may be processing another job of the person
   * @param own the waiting jobs of the person
   */
  function chooseHead(person: string, underWayUntil = 0, own = waitingOf(person)): void {
    const head = own.find((entry) => !isAside(entry)) ?? own.toSorted((a, b) => a.dueAt - b.dueAt)[0]
    if (!head) return void heads.delete(person)
    heads.set(person, head)
    // One that waits for another job, or for a time, has no turn.
    for (const entry of own) if (entry !== head) entry.turn = undefined
    if (head.leased) return
    const dueAt = Math.max(head.dueAt, underWayUntil, ...own.flatMap(({ leased, dueAt }) => (leased ? [dueAt] : [])))
    if (dueAt > head.dueAt) head.turn = undefined
    head.dueAt = dueAt
  }

  /** A job that waits from now on goes before those of its person that have stepped aside. */
  function passAside({ lead: { person } }: Entry, now: number): void {
    const head = heads.get(person)
    if (!head || !isAside(head)) return
    const asideUntil = Math.max(...waitingOf(person).flatMap((each) => (isAside(each) ? [each.dueAt] : [])))
    chooseHead(person, Math.min(asideUntil, now + leaseOf(limits)))
  }

  /** A job with another batch key waits among other jobs. */
  function changeBatchKey(entry: Entry, batchKey: string | null): void {
    if (batchKey !== entry.batchKey) entry.turn = undefined
    entry.batchKey = batchKey
  }

  function replay(id: string, edit: Parameters<Outbox['replay']>[1], now: number): Replayed {
    const entry = entries.get(id)
    if (!entry) return { id, result: 'unknown' }
    if (entry.state !== 'parked' && entry.state !== 'held') return { id, result: 'not-parked' }
    const edited = editLead(entry.lead, edit, entry.leadId !== undefined)
    if ('taken' in edited) return { id, result: 'name-taken', name: edited.taken }
    const { hold: _, weak: __, ...lead } = edited.lead
    entry.lead = lead
    entry.batchKey = batchKeys.batchKey(lead)
    // All replayed leads have one source.
    entry.source = 'replay'
    entry.state = 'waiting'
    examined.clear()
    isRelieving = false
    entry.dueAt = now
    entry.failures = 0
    entry.maxBatchSize = Infinity
    entry.rejected = []
    if (lead.marketoForm !== undefined && lead.receipt === undefined) {
      // A person has looked.
      const known = entry.history.reduce((sum, { times }) => sum + times, 0)
      entry.history = entry.history.map((each) => ({
        reason: each.reason,
        times: each.times,
        first: each.first,
        last: each.last,
      }))
      const reason = entry.leadId === undefined ? 'no outcome was stored' : 'delivered without these attributes'
      if (entry.attempts > known) entry.history.push({ reason, times: entry.attempts - known, first: now, last: now })
    }
    if (edit.cookie) entry.hasSetCookie = true
    if (edit.cookie) entry.stale = entry.stale.filter((name) => name !== 'Munchkin cookie')
    delete entry.failingSince
    delete entry.settledAt
    passAside(entry, now)
    chooseHead(entry.lead.person)
    return { id, result: 'replayed' }
  }

  /** Makes receipts of jobs that are not under way. */
  function discardAll(entries: readonly Entry[], note: string, now: number, end = endDiscarded): void {
    const headless = entries.filter((entry) => heads.get(entry.lead.person) === entry)
    // Marketo may still be processing an earlier attempt.
    const waits = headless.map(({ lead, attempts, dueAt }): [person: OrderingKey, until: number] => [
      lead.person,
      attempts > 0 && dueAt > now ? Math.min(dueAt, now + leaseOf(limits)) : 0,
    ])
    for (const entry of entries) discard(entry, note, now, end)
    chooseHeads(waits)
  }

  /** Chooses the job of each of several people. */
  function chooseHeads(ends: Iterable<[person: OrderingKey, underWayUntil: number]>): void {
    const waitingByPerson = Map.groupBy(waiting(), ({ lead }) => lead.person)
    for (const [person, until] of ends) chooseHead(person, until, waitingByPerson.get(person) ?? [])
  }

  /** Ends what is owed for a discarded lead, and notes it. */
  function endDiscarded(entry: Entry, note: string): void {
    const known = owedFor(entry)
    if (known) {
      owed.delete(known.cookie)
      replaceNote(entry, 'cookie not associated: the lead was discarded')
    }
    entry.notes = [...entry.notes, note]
  }

  function discard(entry: Entry, note: string, now: number, end: (entry: Entry, note: string) => void): void {
    // Marketo has a lead that was delivered except for some attributes.
    entry.state = entry.leadId === undefined ? 'discarded' : 'delivered'
    if (entry.leadId !== undefined) delivered += 1
    entry.settledAt = now
    entry.turn = undefined
    entry.history = []
    entry.rejected = []
    entry.stale = []
    delete entry.reason
    delete entry.rules
    end(entry, note)
  }

  const owedFor = (entry: Entry) => [...owed.values()].find((each) => each.entry === entry)
  const isOut = (entry: Entry) => entry.leased || (owedFor(entry)?.leased ?? false)
  const rowsOf = (person: string) => all().filter(({ lead, isErased }) => lead.person === person && !isErased)

  /** Removes from a row what tells the person. */
  function erase(entry: Entry, note: string): void {
    const known = owedFor(entry)
    if (known) {
      owed.delete(known.cookie)
      replaceNote(entry, 'cookie not associated: the person was erased')
    }
    entry.isErased = true
    for (const { people } of lostCalls) people.delete(entry.lead.person)
    delete entry.leadId
    entry.notes = [...entry.notes, note]
  }

  const inListOrder = (listed: Entry['state']) =>
    all()
      .filter((entry) => entry.state === listed)
      .toSorted((a, b) => a.settledAt! - b.settledAt! || (a.lead.id < b.lead.id ? -1 : 1))

  function expiringAt(now: number): { expiring?: { leads: number; firstAt: number } } {
    const { expiry } = state
    const times = all().flatMap((entry) =>
      expiry && ['held', 'parked'].includes(entry.state) && entry.settledAt! < expiringBefore(expiry, now)
        ? [entry.settledAt!]
        : [],
    )
    return times.length > 0 ? { expiring: { leads: times.length, firstAt: expiryOf(Math.min(...times), expiry!) } } : {}
  }

  const selectedBy = (selector: LeadSelector) => all().filter((entry) => !isReceipt(entry) && matches(entry, selector))

  return {
    async add(leads, dueAt) {
      /** The jobs that have a turn, by form. */
      let lanes: Map<string, Entry[]> | undefined
      for (const { network, cookieLeftOut, rules, drop, ...lead } of structuredClone(leads)) {
        if (drop) continue
        const content = contentOf({ ...lead, ...(cookieLeftOut !== undefined && { cookie: cookieLeftOut }) })
        const known = entries.get(lead.id)
        if (known?.isErased || known?.content === content) continue
        if (known) {
          const replacement = await replacementOf(lead)
          if (entries.has(replacement)) continue
          lead.notes.push(`id replaced: ${lead.id} was used before with another content`)
          lead.id = replacement
          reusedIds += 1
        }
        const held = heldForms.get(lead.form)
        const hold = lead.hold ?? (held && `all leads of the form are held: ${held.reason}`)
        const entry: Entry = {
          lead,
          content,
          batchKey: batchKeyOf(lead),
          state: hold === undefined ? 'waiting' : 'held',
          dueAt,
          source: network && `${network} on day ${Math.floor(lead.acceptedAt / 86_400_000)}`,
          leased: false,
          batch: 0,
          attempts: 0,
          failures: 0,
          maxBatchSize: Infinity,
          rejected: [],
          stale: [],
          follows: false,
          history: [],
          notes: lead.notes,
          rules,
          ...(hold !== undefined && { settledAt: dueAt, reason: hold }),
        }
        entries.set(lead.id, entry)
        if (hold !== undefined) continue
        if (heads.has(lead.person)) {
          if (sharesWeakly(entry)) continue
          passAside(entry, dueAt)
          lanes = undefined
        } else {
          heads.set(lead.person, entry)
          if (dueAt > lead.acceptedAt) continue
          lanes ??= Map.groupBy(withTurn(), formOf)
          const lane = lanes.get(formOf(entry)) ?? []
          lanes.set(formOf(entry), lane)
          giveTurn(entry, lane)
        }
      }
    },

    async claim(now, leaseExpiresAt, max) {
      waitForLostCalls(now)
      const limit = claimLimits(state, limits, leasedAt(now), now, max)
      const claimed: Batch[] = []
      let { shared, weak } = limit
      let sharedWeak = 0
      if (limit.batches > 0 && weak === 0) putOff(now)
      if (limit.batches > 0) relieve(now)
      const closed = new Set<string>()
      while (claimed.length < limit.batches) {
        const jobs = nextBatch(now, limit.jobs, shared > 0, sharedWeak < limit.sharedWeak, closed)
        if (jobs.length === 0) break
        if (needsWeakCall(jobs[0]) && weak === 0) {
          closed.add(formOf(jobs[0]!))
          continue
        }
        if (needsWeakCall(jobs[0])) weak -= 1
        if (jobs[0]?.batchKey !== null) shared -= 1
        if (sharesWeakly(jobs[0]!)) sharedWeak += 1
        claimed.push(lease(jobs, leaseExpiresAt, now))
      }
      while (claimed.length < limit.batches && leavesReserve(state.budget, limits, claimed.length, now)) {
        const next = nextOwed(now)
        if (!next) break
        claimed.push(leaseOwed(next, leaseExpiresAt, now))
      }
      if (claimed.length > 0) state = afterLease(state, limits, claimed, now, { weak: limit.weak - weak, sharedWeak })
      return claimed
    },

    async settle(id, settlements, now, limited) {
      const ended = batches.get(id)
      const { size, claimedAt } = ended ?? { size: settlements.length, claimedAt: now }
      const batch = { id, size, claimedAt }
      const lost = new Set<string>()
      let lostEnd = 0
      batches.delete(id)
      if (settlements[0]?.owed) return settleOwed(settlements[0], batch, now)
      const current = settlements.filter(({ id, attempt }) => isLeased(entries.get(id), attempt))
      const others = othersDelivered(state, batch)
      state = afterSettlement(state, batch, { settlements: current, now, limited }, limits)
      /** The end of the lease of each person, where Marketo may be processing the job until then. */
      const settled = new Map<OrderingKey, number>()
      const cookies: Omit<Owed, 'dueAt' | 'leased' | 'batch'>[] = []
      for (const settlement of current) {
        const entry = entries.get(settlement.id)
        if (!isLeased(entry, settlement.attempt)) continue
        const { email, cookie } = sentLead({ ...entry, follows: false })
        const leaseEnd = entry.dueAt
        settle(entry, settlement, size, others, now)
        if (settlement.lost) {
          lost.add(entry.lead.person)
          lostEnd = Math.max(lostEnd, settlement.lost)
          entry.dueAt = Math.max(entry.dueAt, settlement.lost)
        }
        const mayBeUnderWay = entry.state === 'waiting' && entry.dueAt >= leaseEnd
        settled.set(entry.lead.person, settlement.lost ?? (mayBeUnderWay ? leaseEnd : 0))
        if (settlement.kind !== 'delivered' || cookie === undefined) continue
        const acceptedAt = entry.hasSetCookie ? now : entry.lead.acceptedAt
        const fresh = { attempts: 0, failures: 0, history: [] }
        cookies.push({ entry, leadId: settlement.leadId, email, cookie, acceptedAt, ...fresh })
      }
      if (ended && lost.size > 0) {
        const length = ended.leaseExpiresAt - ended.claimedAt
        lostCalls.push({ claimedAt: lostEnd - length, leaseExpiresAt: lostEnd, people: lost })
      }
      oweCookies(cookies, now)
      chooseHeads(settled)
    },

    async acquireSlot(now, leaseExpiresAt, idle, use) {
      const slot = reserveSlot(state, limits, leasedAt(now), now, idle, use)
      if ('retryAt' in slot) return slot
      state = slot.reserved
      return { slot: startBatch(0, false, leaseExpiresAt, now) }
    },

    async nextDueAt(now) {
      const free = firsts(now)
      // A claim gives the others a turn.
      const isSpaced = (job: Entry) => sharesWeakly(job) && job.turn !== undefined
      const firstDue = (jobs: readonly Entry[]) => Math.min(...jobs.map((job) => job.dueAt))
      // An older job may be the head meanwhile, and wait for the cookie of this one.
      const out = leasedJobs(now).filter((job) => heads.get(job.lead.person) !== job && ownCookie(job) !== undefined)
      const due = {
        alone: firstDue([...free.filter(({ batchKey }) => batchKey === null), ...out]),
        shared: firstDue(free.filter((job) => job.batchKey !== null && !isSpaced(job))),
        weak: firstDue(free.filter(isSpaced)),
        owed: Math.min(...[...owed.values()].map(({ dueAt }) => dueAt)),
      }
      return nextClaimAt(state, limits, leasedAt(now), due, now)
    },

    async resume(now, credentials) {
      examined.clear()
      isRelieving = false
      for (const each of owed.values()) if (!each.leased) each.dueAt = Math.min(each.dueAt, now + MAX_WAIT_MS)
      for (const entry of [...waiting(), ...owed.values()]) {
        const batch = batches.get(entry.batch)
        if (!entry.leased) continue
        if (!batch) entry.dueAt = Math.min(entry.dueAt, now)
        else if (batch.claimedAt > now) entry.dueAt = now + batch.leaseExpiresAt - batch.claimedAt
      }
      for (const entry of waiting()) {
        const failedAt = entry.history.at(-1)?.last ?? 0
        const isRetry = failedAt <= now && entry.dueAt - failedAt <= LONGEST_RETRY_MS
        if (entry.leased || isRetry) continue
        const leased = waiting().filter((other) => other.leased && other.lead.person === entry.lead.person)
        entry.dueAt = Math.min(entry.dueAt, Math.max(now + MAX_WAIT_MS, ...leased.map(({ dueAt }) => dueAt)))
      }
      for (const batch of [...batches.values(), ...lostCalls]) {
        if (batch.claimedAt <= now) continue
        batch.leaseExpiresAt = now + batch.leaseExpiresAt - batch.claimedAt
        batch.claimedAt = now
      }
      for (const entry of waiting()) if (entry.dueAt > now) entry.turn = undefined
      const latestEnd = Math.max(now, ...[...batches.values()].map((batch) => batch.leaseExpiresAt))
      // In memory the credentials are their own fingerprint.
      state = withFingerprint(clampState(state, now, latestEnd), credentials, now)
    },

    async retryNow(now) {
      state = retryNow(state, now)
    },

    async status(now) {
      const accepted = waiting().map(({ lead }) => lead.acceptedAt)
      const parked = all().flatMap((entry) => (entry.state === 'parked' ? [entry.settledAt ?? 0] : []))
      const held = all().filter((entry) => entry.state === 'held')
      const formsOfHeld = [...new Set(held.map(({ lead }) => lead.form))].toSorted()
      return {
        waiting: accepted.length,
        held: held.length,
        ...(held.length > 0 && {
          heldByForm: formsOfHeld.map((form) => ({
            form,
            leads: held.filter(({ lead }) => lead.form === form).length,
          })),
        }),
        parked: parked.length,
        delivered,
        ...(reusedIds > 0 && { reusedIds }),
        ...(owed.size > 0 && { owed: owed.size }),
        ...expiringAt(now),
        ...(heldForms.size > 0 && {
          heldForms: [...heldForms.values()].toSorted((a, b) => (a.form < b.form ? -1 : 1)),
        }),
        ...(accepted.length > 0 && { oldestAt: Math.min(...accepted) }),
        ...(parked.length > 0 && { parkedAt: Math.min(...parked) }),
        ...breakerStatus(state.breaker),
        day: dayStatus(state.budget, limits, now),
      }
    },

    async find(id) {
      const entry = entries.get(id)
      return entry && structuredClone(recordOf(entry))
    },

    async list(listed, limit, after = { at: -1, id: '' }) {
      const at = ({ acceptedAt, settledAt = 0 }: JobRecord) => (listed === 'waiting' ? acceptedAt : settledAt)
      return structuredClone(
        all()
          .filter((entry) => entry.state === listed)
          .map(recordOf)
          .toSorted((a, b) => at(a) - at(b) || (a.id < b.id ? -1 : 1))
          .filter((record) => at(record) > after.at || (at(record) === after.at && record.id > after.id))
          .slice(0, limit),
      )
    },

    async replay(ids, edit, now) {
      return ids.map((id) => replay(id, edit, now))
    },

    async survey(selector, by) {
      const groups = Map.groupBy(selectedBy(selector), (entry) => JSON.stringify([valueOf(entry, by), entry.state]))
      return {
        groups: Array.from(groups.values(), (own) => ({
          value: valueOf(own[0]!, by),
          state: own[0]!.state as ListedState,
          leads: own.length,
        })),
      }
    },

    async discard(selector, { by, reason, dryRun }, now) {
      const { out = [], left = [] } = Object.groupBy(selectedBy(selector), (entry) => (isOut(entry) ? 'out' : 'left'))
      const note = `discarded by ${by} at ${new Date(now).toISOString()}: ${reason}`
      if (!dryRun) discardAll(left, note, now)
      return { discarded: left.length, underWay: out.length }
    },

    async findPerson(person, limit, after = '0') {
      const rows = rowsOf(person)
      const page = rows.slice(Number(after), Number(after) + limit)
      return {
        rows: page.map((entry) => {
          const {
            lead: _,
            history: _h,
            rejectedAttributes: _r,
            staleAttributes: _s,
            notes: _n,
            rules: _rules,
            ...row
          } = recordOf(entry)
          return {
            ...row,
            ...(isOut(entry) && { underWay: true as const }),
            ...(owedFor(entry) && { owesCookie: true as const }),
          }
        }),
        ...(page.length === limit && { next: String(Number(after) + limit) }),
      }
    },

    async erase(person, { by, dryRun }, now) {
      const { out = [], left = [] } = Object.groupBy(rowsOf(person), (entry) => (isOut(entry) ? 'out' : 'left'))
      const erased = dryRun ? left : left.slice(0, 500)
      const counted = (state: Entry['state']) => erased.filter((entry) => entry.state === state).length
      const step = {
        waiting: counted('waiting'),
        held: counted('held'),
        parked: counted('parked'),
        receipts: erased.filter(isReceipt).length,
        owed: erased.filter((entry) => owedFor(entry)).length,
        underWay: out.length,
        ids: dryRun ? [] : erased.map(({ lead }) => lead.id as string),
        more: !dryRun && erased.length === 500,
      }
      if (dryRun) return step
      const note = `erased by ${by} at ${new Date(now).toISOString()}`
      const undelivered = erased.filter((entry) => !isReceipt(entry))
      for (const entry of erased) if (isReceipt(entry)) erase(entry, note)
      discardAll(undelivered, note, now, (entry) => erase(entry, note))
      return step
    },

    async expire(keepMs, now, limit) {
      state = { ...state, expiry: lookAtExpiry(state.expiry, keepMs, now) }
      const before = state.expiry && expiredBefore(state.expiry, now)
      if (before === undefined) return []
      const expired = (['held', 'parked'] as const)
        .flatMap((listed) => inListOrder(listed))
        .filter((entry) => entry.settledAt! < before && !isOut(entry))
        .slice(0, limit)
      discardAll(expired, `expired at ${new Date(now).toISOString()}: undecided for ${keepMs / 86_400_000} days`, now)
      const forms = Map.groupBy(expired, ({ lead }) => lead.form)
      return [...forms.keys()].toSorted().map((form) => ({ form, leads: forms.get(form)!.length }))
    },

    async holdForm(form, hold, now) {
      if (!hold) return heldForms.delete(form)
      heldForms.set(form, { form, ...hold, since: heldForms.get(form)?.since ?? now })
      return true
    },

    async beginAct({ person, ...act }, now) {
      acts = acts.filter(({ at }) => at >= now - 400 * 86_400_000)
      acts.push({ ...act, id: (lastAct += 1), at: now, ...(person !== undefined && { personKey: `key of ${person}` }) })
      return lastAct
    },

    async endAct(id, leads) {
      acts = acts.map((act) => (act.id === id ? { ...act, leads } : act))
    },

    async listActs(limit, before = Infinity) {
      return structuredClone(
        acts
          .filter(({ id }) => id < before)
          .toReversed()
          .slice(0, limit),
      )
    },

    async sweep(before, limit) {
      const owing = new Set([...owed.values()].map(({ entry }) => entry))
      const receipts = all()
        .filter((entry) => isReceipt(entry) && (entry.settledAt ?? Infinity) < before && !owing.has(entry))
        .toSorted((a, b) => (a.settledAt ?? 0) - (b.settledAt ?? 0))
        .slice(0, limit)
      for (const { lead } of receipts) entries.delete(lead.id)
      return receipts.length
    },
  }
}

/** Returns whether the lead of a job is wiped. */
function isReceipt({ state }: Entry): boolean {
  return state === 'delivered' || state === 'discarded'
}

function domainOf({ lead: { email } }: Entry): string | null {
  return email.includes('@') ? email.slice(email.indexOf('@') + 1).toLowerCase() : null
}

function valueOf(entry: Entry, by: GroupKey): string | null {
  const { lead, source = null, state, reason = null, rules } = entry
  const hour = new Date(lead.acceptedAt).toISOString().replace(/:.*/, ':00:00.000Z')
  return { form: lead.form, source, hour, domain: domainOf(entry), state, reason, rule: rules?.join(',') ?? null }[by]
}

function matches(entry: Entry, selector: LeadSelector): boolean {
  const { state = entry.state, form = entry.lead.form, source = entry.source, domain = domainOf(entry) } = selector
  const { acceptedFrom = -Infinity, acceptedUntil = Infinity, rule, id = entry.lead.id } = selector
  if (id !== entry.lead.id) return false
  if (rule !== undefined && !entry.rules?.includes(rule)) return false
  const { acceptedAt } = entry.lead
  return (
    [state === entry.state, form === entry.lead.form, source === entry.source, domain === domainOf(entry)].every(
      Boolean,
    ) &&
    acceptedAt >= acceptedFrom &&
    acceptedAt < acceptedUntil
  )
}

/** Returns when a job is due that keeps its place, whatever the clock was when it was accepted. */
function dueInPlace({ lead, failingSince = Infinity }: Entry, now: number): number {
  return Math.min(lead.acceptedAt, failingSince, now)
}

/** Returns whether a job is due no later than it was accepted, although it was tried. */
function keepsPlace({ attempts, dueAt, lead }: Entry): boolean {
  return attempts > 0 && dueAt <= lead.acceptedAt
}

/**
 * Returns whether a waiting job holds up no later one: its next attempt comes long after it began to fail, or it shares calls
 * with weak leads.
 */
function isAside(entry: Entry): boolean {
  const { leased, dueAt, failingSince } = entry
  if (leased) return false
  return sharesWeakly(entry) || (failingSince !== undefined && dueAt - failingSince >= STEP_ASIDE_AFTER_MS)
}

function sharesWeakly({ batchKey, lead }: Entry): boolean {
  return batchKey !== null && lead.weak === true
}

/** Returns the form of a job, and its batch key with it. */
function formOf({ batchKey, lead }: Entry): string {
  return `${batchKey} ${lead.form}`
}

/** Returns jobs that are ordered by form in another order: the first of each form, the second of each form, and so on. */
function oneOfEachForm(jobs: readonly Entry[]): Entry[] {
  const forms = [...Map.groupBy(jobs, formOf).values()]
  return jobs.flatMap((_, round) => forms.flatMap((own) => own[round] ?? []))
}

/** Returns what Marketo would get of a lead, and by which form. */
function contentOf({ form, person, email, attributes, cookie, workspace }: Lead): string {
  return JSON.stringify({ form, person, email, attributes, cookie, workspace })
}

function isLeased(entry: Entry | undefined, attempt: number): entry is Entry {
  return entry?.state === 'waiting' && entry.leased && entry.attempts === attempt
}

function includesName(names: readonly string[], name: string): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase())
}

/** Returns the lead without what was rejected, without what a later lead has sent, and without a cookie that follows. */
function sentLead({ lead, rejected, stale, follows }: Pick<Entry, 'lead' | 'rejected' | 'stale' | 'follows'>): Lead {
  const sent = withoutAttributes(lead, [...rejected, ...stale])
  if (follows || [...rejected, ...stale].includes('Munchkin cookie')) delete sent.cookie
  return sent
}

/** Returns the cookie that a lead takes along, or that follows it. */
function ownCookie(entry: Entry): string | undefined {
  return sentLead({ ...entry, follows: false }).cookie
}

/** Says what became of a cookie that was to follow. */
function replaceNote(entry: Entry, note: string): void {
  entry.notes = entry.notes.map((each) => (each === 'cookie follows in a call of its own' ? note : each))
}

function withoutAttributes(lead: Lead, names: readonly string[]): Lead {
  return { ...lead, attributes: lead.attributes.filter(({ name }) => !includesName(names, name)) }
}

function union(names: readonly string[], more: readonly string[]): string[] {
  const result = [...names]
  for (const name of more) if (!includesName(result, name)) result.push(name)
  return result
}

/** Returns how many attempts before this one may have filled out a Marketo form: those without an answer or an outcome. */
function unansweredBefore({ lead, attempts, history }: Entry): number {
  if (lead.marketoForm === undefined) return 0
  const answered = history.filter(({ unanswered }) => !unanswered)
  return attempts - 1 - answered.reduce((sum, { times }) => sum + times, 0)
}

function withAttempt(
  history: readonly RepeatedAttempt[],
  reason: string,
  now: number,
  unanswered = false,
): RepeatedAttempt[] {
  const last = history.at(-1)
  if (last?.reason !== reason || (last.unanswered ?? false) !== unanswered) {
    return [...history, { reason, times: 1, first: now, last: now, ...(unanswered && { unanswered: true as const }) }]
  }
  return [...history.slice(0, -1), { ...last, times: last.times + 1, last: now }]
}

function recordOf(entry: Entry): JobRecord {
  const { lead, state, attempts, dueAt, settledAt, leadId, reason, history, rejected, stale, notes, rules } = entry
  return {
    id: lead.id,
    form: lead.form,
    state,
    attempts,
    acceptedAt: lead.acceptedAt,
    ...(state === 'waiting' && { dueAt }),
    ...(settledAt !== undefined && { settledAt }),
    ...(leadId !== undefined && state !== 'waiting' && { leadId }),
    ...(reason !== undefined && { reason }),
    history,
    rejectedAttributes: rejected,
    staleAttributes: stale,
    notes: [...notes],
    ...(rules && { rules }),
    ...(!isReceipt(entry) && { lead }),
  }
}
