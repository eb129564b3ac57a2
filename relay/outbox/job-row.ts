/** A row of the table `job`, and the record that it is to whoever asks. */
import type { Lead } from '../intake/lead.ts'
import type { Row } from './sqlite/database.ts'
import type { JobRecord, Tries } from './outbox.ts'

export interface JobRow extends Row {
  seq: number
  id: string
  form: string
  /** Nobody's once it is delivered. */
  person: string | null
  state: 'ready' | 'behind' | 'parked' | 'delivered'
  due_at: number | null
  call: number | null
  attempts: number
  failures: number
  failing_since: number | null
  share: number | null
  sociable: number
  lead: string | null
  refused: string
  superseded: string
  history: string
  notes: string
  accepted_at: number
  settled_at: number | null
  lead_id: number | null
  reason: string | null
}

/** All columns, for a SELECT. */
export const JOB = `seq, id, form, person, state, due_at, call, attempts, failures, failing_since, share, sociable, lead,
  refused, superseded, history, notes, accepted_at, settled_at, lead_id, reason`

/** What a list of names is in a row. */
export function names(text: string): string[] {
  return JSON.parse(text) as string[]
}

/** What attempts are in a row. */
export function tries(text: string): Tries[] {
  return JSON.parse(text) as Tries[]
}

export function recordOf(row: JobRow): JobRecord {
  return {
    id: row.id,
    form: row.form,
    state: row.state === 'parked' || row.state === 'delivered' ? row.state : 'waiting',
    attempts: row.attempts,
    acceptedAt: row.accepted_at,
    ...(row.due_at !== null && { dueAt: row.due_at }),
    ...(row.settled_at !== null && { settledAt: row.settled_at }),
    // A refused part that waits again is not delivered: whose it is stays for when it is settled.
    ...(row.lead_id !== null && row.settled_at !== null && { leadId: row.lead_id }),
    ...(row.reason !== null && { reason: row.reason }),
    history: tries(row.history),
    rejectedAttributes: names(row.refused),
    staleAttributes: names(row.superseded),
    notes: names(row.notes),
    ...(row.lead !== null && { lead: JSON.parse(row.lead) as Lead }),
  }
}
