/** The visitor that a job belongs to, as far as its cookie counts. Pure. */
import { parseNames, type JobRow } from './job-row.ts'
import { FOLLOWING_COOKIE, UNSENT_COOKIE } from './unsent-cookie.ts'

/** Returns the visitor whose cookie is sent with a job that waits, or follows it; null when none is. */
export function sentVisitor(job: Pick<JobRow, 'visitor_key' | 'rejected' | 'stale'>): string | null {
  const isUnsent = [job.rejected, job.stale].some((names) => parseNames(names).includes(UNSENT_COOKIE))
  return isUnsent ? null : job.visitor_key
}

/** Returns the visitors whose cookies a call takes along, given its jobs as they are leased. */
export function takenVisitors(rows: readonly JobRow[]): string[] {
  return rows.flatMap((row) => (row.stale.includes(FOLLOWING_COOKIE) ? [] : (sentVisitor(row) ?? [])))
}
