/** A row of the job table, the same in every database, and the record that the port returns. No SQL, no rules. */
import type { Lead } from '../intake/lead.ts'
import type { JobRecord, ListedState, ListPosition, RepeatedAttempt } from './outbox.ts'
import type { Sealing } from './sealing/sealing.ts'
import { FOLLOWING_COOKIE, SET_COOKIE } from './unsent-cookie.ts'

/**
 * `state` is one of
 *   ready      the next job of its person; while it is leased it has a `batch`, and the lease's end as `due_at`
 *   queued     waits for another job of the same person
 *   held       kept for a person before the first attempt
 *   parked     kept for a person (dead-letter)
 *   delivered  a receipt without personal data; without a `lead_id`, that of a lead that was discarded
 */
export interface JobRow {
  [column: string]: string | number | null
  seq: number
  id: string
  form: string
  /** Keyed digest of the person; null for receipts of leads that were delivered before it existed. */
  person_key: string | null
  visitor_key: string | null
  state: 'ready' | 'queued' | 'held' | 'parked' | 'delivered'
  due_at: number | null
  batch: number | null
  attempts: number
  failures: number
  failing_since: number | null
  batch_key: string | null
  max_batch_size: number | null
  /** See `source-turn.ts`; null while the job waits for its time. */
  turn: number | null
  lead: string | null
  rejected: string
  stale: string
  history: string
  notes: string
  /** Keyed digest of the network that the lead came from. */
  source: string | null
  /** Names of the rules that have fired for the post, with commas between them. */
  rules: string | null
  accepted_at: number
  settled_at: number | null
  lead_id: number | null
  reason: string | null
}

/** An account's part of a database, and what seals its rows, if it is encrypted. */
export interface StoredPart {
  account: string
  sealing?: Sealing | undefined
}

/** The columns of `JobRow`, for a SELECT. */
export const JOB_COLUMNS = `seq, id, form, person_key, visitor_key, state, due_at, batch, attempts, failures,
  failing_since, batch_key, max_batch_size, turn, lead, rejected, stale, history, notes, source, rules, accepted_at,
  settled_at, lead_id, reason`

/** The columns that a settlement or a replay may change, in the order of `changesOf`. */
export const CHANGED_COLUMNS: readonly string[] = (
  'state due_at batch failures failing_since batch_key max_batch_size turn lead visitor_key rejected stale history ' +
  'notes source rules settled_at lead_id reason'
).split(' ')

/** Returns the values of `CHANGED_COLUMNS`, as they are stored in a part of the database. */
export function changesOf(row: JobRow, { account, sealing }: StoredPart): (string | number | null)[] {
  const stored = sealing ? sealing.sealJob(row, account) : row
  return CHANGED_COLUMNS.map((column) => stored[column] ?? null)
}

/** Returns the rules of a lead as the column has them. */
export function joinRules({ rules = [] }: Lead): string | null {
  return rules.length > 0 ? rules.join(',') : null
}

/** Reads a column that holds a JSON list of names. */
export function parseNames(text: string): string[] {
  return JSON.parse(text) as string[]
}

/** Reads the column `history`. */
export function parseHistory(text: string): RepeatedAttempt[] {
  return JSON.parse(text) as RepeatedAttempt[]
}

/** Reads the lead of a row that has one. */
export function leadOf({ lead }: Pick<JobRow, 'lead'>): Lead {
  return JSON.parse(lead!) as Lead
}

/** Converts a row to the record that the port returns. */
export function recordOf(row: JobRow): JobRecord {
  return {
    id: row.id,
    form: row.form,
    state: stateOf(row),
    attempts: row.attempts,
    acceptedAt: row.accepted_at,
    ...(row.due_at !== null && { dueAt: row.due_at }),
    ...(row.settled_at !== null && { settledAt: row.settled_at }),
    // A rejected part that waits again is not delivered: the person's id is kept for its settlement.
    // That of an erased person is 0.
    ...(row.lead_id && row.settled_at !== null && { leadId: row.lead_id }),
    ...(row.reason !== null && { reason: row.reason }),
    history: parseHistory(row.history),
    rejectedAttributes: parseNames(row.rejected),
    staleAttributes: parseNames(row.stale).filter((name) => name !== FOLLOWING_COOKIE && name !== SET_COOKIE),
    notes: parseNames(row.notes),
    ...(row.rules !== null && { rules: row.rules.split(',') }),
    ...(row.lead !== null && { lead: leadOf(row) }),
  }
}

function stateOf({ state, lead_id: leadId }: JobRow): JobRecord['state'] {
  if (state === 'ready' || state === 'queued') return 'waiting'
  return state === 'delivered' && leadId === null ? 'discarded' : state
}

/** Returns the position of a job in the list of its state. */
export function positionOf({ id, acceptedAt, settledAt = 0 }: JobRecord, state: ListedState): ListPosition {
  return { at: state === 'waiting' ? acceptedAt : settledAt, id }
}
