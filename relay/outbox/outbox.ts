/**
 * Where leads wait: the port. Times are epoch milliseconds and always handed in.
 *
 * Every implementation passes the one suite in `test/relay/outbox/suite.ts`. Nothing here knows of Marketo.
 */
import type { Lead } from '../lead.ts'

export interface Outbox {
  /**
   * Keeps leads. Resolves only when they would survive a crash; rejects when they would not, and then none was kept.
   * A lead whose id is known changes nothing, whatever became of the first. An empty addition asks whether a lead could
   * be kept.
   */
  add(leads: readonly Lead[], dueAt: number): Promise<void>
  /**
   * Hands out jobs until `until`: the oldest due first, at most one of each person, never one whose person has an
   * earlier lead still waiting. A job that is not settled by `until` is due again. While a halt lasts there are none;
   * after it, one at a time until three in a row have got through.
   */
  claim(now: number, until: number, limit: number): Promise<Job[]>
  /**
   * Makes every job that is out due at once, in its place. For a store that one process alone uses, at its start:
   * whoever held them is dead, and nobody has to wait for a lease to end.
   */
  recover(): Promise<void>
  /** Writes down what attempts came to. A settlement of a job that was handed out again since is ignored. */
  settle(settlements: readonly Settlement[], now: number): Promise<void>
  /** When the next job may be claimed; undefined when none waits. */
  nextDueAt(): Promise<number | undefined>
  /** What stands where. */
  status(): Promise<OutboxStatus>
  /** One job as it stands now, by its lead's id. */
  find(id: string): Promise<JobRecord | undefined>
}

/** A lead that was handed out for one attempt. */
export interface Job {
  lead: Lead
  /** Which attempt this is, from 1. It also tells a late settlement from a current one. */
  attempt: number
}

export type Settlement = { id: string; attempt: number } & Outcome

export type Outcome =
  /** Marketo has it: the person's data is wiped, what remains is a receipt. */
  | { kind: 'delivered'; leadId: number }
  /** Due again at `dueAt`. */
  | { kind: 'retry'; dueAt: number; reason: string }
  /** Out of the queue, whole. */
  | { kind: 'parked'; reason: string }
  /** Nothing gets through: no job is handed out before `until`, and this one keeps its place in the line. */
  | { kind: 'halted'; until: number; reason: string; blocked: boolean }

export interface OutboxStatus {
  /** Jobs that are neither delivered nor parked. */
  waiting: number
  parked: number
  delivered: number
  /** When the oldest waiting lead was accepted. */
  oldestAt?: number
  /** Why no job is handed out for now, and until when. `blocked` means that someone must act. */
  halt?: { reason: string; until: number; blocked: boolean }
}

export interface JobRecord {
  id: string
  form: string
  state: 'waiting' | 'parked' | 'delivered'
  attempts: number
  acceptedAt: number
  /** When it is due, for a waiting job. */
  dueAt?: number
  /** When it was delivered or parked. */
  settledAt?: number
  /** Marketo's id of the person, once delivered. */
  leadId?: number
  /** What the last unsuccessful attempt came to. */
  reason?: string
  notes: string[]
  /** Until it is delivered; then a person's data is gone. */
  lead?: Lead
}

/** How many jobs in a row must get through after a halt before they go several at a time again. */
export const PROBES = 3
