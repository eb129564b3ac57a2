/**
 * The outbox as it is specified: the simplest code that keeps the port's promises, except for surviving the process. The
 * other outboxes are compared with it.
 *
 * It shares no code with them but the state of an account and the edit of a lead, which have unit tests. It is slow: a
 * claim looks at every waiting job. It is one file, so that all that an outbox does can be read from top to bottom.
 */
import type { Lead, LeadId } from '../../relay/intake/lead.ts'
import {
  afterLease,
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
import { dayStatus, FULL_BUDGET } from '../../relay/outbox/limits/call-budget.ts'
import { leaseOf, LIMITS, type Limits } from '../../relay/outbox/limits/limits.ts'
import type {
  Batch,
  JobRecord,
  ListedState,
  Outbox,
  Outcome,
  Replayed,
  RepeatedAttempt,
} from '../../relay/outbox/outbox.ts'

interface Entry {
  lead: Lead
  /** The content as it was added. */
  content: string
  batchKey: string | null
  state: ListedState | 'delivered'
  dueAt: number
  leased: boolean
  /** The batch that it was leased in last. */
  batch: number
  attempts: number
  failures: number
  failingSince?: number
  maxBatchSize: number
  rejected: string[]
  stale: string[]
  history: RepeatedAttempt[]
  notes: readonly string[]
  settledAt?: number
  leadId?: number
  reason?: string
}

/** Longest wait of a job after the clock went backwards, in ms: two hours. */
const MAX_WAIT_MS = 7_200_000

/** Time after the first failure of a job by itself after which its next attempt holds up no other lead, in ms. */
const STEP_ASIDE_AFTER_MS = 180_000

/** Maximum length of the leads of a batch, in characters of JSON. */
const MAX_BATCH_LENGTH = 500_000

/** Leads with neither cookie nor workspace may share a call, as by SOAP. */
export const TEST_BATCH_KEYS: BatchKeys = {
  name: 'soap',
  batchKey: ({ cookie, workspace }) => (cookie === undefined && workspace === undefined ? 'soap' : null),
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
  const batches = new Map<number, { claimedAt: number; leaseExpiresAt: number; size: number; shared: boolean }>()
  let lastBatch = 0
  let delivered = 0
  let reusedIds = 0
  let state: AccountState = { budget: FULL_BUDGET }
  /** The forms of the jobs that have led a batch, with their batch keys; the last one at the end. */
  let leaders: string[] = []
  /** A letter for each batch: `a` for a job that goes alone, `s` for a shared batch. */
  let kinds = ''

  const all = () => [...entries.values()]
  const waiting = () => all().filter((entry) => entry.state === 'waiting')

  /** The due jobs that may be leased: the one that is due longest first, then the one that was accepted first. */
  function dueJobs(now: number): Entry[] {
    const position = new Map(all().map((entry, at) => [entry, at]))
    return [...heads.values()]
      .filter(({ dueAt }) => dueAt <= now)
      .toSorted((a, b) => a.dueAt - b.dueAt || position.get(a)! - position.get(b)!)
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
  function nextBatch(now: number, maxJobs: number, mayShare: boolean): Entry[] {
    const due = dueJobs(now).filter(({ batchKey }) => mayShare || batchKey === null)
    const lastLed = (entry: Entry) => leaders.findLastIndex((name) => name === formOf(entry))
    const inTurn = due.toSorted((a, b) => lastLed(a) - lastLed(b))
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
    for (const entry of oneOfEachForm(inTurn.filter(({ batchKey }) => batchKey === first.batchKey))) {
      length += JSON.stringify(entry.lead).length
      limit = Math.min(limit, entry.maxBatchSize)
      if (jobs.length > 0 && (jobs.length >= limit || length > MAX_BATCH_LENGTH)) break
      jobs.push(entry)
    }
    return jobs
  }

  /** Remembers the turn of the job that leads a batch. A form without jobs that might be leased is forgotten. */
  function takeTurn(first: Entry): void {
    const left = new Set([...heads.values()].map(formOf))
    leaders = [...leaders, formOf(first)].filter((name) => left.has(name))
    kinds += first.batchKey === null ? 'a' : 's'
  }

  function lease(jobs: readonly Entry[], leaseExpiresAt: number, now: number): Batch {
    const id = startBatch(jobs.length, jobs[0]?.batchKey !== null, leaseExpiresAt, now)
    if (jobs[0]) takeTurn(jobs[0])
    const leasedPeople = new Set(jobs.map(({ lead }) => lead.person))
    // An older lease of the same people has expired.
    for (const entry of waiting()) if (leasedPeople.has(entry.lead.person)) entry.leased = false
    return {
      id,
      leaseExpiresAt,
      jobs: jobs.map((entry) => {
        entry.dueAt = leaseExpiresAt
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
          ...((state.deliveredAt ?? -Infinity) > failedAt && { othersDelivered: true as const }),
        }
      }),
      ...(state.breaker?.doubt && { doubt: state.breaker.doubt }),
    }
  }

  function settle(entry: Entry, outcome: Outcome, size: number, others: boolean, now: number): void {
    entry.leased = false
    if (outcome.kind !== 'delivered') {
      entry.reason = outcome.reason
      entry.history = withAttempt(entry.history, outcome.reason, now)
    }
    switch (outcome.kind) {
      case 'delivered':
        return deliver(entry, outcome.leadId, now)
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
        else entry.failingSince ??= now
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
    if (entry.failures === 0) entry.failingSince = now
    entry.failures += 1
  }

  function deliver(entry: Entry, leadId: number, now: number): void {
    const { lead, rejected } = entry
    entry.settledAt = now
    entry.leadId = leadId
    if (rejected.includes('Munchkin cookie')) {
      entry.notes = [...entry.notes, 'cookie left out: Marketo refused the lead with it']
    } else if (lead.cookie !== undefined && entry.stale.includes('Munchkin cookie')) {
      entry.notes = [...entry.notes, 'cookie left out: a later lead of the same visitor was delivered with it']
    }
    const { cookie: sentCookie } = sentLead(entry)
    entry.maxBatchSize = Infinity
    const sent = withoutAttributes(lead, [...rejected, ...entry.stale]).attributes.map(({ name }) => name)
    const left = lead.attributes.filter(({ name }) => includesName(rejected, name))
    if (left.length > 0) {
      const { cookie: _, ...rest } = lead
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
      if (older.state === 'delivered') continue
      if (older.lead.person === lead.person) older.stale = union(older.stale, sent)
      if (sentCookie !== undefined && older.lead.cookie === sentCookie && older.lead.email) {
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
   */
  function chooseHead(person: string, underWayUntil = 0): void {
    const own = waitingOf(person)
    const head = own.find((entry) => !isAside(entry)) ?? own.toSorted((a, b) => a.dueAt - b.dueAt)[0]
    if (!head) return void heads.delete(person)
    heads.set(person, head)
    if (head.leased) return
    head.dueAt = Math.max(head.dueAt, underWayUntil, ...own.flatMap(({ leased, dueAt }) => (leased ? [dueAt] : [])))
  }

  /** A job that waits from now on goes before those of its person that have stepped aside. */
  function passAside({ lead: { person } }: Entry, now: number): void {
    const head = heads.get(person)
    if (!head || !isAside(head)) return
    const asideUntil = Math.max(...waitingOf(person).flatMap((each) => (isAside(each) ? [each.dueAt] : [])))
    chooseHead(person, Math.min(asideUntil, now + leaseOf(limits)))
  }

  function replay(id: string, edit: Parameters<Outbox['replay']>[1], now: number): Replayed {
    const entry = entries.get(id)
    if (!entry) return { id, result: 'unknown' }
    if (entry.state !== 'parked' && entry.state !== 'held') return { id, result: 'not-parked' }
    const edited = editLead(entry.lead, edit, entry.leadId !== undefined)
    if ('taken' in edited) return { id, result: 'name-taken', name: edited.taken }
    const { hold: _, ...lead } = edited.lead
    entry.lead = lead
    entry.batchKey = batchKeys.batchKey(lead)
    entry.state = 'waiting'
    entry.dueAt = now
    entry.failures = 0
    entry.maxBatchSize = Infinity
    entry.rejected = []
    if (edit.cookie) entry.stale = entry.stale.filter((name) => name !== 'Munchkin cookie')
    delete entry.failingSince
    delete entry.settledAt
    passAside(entry, now)
    chooseHead(entry.lead.person)
    return { id, result: 'replayed' }
  }

  return {
    async add(leads, dueAt) {
      for (const lead of structuredClone(leads)) {
        const content = contentOf(lead)
        const known = entries.get(lead.id)
        if (known?.content === content) continue
        if (known) {
          const replacement = await replacementOf(lead)
          if (entries.has(replacement)) continue
          lead.notes.push(`id replaced: ${lead.id} was used before with another content`)
          lead.id = replacement
          reusedIds += 1
        }
        const { hold } = lead
        const entry: Entry = {
          lead,
          content,
          batchKey: batchKeys.batchKey(lead),
          state: hold === undefined ? 'waiting' : 'held',
          dueAt,
          leased: false,
          batch: 0,
          attempts: 0,
          failures: 0,
          maxBatchSize: Infinity,
          rejected: [],
          stale: [],
          history: [],
          notes: lead.notes,
          ...(hold !== undefined && { settledAt: dueAt, reason: hold }),
        }
        entries.set(lead.id, entry)
        if (hold !== undefined) continue
        if (heads.has(lead.person)) passAside(entry, dueAt)
        else heads.set(lead.person, entry)
      }
    },

    async claim(now, leaseExpiresAt, max) {
      const limit = claimLimits(state, limits, leasedAt(now), now, max)
      const claimed: Batch[] = []
      let { shared } = limit
      while (claimed.length < limit.batches) {
        const jobs = nextBatch(now, limit.jobs, shared > 0)
        if (jobs.length === 0) break
        if (jobs[0]?.batchKey !== null) shared -= 1
        claimed.push(lease(jobs, leaseExpiresAt, now))
      }
      if (claimed.length > 0) state = afterLease(state, limits, claimed, now)
      return claimed
    },

    async settle(id, settlements, now, limited) {
      const { size, claimedAt } = batches.get(id) ?? { size: settlements.length, claimedAt: now }
      const batch = { id, size, claimedAt }
      batches.delete(id)
      const current = settlements.filter(({ id, attempt }) => isLeased(entries.get(id), attempt))
      const others = othersDelivered(state, batch)
      state = afterSettlement(state, batch, { settlements: current, now, limited }, limits)
      /** The end of the lease of each person, where Marketo may be processing the job until then. */
      const settled = new Map<string, number>()
      for (const settlement of current) {
        const entry = entries.get(settlement.id)
        if (!isLeased(entry, settlement.attempt)) continue
        const leaseEnd = entry.dueAt
        settle(entry, settlement, size, others, now)
        const mayBeUnderWay = entry.state === 'waiting' && entry.dueAt >= leaseEnd
        settled.set(entry.lead.person, mayBeUnderWay ? leaseEnd : 0)
      }
      for (const [person, until] of settled) chooseHead(person, until)
    },

    async acquireSlot(now, leaseExpiresAt) {
      const slot = reserveSlot(state, limits, leasedAt(now), now)
      if ('retryAt' in slot) return slot
      state = slot.reserved
      return { slot: startBatch(0, false, leaseExpiresAt, now) }
    },

    async nextDueAt(now) {
      const firsts = [...heads.values()]
      const firstDue = (jobs: readonly Entry[]) => Math.min(...jobs.map((job) => job.dueAt))
      const due = {
        alone: firstDue(firsts.filter(({ batchKey }) => batchKey === null)),
        shared: firstDue(firsts.filter(({ batchKey }) => batchKey !== null)),
      }
      return nextClaimAt(state, limits, leasedAt(now), due, now)
    },

    async resume(now, credentials) {
      for (const entry of waiting()) {
        const batch = entry.leased ? batches.get(entry.batch) : undefined
        if (!batch) entry.dueAt = Math.min(entry.dueAt, entry.leased ? now : now + MAX_WAIT_MS)
        else if (batch.claimedAt > now) entry.dueAt = now + batch.leaseExpiresAt - batch.claimedAt
      }
      for (const batch of batches.values()) {
        if (batch.claimedAt <= now) continue
        batch.leaseExpiresAt = now + batch.leaseExpiresAt - batch.claimedAt
        batch.claimedAt = now
      }
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
      return {
        waiting: accepted.length,
        held: all().filter((entry) => entry.state === 'held').length,
        parked: parked.length,
        delivered,
        ...(reusedIds > 0 && { reusedIds }),
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

    async sweep(before, limit) {
      const receipts = all()
        .filter(({ state, settledAt = Infinity }) => state === 'delivered' && settledAt < before)
        .toSorted((a, b) => (a.settledAt ?? 0) - (b.settledAt ?? 0))
        .slice(0, limit)
      for (const { lead } of receipts) entries.delete(lead.id)
      return receipts.length
    },
  }
}

/** Returns when a job is due that keeps its place, whatever the clock was when it was accepted. */
function dueInPlace({ lead, failingSince = Infinity }: Entry, now: number): number {
  return Math.min(lead.acceptedAt, failingSince, now)
}

/** Returns whether a waiting job holds up no later one: its next attempt comes long after it began to fail. */
function isAside({ leased, dueAt, failingSince }: Entry): boolean {
  return !leased && failingSince !== undefined && dueAt - failingSince >= STEP_ASIDE_AFTER_MS
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

/** Returns the lead without what was rejected, and without what a later lead has sent. */
function sentLead({ lead, rejected, stale }: Pick<Entry, 'lead' | 'rejected' | 'stale'>): Lead {
  const sent = withoutAttributes(lead, [...rejected, ...stale])
  if ([...rejected, ...stale].includes('Munchkin cookie')) delete sent.cookie
  return sent
}

function withoutAttributes(lead: Lead, names: readonly string[]): Lead {
  return { ...lead, attributes: lead.attributes.filter(({ name }) => !includesName(names, name)) }
}

function union(names: readonly string[], more: readonly string[]): string[] {
  const result = [...names]
  for (const name of more) if (!includesName(result, name)) result.push(name)
  return result
}

function withAttempt(history: readonly RepeatedAttempt[], reason: string, now: number): RepeatedAttempt[] {
  const last = history.at(-1)
  if (last?.reason !== reason) return [...history, { reason, times: 1, first: now, last: now }]
  return [...history.slice(0, -1), { ...last, times: last.times + 1, last: now }]
}

function recordOf(entry: Entry): JobRecord {
  const { lead, state, attempts, dueAt, settledAt, leadId, reason, history, rejected, stale, notes } = entry
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
    ...(state !== 'delivered' && { lead }),
  }
}
