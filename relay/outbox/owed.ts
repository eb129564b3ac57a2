/**
 * Owed cookies: the second step of a delivery, after a lead went without its cookie. Pure, and the same for every
 * database: a store reads rows, calls these functions, and writes what changed.
 *
 * A visitor owes one cookie at most: that of the newest lead. It belongs to the person of that lead.
 */
import type { BatchKeys } from './batch-planner.ts'
import type { CounterChange } from './counters.ts'
import { leadOf, parseHistory, parseNames, type JobRow } from './job-row.ts'
import type { Outcome, OwedJob, Settlement } from './outbox.ts'
import { sentLead, withAttempt } from './transitions.ts'
import {
  ASSOCIATED_NOTE,
  FOLLOWING_COOKIE,
  FOLLOWS_NOTE,
  GIVEN_UP_NOTE,
  SET_COOKIE,
  STALE_COOKIE_NOTE,
} from './unsent-cookie.ts'

/** A row of the table of owed cookies, with the columns of its receipt. */
export interface OwedRow {
  [column: string]: string | number | null
  /** That of the lead: a later lead has a larger one. */
  seq: number
  /** Marketo's id of the person. */
  lead_id: number
  visitor_key: string
  email: string
  cookie: string
  /** Marketo's `targetWorkspace` of the lead. */
  workspace: string | null
  due_at: number
  /** The batch that it is leased in. */
  batch: number | null
  attempts: number
  failures: number
  failing_since: number | null
  history: string
  /** That of the lead; or, where a person has set the cookie, when the lead was delivered. */
  accepted_at: number
  id: string
  form: string
  notes: string
}

/** The columns of the table, without the account. */
export const OWED_COLUMNS: readonly string[] =
  'seq lead_id visitor_key email cookie workspace due_at batch attempts failures failing_since history accepted_at'.split(
    ' ',
  )

/** The columns of `OwedRow`, for a SELECT from the tables `owed` and `job`. */
export const OWED_FIELDS = [...OWED_COLUMNS.map((name) => `owed.${name}`), 'job.id', 'job.form', 'job.notes'].join(', ')

/** What a store is to write. */
export interface OwedChanges {
  removed: OwedRow[]
  /** New rows, and rows that changed. Written after `removed`. */
  written: OwedRow[]
  /** Notes of the receipts. */
  notes: { seq: number; notes: string }[]
  counts: CounterChange[]
}

/**
 * Returns a job that is being leased, with the mark whether its cookie follows. A lead without an address has no other key
 * than its cookie and keeps it.
 *
 * @param isOut whether a cookie of the same visitor is out in a call of its own: two calls would be in no order
 */
export function markFollowing(row: JobRow, batchKeys: BatchKeys, isOut: () => boolean): JobRow {
  const names = parseNames(row.stale)
  const others = names.filter((name) => name !== FOLLOWING_COOKIE)
  const unmarked = others.length < names.length ? { ...row, stale: JSON.stringify(others) } : row
  if (!mayFollow(unmarked) || !(isOwedBy(unmarked, batchKeys) || isOut())) return unmarked
  return { ...unmarked, stale: JSON.stringify([...others, FOLLOWING_COOKIE]) }
}

function mayFollow(row: JobRow): boolean {
  if (row.visitor_key === null) return false
  const { email, cookie } = sentLead(row)
  return email !== '' && cookie !== undefined
}

/** Returns whether the transport owes the cookie: always, or because the lead shares a call that takes no cookies. */
function isOwedBy(row: JobRow, { cookies, batchKey }: BatchKeys): boolean {
  if (cookies === 'after-any-lead') return true
  return row.batch_key !== null && (cookies === 'after-lead' || batchKey(leadOf(row)) === null)
}

/** Returns the owed cookie as the port hands it out. */
export function owedJobOf(row: OwedRow, deliveredAt = -Infinity): OwedJob {
  const failedAt = parseHistory(row.history).at(-1)?.last ?? Infinity
  return {
    cookie: {
      id: row.id,
      leadId: row.lead_id,
      email: row.email,
      cookie: row.cookie,
      acceptedAt: row.accepted_at,
      ...(row.workspace !== null && { workspace: row.workspace }),
    },
    attempt: row.attempts + 1,
    failures: row.failures,
    ...(row.failing_since !== null && { failingSince: row.failing_since }),
    ...(deliveredAt > failedAt && { othersDelivered: true }),
  }
}

/** A lead with a cookie that was delivered: with it, or before it. */
interface DeliveredCookie {
  seq: number
  visitor_key: string
  /** Absent when the lead took its cookie along. */
  owed?: OwedRow
}

/**
 * Returns the leads with cookies that were delivered by these settlements.
 *
 * @param leased the jobs before
 * @param changed the jobs after
 */
export function deliveredCookies(
  leased: readonly JobRow[],
  changed: readonly JobRow[],
  settlements: readonly Settlement[],
  now: number,
): DeliveredCookie[] {
  const after = new Map(changed.map((row) => [row.id, row]))
  const delivered = new Map(settlements.flatMap((each) => (each.kind === 'delivered' ? [[each.id, each.leadId]] : [])))
  return leased.flatMap((job) => {
    const [leadId, receipt] = [delivered.get(job.id), after.get(job.id)]
    if (leadId === undefined || !receipt || receipt.visitor_key === null) return []
    const { email, cookie, workspace = null } = leadOf(job)
    if (cookie === undefined) return []
    const { seq, id, form } = job
    const { visitor_key, notes } = receipt
    if (!parseNames(notes).includes(FOLLOWS_NOTE)) return [{ seq, visitor_key }]
    const fresh = { due_at: now, batch: null, attempts: 0, failures: 0, failing_since: null, history: '[]' }
    const accepted_at = parseNames(job.stale).includes(SET_COOKIE) ? now : job.accepted_at
    return [
      {
        seq,
        visitor_key,
        owed: { seq, lead_id: leadId, visitor_key, email, cookie, workspace, ...fresh, accepted_at, id, form, notes },
      },
    ]
  })
}

/**
 * Returns what a delivery changes for its visitors: the newest lead has the cookie, and an older one never takes it back.
 *
 * @param known what these visitors owe already
 */
export function afterDeliveries(delivered: readonly DeliveredCookie[], known: readonly OwedRow[]): OwedChanges {
  const changes: OwedChanges = { removed: [], written: [], notes: [], counts: [] }
  for (const [visitor, own] of Map.groupBy(delivered, ({ visitor_key: key }) => key)) {
    const before = known.filter(({ visitor_key: key }) => key === visitor)
    const newest = Math.max(...[...own, ...before].map(({ seq }) => seq))
    const owed = own.flatMap((each) => each.owed ?? [])
    const added = owed.filter(({ seq }) => seq === newest)
    const isTaken = own.some(({ seq }) => seq === newest)
    const removed = isTaken ? before : []
    for (const row of [...removed, ...owed]) {
      if (row.seq < newest) changes.notes.push(noted(row, STALE_COOKIE_NOTE))
    }
    changes.removed.push(...removed)
    const ends = removed.flatMap(leaseEnd)
    changes.written.push(...added.map((row) => ({ ...row, due_at: Math.max(row.due_at, ...ends) })))
  }
  return { ...changes, counts: countsOf(changes) }
}

/** An older cookie that is out is not overtaken by the newer one. */
function leaseEnd({ batch, due_at }: OwedRow): number[] {
  return batch === null ? [] : [due_at]
}

/** Returns what the outcome of a call changes for its cookie. */
export function settleOwed(row: OwedRow, outcome: Outcome, othersDelivered: boolean, now: number): OwedChanges {
  if (outcome.kind === 'delivered') return ended(row, ASSOCIATED_NOTE, 'associated_total')
  if (outcome.kind === 'parked') return ended(row, GIVEN_UP_NOTE, 'given_up_total')
  if (outcome.kind === 'requeue' && outcome.overtaken) return ended(row, STALE_COOKIE_NOTE)
  const history = JSON.stringify(withAttempt(parseHistory(row.history), outcome.reason, now))
  const isOwn = outcome.kind === 'retry' || (outcome.kind === 'stopped' && !!outcome.doubt && othersDelivered)
  const failed = isOwn ? { failures: row.failures + 1, failing_since: row.failing_since ?? now } : {}
  const dueAt = ('dueAt' in outcome ? outcome.dueAt : undefined) ?? now
  return { removed: [], written: [{ ...row, batch: null, history, ...failed, due_at: dueAt }], notes: [], counts: [] }
}

function ended(row: OwedRow, note: string, total?: 'associated_total' | 'given_up_total'): OwedChanges {
  return {
    removed: [row],
    written: [],
    notes: [noted(row, note)],
    counts: [{ form: row.form, add: { owed: -1, ...(total && { [total]: 1 }) } }],
  }
}

/** Returns the notes of a receipt on which it is noted what became of its cookie. */
export function noted({ seq, notes }: OwedRow, note: string): { seq: number; notes: string } {
  return { seq, notes: JSON.stringify(parseNames(notes).map((each) => (each === FOLLOWS_NOTE ? note : each))) }
}

function countsOf({ written, removed }: OwedChanges): CounterChange[] {
  const forms = Map.groupBy([...written, ...removed], ({ form }) => form)
  return [...forms].map(([form, rows]) => ({
    form,
    add: { owed: rows.reduce((sum, row) => sum + (written.includes(row) ? 1 : -1), 0) },
  }))
}
