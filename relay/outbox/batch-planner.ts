/**
 * The batch planner: which due jobs go in one call. Pure, and the same for every database.
 *
 * It compares batch keys and never reads them: a transport gives the same key to leads that may share a call, and none
 * to a lead that needs a call of its own.
 */
import type { Lead } from '../intake/lead.ts'
import type { JobRow } from './job-row.ts'

/** Maximum length of the leads in one call, in characters of JSON. A gateway may take no more than a megabyte. */
const MAX_BATCH_LENGTH = 500_000

/** The part of a job that the planner reads. */
export type Candidate = Pick<JobRow, 'seq' | 'due_at' | 'batch_key' | 'max_batch_size' | 'lead'>

/** Rules of a transport for sharing calls. */
export interface BatchKeys {
  /** Name of the transport. Stored keys are computed again when it changes. */
  readonly name: string
  /** Returns the key that leads of one call have in common, or null for a lead that needs a call of its own. */
  batchKey(lead: Lead): string | null
}

/** Returns the job that is due longest. */
export function firstDue<Row extends Candidate>(rows: readonly Row[]): Row | undefined {
  return rows.toSorted((a, b) => a.due_at! - b.due_at! || a.seq - b.seq)[0]
}

/** Returns how many jobs may go in a batch that `first` leads. */
export function batchLimit(first: Candidate, maxJobs: number): number {
  return first.batch_key === null ? 1 : Math.min(maxJobs, first.max_batch_size ?? maxJobs)
}

/**
 * Returns the jobs that go together. It ends at the first one that does not fit, so that a large lead is not overtaken
 * for ever.
 *
 * @param rows due jobs with the batch key of the first, in the order in which they are due
 */
export function fillBatch<Row extends Candidate>(rows: readonly Row[], maxJobs: number): Row[] {
  const jobs: Row[] = []
  let length = 0
  let limit = maxJobs
  for (const row of rows) {
    length += row.lead?.length ?? 0
    limit = batchLimit(row, limit)
    if (jobs.length > 0 && (jobs.length >= limit || length > MAX_BATCH_LENGTH)) break
    jobs.push(row)
  }
  return jobs
}
