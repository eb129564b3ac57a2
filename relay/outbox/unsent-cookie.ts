/** The cookie of a job among its attributes that are not sent: rejected by Marketo, or stale. Pure. */
import { parseNames, type JobRow } from './job-row.ts'

/** Stands for the cookie in a list of rejected or of stale attributes. No attribute has a name with a space. */
export const UNSENT_COOKIE = 'Munchkin cookie'

/** Returns the visitor whose cookie is sent with a job that waits; null when none is. */
export function sentVisitor(job: Pick<JobRow, 'visitor_key' | 'rejected' | 'stale'>): string | null {
  const isUnsent = [job.rejected, job.stale].some((names) => parseNames(names).includes(UNSENT_COOKIE))
  return isUnsent ? null : job.visitor_key
}

/** Notes on a lead that was delivered without its cookie. */
export const COOKIE_NOTE = 'cookie left out: Marketo refused the lead with it'
export const STALE_COOKIE_NOTE = 'cookie left out: a later lead of the same visitor was delivered with it'
