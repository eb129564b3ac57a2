/**
 * The types of the Worker's bindings: its variables, and the methods of the Durable Objects that it calls.
 */
import type { CheckState } from '../../check/last-check.ts'
import type { SentLeads } from '../../guards/reported-sources.ts'
import type { Full } from '../../monitoring/full.ts'
import type { ReportedPosts } from '../../monitoring/reported-posts.ts'
import type { RateLimiter } from './source-rate.ts'
import type { Lead, OrderingKey } from '../../intake/lead.ts'
import type { Act, StoredAct } from '../../outbox/acts.ts'
import type { LeadEdit } from '../../outbox/edit.ts'
import type { FormHold } from '../../outbox/held-forms.ts'
import type { MovedJob } from '../../outbox/move-between.ts'
import type { CallUse } from '../../outbox/limits/shares.ts'
import type {
  CallSlot,
  EraseStep,
  Erasing,
  JobRecord,
  Limited,
  ListedState,
  ListPosition,
  OutboxStatus,
  PersonPage,
  Replayed,
} from '../../outbox/outbox.ts'
import type { Discarding, DiscardStep, GroupKey, LeadSelector, SurveyPage } from '../../outbox/selection.ts'

export interface Env {
  OUTBOX: DurableObjectNamespace<LeadOutboxMethods>
  /** Rate limiting binding for the posts of each network, if it is configured. */
  RATE_LIMITER?: RateLimiter
  /** The forms as JSON, for a deployment that does not bundle `forms.json`. */
  FORM_SYNC_FORMS?: unknown
}

/** What a Worker has accepted and refused since it told last. */
export interface Counted {
  sent: SentLeads[]
  /** Maximum number of leads of a network in an hour. */
  maxLeads: number
  posts: ReportedPosts[]
  /** Names of all forms. */
  forms: string[]
  /** What has refused leads. A Worker of an earlier version does not tell. */
  full?: Full[]
}

/** What bounds the leads of all Workers, as one object knows it. */
export interface WaitingCounts {
  /** Number of leads that wait, by form. */
  waiting: { form: string; leads: number }[]
  /** The networks that have their maximum. */
  fullSources: string[]
}

/** The methods that a Durable Object offers to the Worker and to the other objects. Times are epoch milliseconds. */
export interface LeadOutboxMethods extends Rpc.DurableObjectBranded {
  /** Stores leads, and resolves when they are durable. Without leads it checks whether a lead could be stored. */
  add(leads: Lead[], dueAt: number): Promise<void>
  status(now: number): Promise<OutboxStatus>
  find(id: string): Promise<JobRecord | undefined>
  list(state: ListedState, limit: number, after?: ListPosition): Promise<JobRecord[]>
  replay(ids: string[], edit: LeadEdit, now: number): Promise<Replayed[]>
  /** Stores leads that another account has passed on, and resolves when they are durable. */
  receive(jobs: MovedJob[], now: number): Promise<void>
  survey(selector: LeadSelector, by: GroupKey, after?: string): Promise<SurveyPage>
  discard(selector: LeadSelector, discarding: Discarding, now: number, after?: string): Promise<DiscardStep>
  findPerson(person: OrderingKey, limit: number, after?: string): Promise<PersonPage>
  /** Erases a person, and forgets which visitors' newest leads were theirs, also in the other objects. */
  erase(person: OrderingKey, erasing: Erasing, now: number): Promise<EraseStep>
  /** Forgets of these leads which visitors' newest ones they were. */
  forgetTurns(ids: string[]): Promise<void>
  /** Holds all new leads of a form, or ends that. Each object of every account is told. */
  holdForm(form: string, hold: FormHold | undefined, now: number): Promise<boolean>
  /** Stores an act of an operator; only the first object of the account without a name is asked. */
  beginAct(act: Act, now: number): Promise<number>
  endAct(id: number, leads: number): Promise<void>
  listActs(limit: number, before?: number): Promise<StoredAct[]>
  /** Makes the next call possible at once, and wakes the dispatcher. */
  retryNow(now: number): Promise<void>
  acquireSlot(now: number, until: number, idle?: number, use?: CallUse): Promise<CallSlot>
  /** Releases a call slot. `limited` is the limit that the call has met, if any. */
  endCall(call: number, now: number, limited?: Limited): Promise<void>
  /** Applies a limit that a call of another object has met. It is not passed on. */
  meetLimit(met: Limited, now: number): Promise<void>
  /** Asks for the turn of a cookie whose visitor belongs to this object; see `relay/outbox/cookie-turns.ts`. */
  takeTurn(cookie: string, order: string, lastsMs: number): Promise<number | null>
  /** Compares the forms of the account with its Marketo, at most once an hour. Only the first object of an account is asked. */
  checkForms(): Promise<void>
  /** Returns the result of the last check of the forms. */
  checkState(): Promise<CheckState>
  /** Counts what a Worker has accepted and refused, and returns what bounds the leads of all Workers. */
  counts(counted?: Counted): Promise<WaitingCounts>
  /** Delivers what is due, and sets the alarm again if it was lost. */
  check(): Promise<void>
}
