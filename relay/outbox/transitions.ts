/**
 * The state machine of a job: what an outcome, a replay or a later delivery makes of its row. Pure, and the same for
 * every database; a store reads rows, calls these functions, and writes the rows that changed.
 */
import type { Lead } from '../intake/lead.ts'
import { dueInOrder } from './clock-skew.ts'
import { editLead, foldName, type LeadEdit } from './edit.ts'
import { leadOf, parseHistory, parseNames, type JobRow } from './job-row.ts'
import { sentVisitor } from './sent-visitor.ts'
import { REPLAY_SOURCE } from './source-turn.ts'
import {
  COOKIE_NOTE,
  FOLLOWING_COOKIE,
  FOLLOWS_NOTE,
  SET_COOKIE,
  STALE_COOKIE_NOTE,
  UNSENT_COOKIE,
} from './unsent-cookie.ts'
import { answeredHistory, TWICE_NOTE, unansweredIn } from './unanswered.ts'
import type { Job, Replayed, RepeatedAttempt, Settlement } from './outbox.ts'

/** The batch that a job was leased in. */
export interface SettledBatch {
  /** Number of its jobs. */
  size: number
  /** True when a lead of another batch was delivered while this one was out. */
  othersDelivered: boolean
  now: number
}

/**
 * Applies settlements to the rows they are about.
 *
 * @param leased rows that are leased for these attempts
 * @param older waiting rows of the same people or the same visitors, accepted before one of `leased`. Those that are held
 *   or parked are not changed; see `newest-sent.ts`
 * @returns the rows that changed
 */
export function applySettlements(
  leased: readonly JobRow[],
  older: readonly JobRow[],
  settlements: readonly Settlement[],
  batch: SettledBatch,
): JobRow[] {
  const rows = new Map([...older, ...leased].map((row) => [row.seq, row]))
  const before = new Set(rows.values())
  const seqs = new Map(leased.map(({ id, seq }) => [id, seq]))
  const people = Map.groupBy(before, (row) => row.person_key)
  for (const settlement of settlements) {
    const job = rows.get(seqs.get(settlement.id) ?? -1)
    // A second settlement of the same job finds it no longer leased.
    if (!job || job.batch === null || job.attempts !== settlement.attempt) continue
    rows.set(job.seq, notBeforeEnd(settleJob(job, settlement, batch), settlement))
    if (settlement.kind !== 'delivered') continue
    const own = people.get(job.person_key)?.map(({ seq }) => rows.get(seq)!) ?? []
    const overtaken = own.filter(({ seq, state }) => seq < job.seq && state !== 'delivered')
    for (const row of markStale(overtaken, job)) rows.set(row.seq, row)
    for (const row of markCookieStale(rows, job)) rows.set(row.seq, row)
  }
  return [...rows.values()].filter((row) => !before.has(row))
}

/** Returns the settled job; due no sooner than its call must be over, where that got no answer. */
function notBeforeEnd(job: JobRow, { lost = 0 }: Settlement): JobRow {
  return job.due_at !== null && job.due_at < lost ? { ...job, due_at: lost } : job
}

/** Returns the job after one attempt. */
function settleJob(job: JobRow, outcome: Settlement, { size, othersDelivered, now }: SettledBatch): JobRow {
  const ended = { ...job, batch: null, turn: null }
  if (outcome.kind === 'delivered') return deliverJob(ended, outcome, now)

  const history = JSON.stringify(withAttempt(parseHistory(job.history), outcome.reason, now, outcome.unanswered))
  const failed = { ...ended, reason: outcome.reason, history }
  switch (outcome.kind) {
    case 'retry':
      return {
        ...failed,
        ...ownFailure(job, now),
        due_at: outcome.dueAt,
        ...(outcome.suspect && { max_batch_size: 1 }),
      }
    case 'requeue': {
      const rejected = union(parseNames(job.rejected), outcome.rejectedAttributes ?? [])
      // An unanswered batch is suspect only where others were delivered meanwhile; else Marketo answers nobody.
      const unanswered = outcome.batch === 'unanswered' && !othersDelivered
      const max_batch_size = outcome.batch && !unanswered ? Math.max(1, Math.floor(size / 2)) : job.max_batch_size
      return { ...failed, due_at: outcome.dueAt, max_batch_size, rejected: JSON.stringify(rejected) }
    }
    case 'parked':
      return { ...failed, state: 'parked', due_at: null, settled_at: now, max_batch_size: null }
    case 'stopped': {
      const stopped = { ...failed, due_at: outcome.dueAt ?? dueInPlace(job, now) }
      if (!outcome.doubt) return stopped
      // Where others were delivered meanwhile, the account is not at fault. Else the next lead of the person may tell.
      const own = othersDelivered ? ownFailure(job, now) : { failing_since: notAfter(now, job.failing_since) }
      const alone = size > 1 ? stopped : { ...stopped, ...own }
      return othersDelivered ? { ...alone, max_batch_size: Math.max(1, Math.floor(size / 2)) } : alone
    }
    case 'limited':
      return { ...failed, due_at: dueInPlace(job, now) }
    default:
      return outcome satisfies never
  }
}

/** Returns when a job is due that keeps its place: never so late that it would have stepped aside. */
function dueInPlace({ accepted_at: acceptedAt, failing_since: failingSince }: JobRow, now: number): number {
  return Math.min(dueInOrder(acceptedAt, now), failingSince ?? Infinity)
}

/** Returns when failures began: now, if there was none, or if the clock was ahead at the time of the first one. */
function notAfter(now: number, since: number | null): number {
  return Math.min(since ?? now, now)
}

/** Returns what a failure by the lead's own fault changes. One in doubt before does not count for the time of giving up. */
function ownFailure({ failures, failing_since: since }: JobRow, now: number): Partial<JobRow> {
  return { failures: failures + 1, failing_since: failures > 0 ? notAfter(now, since) : now }
}

/** Returns a receipt without personal data; or, where attributes were rejected, a parked job with them alone. */
function deliverJob(job: JobRow, { leadId, note: told }: Settlement & { kind: 'delivered' }, now: number): JobRow {
  const rejected = parseNames(job.rejected)
  const lead = leadOf(job)
  const left = rejectedPart(lead, rejected)
  const isTwice = lead.receipt === undefined && unansweredIn(lead, job, job.attempts - 1) > 0
  const note = noteOf(job, rejected)
  const done = {
    ...job,
    due_at: null,
    settled_at: now,
    lead_id: leadId,
    source: null,
    rules: null,
    max_batch_size: null,
    ...(note && {
      // A cookie that follows is still the visitor's.
      visitor_key: note === FOLLOWS_NOTE ? job.visitor_key : null,
    }),
    notes: JSON.stringify([
      ...parseNames(job.notes),
      ...(isTwice ? [TWICE_NOTE] : []),
      ...(told ? [told] : []),
      ...(note ? [note] : []),
    ]),
  }
  if (left.attributes.length > 0) return { ...done, state: 'parked', lead: JSON.stringify(left) }
  return { ...done, state: 'delivered', lead: null, reason: null, rejected: '[]', stale: '[]', history: '[]' }
}

/** Returns why the job was delivered without its cookie; undefined when it was not, or has none. */
function noteOf(job: JobRow, rejected: readonly string[]): string | undefined {
  if (rejected.includes(UNSENT_COOKIE)) return COOKIE_NOTE
  if (leadOf(job).cookie === undefined) return undefined
  const stale = parseNames(job.stale)
  if (stale.includes(UNSENT_COOKIE)) return STALE_COOKIE_NOTE
  return stale.includes(FOLLOWING_COOKIE) ? FOLLOWS_NOTE : undefined
}

/** Returns older rows of the person, changed so that they do not overwrite what `job` has just delivered. */
function markStale(older: readonly JobRow[], job: JobRow): JobRow[] {
  if (older.length === 0) return []
  const sent = sentLead(job).attributes.map(({ name }) => name)
  return older.map((row) => ({ ...row, stale: JSON.stringify(union(parseNames(row.stale), sent)) }))
}

/**
 * Returns older rows of the visitor, changed so that the cookie stays with the person of `job`: a visitor who corrects a
 * mistyped address is the corrected person. A lead without an address has no other key than its cookie and keeps it.
 */
function markCookieStale(rows: ReadonlyMap<number, JobRow>, job: JobRow): JobRow[] {
  const own = sentVisitor(job)
  if (own === null) return []
  return [...rows.values()]
    .filter(({ seq, state, visitor_key: visitor }) => visitor === own && seq < job.seq && state !== 'delivered')
    .filter((row) => leadOf(row).email)
    .map((row) => ({ ...row, stale: JSON.stringify(union(parseNames(row.stale), [UNSENT_COOKIE])) }))
}

/**
 * Returns the parked or held job as it waits again, or why it does not.
 *
 * @param visitor digest of the cookie that the edit sets
 */
export function replayJob(
  job: JobRow | undefined,
  id: string,
  edit: LeadEdit,
  visitor: string | null,
  now: number,
): JobRow | Replayed {
  if (!job) return { id, result: 'unknown' }
  if ((job.state !== 'parked' && job.state !== 'held') || job.lead === null) return { id, result: 'not-parked' }
  const edited = editLead(leadOf(job), edit, job.lead_id !== null)
  if ('taken' in edited) return { id, result: 'name-taken', name: edited.taken }
  // A person has decided that it is sent.
  const { hold: _, weak: __, ...lead } = edited.lead
  const isLooked = lead.marketoForm !== undefined && lead.receipt === undefined
  return {
    ...job,
    state: 'queued',
    due_at: now,
    lead: JSON.stringify(lead),
    visitor_key: lead.cookie === undefined ? null : (visitor ?? job.visitor_key),
    // A cookie that a person has set is sent.
    ...(visitor !== null && {
      stale: JSON.stringify(
        union(
          parseNames(job.stale).filter((name) => name !== UNSENT_COOKIE),
          [SET_COOKIE],
        ),
      ),
    }),
    failures: 0,
    failing_since: null,
    max_batch_size: null,
    source: REPLAY_SOURCE,
    rejected: '[]',
    ...(isLooked && { history: JSON.stringify(answeredHistory(job, now)) }),
    settled_at: null,
  }
}

/**
 * Returns a row that is being leased as the port hands it out.
 *
 * @param deliveredAt time of the account's last delivery
 */
export function jobOf(row: JobRow, deliveredAt = -Infinity): Job {
  const failedAt = parseHistory(row.history).at(-1)?.last ?? Infinity
  const lead = sentLead(row)
  const unanswered = unansweredIn(lead, row, row.attempts)
  return {
    lead,
    attempt: row.attempts + 1,
    failures: row.failures,
    ...(unanswered > 0 && { unanswered }),
    ...(row.failures > 0 && row.failing_since !== null && { failingSince: row.failing_since }),
    ...(deliveredAt > failedAt && { othersDelivered: true }),
  }
}

/** Returns the lead as it is sent: without rejected and stale attributes, and without a cookie that follows. */
export function sentLead(job: Pick<JobRow, 'lead' | 'rejected' | 'stale'>): Lead {
  const lead = leadOf(job)
  const left = new Set([...parseNames(job.rejected), ...parseNames(job.stale)].map(foldName))
  if (left.size === 0) return lead
  const sent = { ...lead, attributes: lead.attributes.filter(({ name }) => !left.has(foldName(name))) }
  if (left.has(foldName(UNSENT_COOKIE)) || left.has(foldName(FOLLOWING_COOKIE))) delete sent.cookie
  return sent
}

/** Returns what was not sent of a lead: the rejected attributes, and the person whose they are. */
function rejectedPart(lead: Lead, rejected: readonly string[]): Lead {
  const names = new Set(rejected.map(foldName))
  const left = { ...lead, attributes: lead.attributes.filter(({ name }) => names.has(foldName(name))) }
  delete left.cookie
  delete left.visit
  delete left.receipt
  return left
}

/** Returns the history with one more attempt. */
export function withAttempt(
  history: readonly RepeatedAttempt[],
  reason: string,
  now: number,
  unanswered?: true,
): RepeatedAttempt[] {
  const last = history.at(-1)
  return last?.reason === reason && last.unanswered === unanswered
    ? [...history.slice(0, -1), { ...last, times: last.times + 1, last: now }]
    : [...history, { reason, times: 1, first: now, last: now, ...(unanswered && { unanswered }) }]
}

/** Returns names without repetitions, in the order they came. */
export function union(names: readonly string[], more: readonly string[]): string[] {
  const known = new Set(names.map(foldName))
  return [...names, ...more.filter((name) => !known.has(foldName(name)) && known.add(foldName(name)))]
}
