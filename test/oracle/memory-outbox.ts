/**
 * The outbox as it is meant: the simplest code that keeps the port's promises, but for surviving the process. The other
 * outboxes are held against it. It makes no haste: a claim looks at every waiting job. It is one file, so that the whole
 * of what an outbox does can be read from top to bottom.
 */
import type { Lead } from '../../relay/intake/lead.ts'
import {
  budgetAfter,
  availableCalls,
  clampBudget,
  nextCallAt,
  today,
  FULL_BUDGET,
  budgetAfterStart,
  type CallBudget,
} from '../../relay/outbox/limits/call-budget.ts'
import {
  type Breaker,
  breakerAfter,
  retryAtOf,
  probing,
  breakerStatus,
  clampBreaker,
} from '../../relay/outbox/circuit-breaker.ts'
import { leaseOf, LIMITS, type Limits } from '../../relay/outbox/limits/limits.ts'
import { editLead } from '../../relay/outbox/edit.ts'
import type { Batch, JobRecord, Outbox, Outcome, Replayed, Tries, Turn } from '../../relay/outbox/outbox.ts'
import {
  emptyLoad,
  loaded,
  mergeable,
  refusedPart,
  isBatchable,
  union,
  without,
  withAttempt,
  type Load,
} from '../../relay/outbox/batching.ts'
import { clampDueAt, dueInOrder } from '../../relay/outbox/clock-skew.ts'

interface Entry {
  lead: Lead
  state: 'waiting' | 'parked' | 'delivered'
  dueAt: number
  /** While it is out. */
  out: boolean
  attempts: number
  failures: number
  failingSince?: number
  share: number | null
  refused: string[]
  superseded: string[]
  history: Tries[]
  settledAt?: number
  leadId?: number
  reason?: string
}

/** An empty outbox that lives as long as the process. */
export function createMemoryOutbox(limits: Limits = LIMITS): Outbox {
  /** In the order they came. */
  const entries = new Map<string, Entry>()
  /** Calls under way: their ids, and when each is over. */
  const calls = new Map<number, number>()
  let lastCall = 0
  let delivered = 0
  let allowance: CallBudget = FULL_BUDGET
  let halt: Breaker | undefined

  const all = () => [...entries.values()]
  const line = () => all().filter(({ state }) => state === 'waiting')

  /** The waiting jobs of each person, oldest first. The first is the one that may go. */
  function lines(): Entry[][] {
    return [...Map.groupBy(line(), ({ lead }) => lead.person).values()]
  }

  /** The lines whose first job is due, the one that is due longest first, then the one that came first. */
  function due(now: number): Entry[][] {
    const place = new Map(all().map((entry, at) => [entry, at]))
    return lines()
      .filter(([head]) => head !== undefined && head.dueAt <= now)
      .toSorted(([a], [b]) => a!.dueAt - b!.dueAt || place.get(a!)! - place.get(b!)!)
  }

  function underWay(now: number): { out: number; over: number | undefined } {
    const ends = [...calls.values()].filter((until) => until > now)
    return { out: ends.length, over: ends.length > 0 ? Math.min(...ends) : undefined }
  }

  /** A call that is over counts no more, whatever the clock says later. */
  function begin(until: number, now: number): number {
    for (const [call, end] of calls) if (end <= now) calls.delete(call)
    calls.set(++lastCall, until)
    return lastCall
  }

  /** As many of one person's line as go together, and the load with them; undefined where not even the first fits. */
  function turnOf([head, ...behind]: Entry[], load: Load, now: number): { turn: Entry[]; load: Load } | undefined {
    const begun = head && loaded(load, size(head), head.share)
    if (!begun) return undefined
    const turn = [head]
    let full: Load = begun
    for (const next of behind) {
      const goes = next.dueAt <= now && mergeable(head.lead, next.lead)
      const fuller = goes ? loaded(full, size(next), next.share) : undefined
      if (!fuller) break
      turn.push(next)
      full = fuller
    }
    return { turn, load: full }
  }

  /** The turns of the next call. */
  function gather(now: number, leadsPerCall: number, alone: boolean): Entry[][] {
    const [first, ...others] = due(now)
    const begun = first && turnOf(first, emptyLoad(leadsPerCall), now)
    if (!begun) return []
    const turns = [begun.turn]
    let { load } = begun
    if (alone || !isBatchable(begun.turn[0]!.lead)) return turns
    for (const other of others.filter(([head]) => head && isBatchable(head.lead))) {
      const joined = turnOf(other, load, now)
      if (!joined) break
      turns.push(joined.turn)
      load = joined.load
    }
    return turns
  }

  function handOut(turns: Entry[][], until: number, now: number): Batch {
    const id = begin(until, now)
    const persons = new Set(turns.map(([head]) => head?.lead.person))
    // What was out of theirs is not any more: its call is over.
    for (const entry of line()) if (persons.has(entry.lead.person)) entry.out = false
    return {
      id,
      leaseExpiresAt: until,
      turns: turns.map((turn): Turn =>
        turn.map((entry) => {
          entry.dueAt = until
          entry.out = true
          entry.attempts += 1
          const { lead, refused, superseded, attempts: attempt, failures, failingSince } = entry
          return {
            lead: structuredClone(without(lead, refused, superseded)),
            attempt,
            failures,
            ...(failingSince !== undefined && { failingSince }),
          }
        }),
      ),
    }
  }

  function settle(entry: Entry, outcome: Outcome, now: number): void {
    entry.out = false
    if (outcome.kind !== 'delivered') {
      entry.reason = outcome.reason
      entry.history = withAttempt(entry.history, outcome.reason, now)
    }
    switch (outcome.kind) {
      case 'delivered':
        return deliver(entry, outcome.leadId, now)
      case 'retry':
        entry.dueAt = outcome.dueAt
        entry.failures += 1
        entry.failingSince ??= now
        return
      case 'again':
        entry.dueAt = outcome.dueAt
        entry.share = outcome.share ?? entry.share
        entry.refused = union(entry.refused, outcome.refused ?? [])
        return
      case 'parked':
        entry.state = 'parked'
        entry.settledAt = now
        return
      case 'halted':
        entry.dueAt = outcome.dueAt ?? dueInOrder(entry.lead.acceptedAt, now)
        return
      case 'limited':
        entry.dueAt = dueInOrder(entry.lead.acceptedAt, now)
        return
      default:
        outcome satisfies never
    }
  }

  function deliver(entry: Entry, leadId: number, now: number): void {
    const { lead, refused } = entry
    entry.settledAt = now
    entry.leadId = leadId
    const brought = without(lead, refused, entry.superseded).attributes.map(({ name }) => name)
    const left = refusedPart(lead, refused)
    if (left.attributes.length > 0) {
      entry.state = 'parked'
      entry.lead = left
    } else {
      entry.state = 'delivered'
      entry.history = []
      entry.refused = []
      entry.superseded = []
      delete entry.reason
      delivered += 1
    }
    // What came before it and is still to go brings no older answers, not by a name that it is given later either.
    const older = all().slice(0, all().indexOf(entry))
    for (const other of older.filter(
      ({ state, lead: { person } }) => state !== 'delivered' && person === lead.person,
    )) {
      other.superseded = union(other.superseded, brought)
    }
  }

  /** The oldest of a person goes when it is due, and not before the calls are over in which younger ones are out. */
  function hold(person: string): void {
    const [oldest, ...younger] = line().filter(({ lead }) => lead.person === person)
    if (oldest) oldest.dueAt = Math.max(oldest.dueAt, ...younger.flatMap(({ out, dueAt }) => (out ? [dueAt] : [])))
  }

  function replay(id: string, mending: Parameters<Outbox['replay']>[1], now: number): Replayed {
    const entry = entries.get(id)
    if (!entry) return { id, result: 'unknown' }
    if (entry.state !== 'parked') return { id, result: 'not-parked' }
    const mended = editLead(entry.lead, mending)
    if ('taken' in mended) return { id, result: 'name-taken', name: mended.taken }
    entry.lead = mended.lead
    entry.state = 'waiting'
    entry.dueAt = now
    entry.failures = 0
    entry.share = null
    entry.refused = []
    delete entry.failingSince
    delete entry.settledAt
    hold(entry.lead.person)
    return { id, result: 'replayed' }
  }

  return {
    async add(leads, dueAt) {
      for (const lead of structuredClone(leads)) {
        if (entries.has(lead.id)) continue
        entries.set(lead.id, {
          lead,
          state: 'waiting',
          dueAt,
          out: false,
          attempts: 0,
          failures: 0,
          share: null,
          refused: [],
          superseded: [],
          history: [],
        })
      }
    },

    async claim(now, until, most) {
      if (halt && now < retryAtOf(halt)) return []
      const may = Math.min(most, availableCalls(allowance, limits, underWay(now).out, now), halt ? 1 : Infinity)
      const claimed: Batch[] = []
      while (claimed.length < may) {
        const turns = gather(now, limits.leadsPerCall, halt !== undefined)
        if (turns.length === 0) break
        claimed.push(handOut(turns, until, now))
      }
      const [probe] = claimed
      if (probe) allowance = budgetAfterStart(allowance, limits, claimed.length, now)
      if (halt && probe) halt = probing(halt, probe.id, until)
      return claimed
    },

    async settle(call, settlements, now, limited) {
      calls.delete(call)
      const current = settlements.filter(({ id, attempt }) => isOut(entries.get(id), attempt))
      halt = breakerAfter(halt, call, current)
      allowance = budgetAfter(allowance, limits, [...current, limited], now)
      const persons = new Set<string>()
      for (const settlement of current) {
        const entry = entries.get(settlement.id)
        if (!isOut(entry, settlement.attempt)) continue
        settle(entry, settlement, now)
        persons.add(entry.lead.person)
      }
      for (const person of persons) hold(person)
    },

    async acquireSlot(now, until) {
      const underway = underWay(now)
      if (availableCalls(allowance, limits, underway.out, now) < 1) {
        return { at: nextCallAt(allowance, limits, underway, now) }
      }
      allowance = budgetAfterStart(allowance, limits, 1, now)
      return { call: begin(until, now) }
    },

    async nextDueAt(now) {
      if (line().length === 0) return undefined
      const first = Math.min(...lines().map(([head]) => head?.dueAt ?? Infinity))
      return Math.max(first, halt ? retryAtOf(halt) : 0, nextCallAt(allowance, limits, underWay(now), now))
    },

    async resume(now) {
      const over = now + leaseOf(limits)
      for (const [call, until] of calls) calls.set(call, Math.min(until, over))
      for (const entry of line()) entry.dueAt = entry.out ? Math.min(entry.dueAt, over) : clampDueAt(entry.dueAt, now)
      allowance = clampBudget(allowance, now)
      if (halt) halt = clampBreaker(halt, now, over)
    },

    async status(now) {
      const waiting = line().map(({ lead }) => lead.acceptedAt)
      const parked = all().flatMap(({ state, settledAt }) =>
        state === 'parked' && settledAt !== undefined ? [settledAt] : [],
      )
      const { spent, endsAt } = today(allowance, now)
      return {
        waiting: waiting.length,
        parked: parked.length,
        delivered,
        ...(waiting.length > 0 && { oldestAt: Math.min(...waiting) }),
        ...(parked.length > 0 && { parkedAt: Math.min(...parked) }),
        ...breakerStatus(halt),
        day: { spent, of: limits.callsPerDay, endsAt },
      }
    },

    async find(id) {
      const entry = entries.get(id)
      return entry && structuredClone(recordOf(entry))
    },

    async parked(limit, after) {
      return structuredClone(
        all()
          .filter(({ state }) => state === 'parked')
          .map(recordOf)
          .toSorted(parkedFirst)
          .filter((record) => !after || parkedFirst(record, after) > 0)
          .slice(0, limit),
      )
    },

    async replay(ids, mending, now) {
      return ids.map((id) => replay(id, mending, now))
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

/** What counts for the size of a call. */
function size({ lead }: Entry): number {
  return JSON.stringify(lead).length
}

function isOut(entry: Entry | undefined, attempt: number): entry is Entry {
  return entry?.state === 'waiting' && entry.out && entry.attempts === attempt
}

type Parked = Pick<JobRecord, 'id' | 'settledAt'>

function parkedFirst(a: Parked, b: Parked): number {
  const [earlier = 0, later = 0] = [a.settledAt, b.settledAt]
  return earlier - later || (a.id < b.id ? -1 : Number(a.id > b.id))
}

function recordOf(entry: Entry): JobRecord {
  const { lead, state, attempts, dueAt, settledAt, leadId, reason, history, refused, superseded } = entry
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
    rejectedAttributes: refused,
    staleAttributes: superseded,
    notes: lead.notes,
    ...(state !== 'delivered' && { lead }),
  }
}
