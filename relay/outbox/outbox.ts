/**
 * The port of the outbox: the durable store of leads, with a clock. Types only; it knows no transport and no runtime.
 *
 * An outbox belongs to one Marketo account. Several accounts may share a database; each has its own call budget, circuit
 * breaker and batch size, and a lead's id is unique among all of them. Times are epoch milliseconds and are always
 * parameters. Every implementation passes the suite in `test/suites/outbox/suite.ts`.
 */
import type { Lead, OrderingKey } from '../intake/lead.ts'
import type { ActStore } from './acts.ts'
import type { LeadEdit } from './edit.ts'
import type { ExpiredLeads } from './expiry.ts'
import type { FormHold, HeldForm } from './held-forms.ts'
import type { CallUse } from './limits/shares.ts'
import type { Discarding, DiscardStep, GroupKey, LeadSelector, SurveyPage } from './selection.ts'

export interface Outbox extends ActStore {
  /**
   * Stores leads. Resolves only when they would survive a crash; rejects when they would not, and then none is stored.
   *
   * A lead with a known id and the same content changes nothing, also after it was delivered. With another content it is
   * another lead: it is stored under an id that is made of its own id and its content, with a note. The content is all
   * of the lead but `acceptedAt`, `notes` and `hold`. Where a lead was stored before contents were compared, its id
   * stands for any content.
   *
   * A lead with `hold` is stored as held, and so is each lead of a form that `holdForm` holds. A lead with `drop` is counted
   * and not stored. An empty list stores nothing and tests whether the store accepts writes.
   *
   * A lead that is dropped, or stored already, waits for the disk as a new one does: a reply does not tell them apart by its
   * time.
   *
   * @param dueAt earliest time of the first attempt
   */
  add(leads: readonly Lead[], dueAt: number): Promise<void>
  /**
   * Leases due jobs in batches: at most `max` batches, within the account's limits.
   *
   * A shared batch that is full goes first, otherwise the job that is due longest leads. While both are due, of four
   * batches in a row one goes to a job without a batch key, and of ten one is shared. Among several forms the one leads that
   * has led least recently. Jobs with the same batch key join, one of each form in turn, oldest first.
   *
   * An owed cookie is leased when no job is due that could use the call: that of the newest lead first, alone in its
   * batch, not while its visitor's cookie is in another call, and only while a part of the day's calls is left for leads.
   *
   * Jobs of one person are leased one after the other in the order in which they were accepted: a batch never holds two
   * of them, and none is leased while another one is. A job whose next attempt is due three minutes or more after its
   * failures began has stepped aside: the others of its person go first, and then the one that is due first. None goes
   * while a call for another one may still be under way.
   *
   * No two jobs with one cookie, sent or following, are leased at once, whoever the people are; but one that waits for a
   * retry does not keep the later ones back.
   *
   * A batch that is not settled by `leaseExpiresAt` counts as ended, and its jobs are due again. While the circuit breaker
   * is open there are none; half-open, one batch of one job at a
   * time.
   */
  claim(now: number, leaseExpiresAt: number, max: number): Promise<Batch[]>
  /**
   * Ends a batch or a call slot and applies the outcome of each job. A settlement of a job that is not leased, or that
   * was leased again since, is ignored; and one whose lease had expired when another job of its person, or one that took
   * the same cookie along, was leased. A job of the batch without a settlement is due again when the lease expires.
   *
   * @param limited the limit that a call outside of a batch has met
   */
  settle(batch: number, settlements: readonly Settlement[], now: number, limited?: Limited): Promise<void>
  /**
   * Reserves one API call for something else than a job; ended by `settle` with no settlements.
   *
   * @param idle number of the caller's own batches whose call is not under way meanwhile: 0 by default
   * @param use `server`: the call may use those that leads leave to servers · `weak`: it counts for the share of leads with
   *   weak evidence
   */
  acquireSlot(now: number, leaseExpiresAt: number, idle?: number, use?: CallUse): Promise<CallSlot>
  /**
   * Returns when a job or an owed cookie may next be claimed; undefined when none waits. A batch that ends may make it
   * sooner.
   */
  nextDueAt(now: number): Promise<number | undefined>
  /**
   * Prepares the store for this process: call at start-up, and after the clock went backwards. Clamps what a clock that was
   * ahead has stored, so that no job waits for it longer than five minutes, and computes the batch keys again when the
   * transport has changed. A retry keeps its time if the job failed in the past, and no longer ago than a retry takes.
   * Leases of a crashed relay are left to expire, because Marketo may still be processing those batches.
   *
   * @param credentials endpoint, user id and keys that Marketo is called with, as one text. When they are not those of
   *   the last start, the circuit breaker closes and a spent quota is probed at once. Only a short digest is stored.
   */
  resume(now: number, credentials?: string): Promise<void>
  /** Makes the next call possible at once: as a probe of an open circuit breaker or of a spent quota. */
  retryNow(now: number): Promise<void>
  /** Counts jobs and reports the state of the account. */
  status(now: number): Promise<OutboxStatus>
  /** Returns a job by its lead's id, whatever its state. */
  find(id: string): Promise<JobRecord | undefined>
  /**
   * Lists the jobs of one state, at most `limit`, after a position: waiting ones by the time they were accepted, held
   * and parked ones by the time they were set aside, and then by id.
   */
  list(state: ListedState, limit: number, after?: ListPosition): Promise<JobRecord[]>
  /**
   * Makes parked and held jobs wait again, each edited first, in their place of the person's order. They are due at
   * once, or when the lease of another job of the same person ends. Returns one result for each id, in order.
   *
   * With the settings of today's forms (`edit.forms`) a job goes to the account that its form has today.
   */
  replay(ids: readonly string[], edit: LeadEdit, now: number): Promise<Replayed[]>
  /**
   * Counts the waiting, held and parked leads that a selector matches, in groups. One call examines a page of jobs.
   *
   * @param after the `next` of the previous page
   */
  survey(selector: LeadSelector, by: GroupKey, after?: string): Promise<SurveyPage>
  /**
   * Discards the waiting, held and parked leads that a selector matches: they are not sent, their personal data is wiped as
   * on delivery, and a receipt with a note remains for as long as that of a delivery. Their owed cookies are not associated.
   * The next lead of a person goes as if the discarded one had never been. A job that is leased, or whose owed cookie is,
   * stays as it is, also when the lease has expired.
   *
   * One call is one transaction of a bounded number of leads.
   *
   * @param after the `next` of the previous step
   */
  discard(selector: LeadSelector, discarding: Discarding, now: number, after?: string): Promise<DiscardStep>
  /**
   * Lists what is stored about a person, in the order of acceptance: leads in every state, and receipts. One call returns a
   * page.
   *
   * @param after the `next` of the previous page
   */
  findPerson(person: OrderingKey, limit: number, after?: string): Promise<PersonPage>
  /**
   * Erases a person: leads that are not delivered become receipts and are not sent, owed cookies are not associated, and no
   * receipt keeps a digest of the person or Marketo's id. A job that is leased, or whose owed cookie is, stays as it is.
   *
   * One call is one transaction of a bounded number of rows.
   */
  erase(person: OrderingKey, erasing: Erasing, now: number): Promise<EraseStep>
  /**
   * Holds each lead of a form that is added from now on, in every account of the database, also after a restart; or ends
   * that, without `hold`. Leads that are stored already stay as they are. Returns false when nothing was to end.
   */
  holdForm(form: string, hold: FormHold | undefined, now: number): Promise<boolean>
  /**
   * Discards parked and held leads that nobody has decided about, at most `limit`. Returns how many, by form. None expires
   * within a week of the first call, of one with a shorter time, or of one after a day without calls: the status tells of it
   * before. A lead whose owed cookie is leased stays. To be called every few minutes.
   *
   * @param keepMs time since a lead was parked or held; infinite for never
   */
  expire(keepMs: number, now: number, limit: number): Promise<ExpiredLeads[]>
  /**
   * Removes receipts of leads that were delivered or discarded before a time, at most `limit`. Returns how many. The receipt of a lead
   * whose cookie is owed stays.
   */
  sweep(before: number, limit: number): Promise<number>
}

/** Jobs that were leased together and go to Marketo in one call; or one owed cookie, which needs a call of its own. */
export interface Batch {
  id: number
  leaseExpiresAt: number
  /** Each of another person. Empty where the batch is an owed cookie, and never else. */
  jobs: Job[]
  owed?: OwedJob
  /** Doubt of the open circuit breaker, where the batch is its probe and there is one. */
  doubt?: Doubt
}

/**
 * Doubt whether the account is at fault: each lead that failed may have caused it by itself, until another lead has been
 * tried.
 */
export interface Doubt {
  /** Number of calls in a row that failed, each for another lead. */
  failed: number
  /** The last lead that failed, where it was alone in its call. */
  lead?: string
}

/** A lead that was leased for one attempt. */
export interface Job {
  /** The lead without its rejected and its stale attributes. */
  lead: Lead
  /** Number of this attempt, from 1. It also tells a late settlement from a current one. */
  attempt: number
  /** Number of attempts that failed by this lead's own fault since it was accepted or replayed. */
  failures: number
  /** Time of the first of these failures. */
  failingSince?: number
  /** Number of earlier attempts by which a Marketo form may have been filled out; absent when there is none. */
  unanswered?: number
  /** Present when the last attempt failed, and another lead was delivered since. */
  othersDelivered?: true
}

/** A visitor's cookie that is still to be associated with a person whose lead is delivered. */
export interface OwedCookie {
  /** Id of the lead. */
  id: string
  /** Marketo's id of the person. */
  leadId: number
  email: string
  cookie: string
  /** When the relay accepted the lead; or, where a person has set the cookie, when the lead was delivered. */
  acceptedAt: number
  /** Workspace of the lead. */
  workspace?: string
}

/** An owed cookie that was leased for one attempt. Its members are those of a job. */
export interface OwedJob extends Omit<Job, 'lead'> {
  cookie: OwedCookie
}

/**
 * Outcome of one attempt. `owed` tells that of an owed cookie: `delivered` when it is associated, `parked` when it is given
 * up, which is noted on the receipt. `unanswered` says that a Marketo form may have been filled out by the attempt. `lost` says
 * that the call got no answer, and when its lease would have ended: no lead of the person is leased before.
 */
export type Settlement = { id: string; attempt: number; owed?: true; unanswered?: true; lost?: number } & Outcome

/** Meaning of one attempt for its job. */
export type Outcome =
  /**
   * Marketo has stored the lead. Its personal data is wiped and a receipt remains. Attributes that were rejected on the
   * way remain as a parked job without the others. A cookie that was left out to follow in a call of its own is owed.
   * `note`, without personal data, is kept on the receipt.
   */
  | { kind: 'delivered'; leadId: number; note?: string }
  /** This lead failed; it is due again at `dueAt`. `suspect`: from now on it goes in a batch of its own. */
  | { kind: 'retry'; dueAt: number; reason: string; suspect?: boolean }
  /**
   * The batch failed, which need not be this lead's fault; it is due again at `dueAt`, without `rejectedAttributes`.
   * `batch` says how the batch failed: `refused` as a whole, `intercepted` by a gateway for a lead in it or for its size,
   * or `unanswered` in time. Absent when the culprit is known. `overtaken`: no call was made for this owed cookie, and none
   * will be, because a newer lead of the visitor has it.
   */
  | {
      kind: 'requeue'
      dueAt: number
      reason: string
      batch?: 'refused' | 'intercepted' | 'unanswered'
      rejectedAttributes?: readonly string[]
      overtaken?: true
    }
  /** The lead leaves the queue and is kept for a person. */
  | { kind: 'parked'; reason: string }
  /**
   * No lead gets through: the circuit breaker opens until `retryAt`. `blocked` says that a person must act. The job is
   * due at `dueAt`, or else keeps its place. With `doubt` the lead itself may be the cause: where another lead was
   * delivered meanwhile, the breaker stays as it is, and the failure is the lead's own.
   */
  | { kind: 'stopped'; retryAt: number; reason: string; blocked: boolean; dueAt?: number; doubt?: Doubt }
  | Limited

/** Report that a limit of Marketo's was met: the account takes less of it from `retryAt` on. Each job keeps its place. */
export interface Limited {
  kind: 'limited'
  limit: Limit
  retryAt: number
  reason: string
}

/** `rate`: calls in 20 seconds · `concurrency`: calls at once · `day`: Marketo's quota of calls a day. */
export type Limit = 'rate' | 'concurrency' | 'day'

/** A reserved call, or when to ask again. */
export type CallSlot = { slot: number } | { retryAt: number }

export type ListedState = 'waiting' | 'held' | 'parked'

/** The last job of the page before: its time in the list's order, and its id. */
export interface ListPosition {
  at: number
  id: string
}

export type Replayed =
  | { id: string; result: 'replayed' | 'unknown' | 'not-parked' }
  /** The lead is unchanged, because it has an attribute of the new name already. */
  | { id: string; result: 'name-taken'; name: string }
  /**
   * The lead is unchanged, because its form has this account today, and the lead cannot go there: it is delivered but for
   * some attributes, or this outbox does not reach the other account.
   */
  | { id: string; result: 'other-account'; account: string }

/** A row about a person, without a value of the lead. */
export interface PersonRow extends Pick<
  JobRecord,
  'id' | 'form' | 'account' | 'state' | 'attempts' | 'acceptedAt' | 'dueAt' | 'settledAt' | 'leadId' | 'reason'
> {
  /** Present while a call for the lead, or for its cookie, is under way, or was when its relay ended. */
  underWay?: true
  /** Present while its cookie is owed. */
  owesCookie?: true
}

export interface PersonPage {
  rows: PersonRow[]
  /** Place at which the next page begins, if there is one. */
  next?: string
}

/** Who erases a person. It is noted on the receipts. */
export interface Erasing {
  by: string
  /** Counts the rows, changes nothing. */
  dryRun: boolean
}

/** Numbers of rows by what they are. */
export interface Counts {
  waiting: number
  held: number
  parked: number
  /** Receipts of delivered and of discarded leads. */
  receipts: number
}

export interface EraseStep extends Counts {
  /** Cookies that were owed. */
  owed: number
  /** Rows that were left, because a call for them is under way. */
  underWay: number
  /** Ids of the erased leads. Empty in a dry run. */
  ids: string[]
  /** Whether there may be more. */
  more: boolean
}

export interface OutboxStatus {
  /** Jobs that are to be delivered: neither delivered nor parked nor held. */
  waiting: number
  held: number
  parked: number
  /** Leads delivered ever, including those whose receipts were swept. */
  delivered: number
  /** Leads stored ever under another id, because their own was used before with another content; absent when none was. */
  reusedIds?: number
  /** Cookies of delivered leads that are still to be associated, each in a call of its own; absent when none is. */
  owed?: number
  /** Parked and held leads that expire within a week, and when the first of them does; absent when there is none. */
  expiring?: { leads: number; firstAt: number }
  /** Numbers of the leads that are held, by form in the order of their names; absent where none is. */
  heldByForm?: FormLeads[]
  /** Forms whose new leads are all held, by name; absent when there is none. The account without a name reports them for all. */
  heldForms?: HeldForm[]
  /** Time at which the oldest waiting lead was accepted. */
  oldestAt?: number
  /** Time at which the oldest parked lead was parked. */
  parkedAt?: number
  /**
   * Reason why no job is leased, and the time of the next try. `blocked` means that a person must act. `lead` is the id of
   * the only lead that failed: it may have caused the failure by itself.
   */
  breaker?: { reason: string; retryAt: number; blocked: boolean; lead?: string }
  /**
   * API calls since the last quota reset, our own limit, and the next reset. `quotaRetryAt` is present while Marketo's
   * quota is spent, by its own report: the time of the next call, as a probe. `weak` are the calls for leads with weak
   * evidence, how often such a lead was put off until `endsAt`, and while the next call that such leads share has to wait, when it
   * may go; absent when there is none of these. `servers` are the calls of
   * servers and those that leads leave to them, where they leave any.
   */
  day: {
    spent: number
    of: number
    endsAt: number
    quotaRetryAt?: number
    weak?: { spent: number; of: number; putOff: number; nextSharedAt?: number }
    servers?: { spent: number; of: number }
  }
}

/** A number of leads of a form. */
export interface FormLeads {
  form: string
  leads: number
}

export interface JobRecord {
  id: string
  form: string
  /** Name of the account, among several and where it has one. */
  account?: string
  /** A parked job with a `leadId` was delivered except for the attributes in its lead. */
  state: ListedState | 'delivered' | 'discarded'
  attempts: number
  acceptedAt: number
  /** Time at which a waiting job is due. */
  dueAt?: number
  /** Time at which the job was delivered, discarded, parked or held. */
  settledAt?: number
  /** Marketo's id of the person, once delivered; absent while a rejected part waits again. */
  leadId?: number
  /** Reason of the last unsuccessful attempt, or of the hold. */
  reason?: string
  /** Unsuccessful attempts; consecutive ones with the same reason are one entry. Wiped with the personal data. */
  history: RepeatedAttempt[]
  /** Attributes that Marketo rejected; they are not sent. `Munchkin cookie` stands for the cookie. */
  rejectedAttributes: string[]
  /** Attributes that a later lead of the person has already sent; they are not sent. */
  staleAttributes: string[]
  notes: string[]
  /** Names of the rules that have fired for the post; absent when none has, and once delivered or discarded. */
  rules?: readonly string[]
  /** Absent once delivered or discarded, when the personal data is wiped. */
  lead?: Lead
}

/** Consecutive attempts that failed for the same reason. */
export interface RepeatedAttempt {
  reason: string
  times: number
  /** Present when a Marketo form may have been filled out by each of them. */
  unanswered?: true
  /** Times at which the first and the last of them were settled. */
  first: number
  last: number
}
