/**
 * Where leads wait: the port. Times are epoch milliseconds and always handed in.
 *
 * It keeps what must outlive a process: the leads, their order, what is out, and what is used up of Marketo's limits,
 * so that several relays on one outbox share them. Every implementation passes the one suite in
 * `test/suites/outbox/suite.ts`. Nothing here knows of Marketo.
 */
import type { Lead } from '../intake/lead.ts'
import type { LeadEdit } from './edit.ts'

export interface Outbox {
  /**
   * Keeps leads. Resolves only when they would survive a crash; rejects when they would not, and then none was kept.
   * A lead whose id is known changes nothing, whatever became of the first. An empty addition asks whether a lead could
   * be kept.
   */
  add(leads: readonly Lead[], dueAt: number): Promise<void>
  /**
   * Hands out calls until `until`, which is later than `now`: at the most `most`, and no more than the limits allow.
   *
   * The job that is due longest leads the first call. The next ones of its person that are due too and may go with it
   * are of its turn. Where it needs no call of its own, the turns of others that need none join it, oldest first. Never
   * is a job out whose person has another out, nor one whose person has an earlier one waiting. A call that is not
   * settled by `until` is over, and its jobs are due again. While a halt lasts there are none; after it one at a time,
   * of one turn, until three in a row have got through.
   */
  claim(now: number, until: number, most: number): Promise<Batch[]>
  /**
   * Ends a call, and writes down what its jobs came to. A settlement is ignored of a job that is not out, or was handed
   * out again since; a job of the call without one is due again when the call would have been over.
   *
   * @param limited the limit that a call without jobs has met
   */
  settle(call: number, settlements: readonly Settlement[], now: number, limited?: Limited): Promise<void>
  /** Takes a call for something else than a waiting lead, to be settled without settlements; or says when to ask again. */
  acquireSlot(now: number, until: number): Promise<CallSlot>
  /** When a job may next be claimed; undefined when none waits. Something may make it sooner: a call that ends. */
  nextDueAt(now: number): Promise<number | undefined>
  /**
   * At a start, or when the clock was set back: no wait that stands is longer than one that began now could be. Whoever
   * died with calls in his hands keeps them until they are over: Marketo may still be at work on them.
   */
  resume(now: number): Promise<void>
  /** What stands where. */
  status(now: number): Promise<OutboxStatus>
  /** One job as it stands now, by its lead's id. */
  find(id: string): Promise<JobRecord | undefined>
  /** Parked jobs, those that were parked first first, at the most `limit`; after that one, where one is named. */
  parked(limit: number, after?: Pick<JobRecord, 'id' | 'settledAt'>): Promise<JobRecord[]>
  /**
   * Has parked jobs wait again, each mended first, and in the place they had. They are due at once, or where a younger
   * one of the person is out, when that call is over. Says of each id what became of it, in their order.
   */
  replay(ids: readonly string[], mending: LeadEdit, now: number): Promise<Replayed[]>
  /** Removes the receipts of what was delivered before that time, at the most `limit`; says how many. */
  sweep(before: number, limit: number): Promise<number>
}

/** What goes to Marketo in one call. */
export interface Batch {
  id: number
  /** When it is over for the outbox. */
  leaseExpiresAt: number
  /** One, or as many as share the call. Each is of another person. */
  turns: Turn[]
}

/** The jobs of one person that go as one, oldest first. Never empty. */
export type Turn = Job[]

/** A lead that was handed out for one attempt. */
export interface Job {
  /** Without the attributes that Marketo has refused, and those that a later lead of the person has already brought. */
  lead: Lead
  /** Which attempt this is, from 1. It also tells a late settlement from a current one. */
  attempt: number
  /** Attempts that failed by this lead's own doing, since it came or was replayed. */
  failures: number
  /** When the first of them was settled. */
  failingSince?: number
}

export type Settlement = { id: string; attempt: number } & Outcome

export type Outcome =
  /**
   * Marketo has it: the person's data is wiped, what remains is a receipt. Where attributes were refused on the way, the
   * job is parked with them and nothing else.
   */
  | { kind: 'delivered'; leadId: number }
  /** It failed, and is due again at `dueAt`. */
  | { kind: 'retry'; dueAt: number; reason: string }
  /**
   * Its call failed for a reason that need not be its own; it is due again at `dueAt`. From now on in calls of `share`
   * leads at the most, and without the attributes of those names.
   */
  | { kind: 'again'; dueAt: number; reason: string; share?: number; refused?: readonly string[] }
  /** Out of the queue, whole. */
  | { kind: 'parked'; reason: string }
  /** Nothing gets through: no job is handed out before `until`; this one, not before `dueAt`, else in its place. */
  | { kind: 'halted'; until: number; reason: string; blocked: boolean; dueAt?: number }
  | Limited

/** One of Marketo's limits was met: all keep to less of it from `until` on, and each job of the call keeps its place. */
export interface Limited {
  kind: 'limited'
  limit: Limit
  until: number
  reason: string
}

/** `rate`: calls in 20 seconds · `concurrency`: calls at once · `day`: calls until midnight, US Central. */
export type Limit = 'rate' | 'concurrency' | 'day'

export type CallSlot = { call: number } | { at: number }

export type Replayed =
  | { id: string; result: 'replayed' | 'unknown' | 'not-parked' }
  /** It stays as it is: the new name stands in it already. */
  | { id: string; result: 'name-taken'; name: string }

export interface OutboxStatus {
  /** Jobs that are neither delivered nor parked. */
  waiting: number
  parked: number
  /** Ever, receipts that were swept included. */
  delivered: number
  /** When the oldest waiting lead was accepted. */
  oldestAt?: number
  /** When the one that is parked longest was parked. */
  parkedAt?: number
  /** Why no job is handed out for now, and until when. `blocked` means that someone must act. */
  breaker?: { reason: string; until: number; blocked: boolean }
  /** Calls since midnight, of how many, and when the next midnight is. */
  day: { spent: number; of: number; endsAt: number }
}

export interface JobRecord {
  id: string
  form: string
  /** A parked one with a `leadId` is delivered but for the attributes in its lead. */
  state: 'waiting' | 'parked' | 'delivered'
  attempts: number
  acceptedAt: number
  /** When it is due, for a waiting job. */
  dueAt?: number
  /** When it was delivered or parked. */
  settledAt?: number
  /** Marketo's id of the person, once delivered; not of what waits again. */
  leadId?: number
  /** What the last unsuccessful attempt came to. */
  reason?: string
  /** All unsuccessful attempts, those that came to the same in a row as one. Wiped with the person's data. */
  history: Tries[]
  /** Attributes that Marketo refused: they do not travel. */
  rejectedAttributes: string[]
  /** Attributes that a later lead of the person has brought: they do not travel either. */
  staleAttributes: string[]
  notes: string[]
  /** Until it is delivered; then a person's data is gone. */
  lead?: Lead
}

/** Attempts in a row that came to the same. */
export interface Tries {
  reason: string
  times: number
  /** When the first and the last were settled. */
  first: number
  last: number
}

/** How many calls in a row must get through after a halt before jobs go several at a time again. */
export const PROBES = 3
