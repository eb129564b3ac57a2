/**
 * The rule by which a lead that fails by itself lets later leads of its person go first. Pure.
 *
 * A job has stepped aside when its next attempt is due long after its failures began. Its row alone decides that, not the
 * time of a look at it: no job waits for the moment at which another one steps aside. It ends when the job is leased,
 * delivered, parked or replayed, or keeps its place because the account failed.
 */
import type { JobRow } from './job-row.ts'

/** Maximum time for which a failing lead holds up later leads of its person: from its first failure to its next attempt. */
export const STEP_ASIDE_AFTER_MS = 3 * 60_000

/** Condition that a waiting job has stepped aside, in SQL. */
export const IS_ASIDE = `(batch IS NULL AND due_at >= failing_since + ${STEP_ASIDE_AFTER_MS}) IS TRUE`

/**
 * Returns until when Marketo may still be processing the attempt that was settled, as far as its due time tells; 0 when
 * the attempt is over. A lost reply makes its job due no sooner than the lease ends.
 *
 * @param leased the job before it was settled: its due time is the end of the lease
 */
export function underWayUntil(leased: JobRow, settled: JobRow): number {
  const leaseEnd = leased.due_at ?? 0
  return (settled.due_at ?? 0) >= leaseEnd ? leaseEnd : 0
}
