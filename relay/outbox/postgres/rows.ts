/** Rows as PostgreSQL keeps them, and as the rest of the outbox knows them. */
import type { JobRow } from '../job-row.ts'
import { JOB as COMMON } from '../job-row.ts'
import { restored } from './text.ts'

/** A job, and the line of its person: a 64-bit number, more than a JavaScript number holds. */
export interface LineRow extends JobRow {
  line: string | null
}

/** All columns, for a SELECT. */
export const JOB = `${COMMON}, line::text AS line`

/** Text from outside as it came. */
export function read(row: LineRow): LineRow {
  return {
    ...row,
    id: restored(row.id),
    form: restored(row.form),
    person: row.person === null ? null : restored(row.person),
    reason: row.reason === null ? null : restored(row.reason),
  }
}
