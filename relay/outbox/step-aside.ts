/**
 * The rule by which a lead that fails by itself lets later leads of its person go first. Pure.
 *
 * A job has stepped aside when its next attempt is due long after its failures began. Its row alone decides that, not the
 * time of a look at it: no job waits for the moment at which another one steps aside. It ends when the job is leased,
 * delivered, parked or replayed, or keeps its place because the account failed.
 *
 * A job with weak evidence that shares calls has stepped aside whenever it is not leased, because such calls are bounded. It
 * passes no job of its person itself.
 */
import type { JobRow } from './job-row.ts'
import type { Settlement } from './outbox.ts'
import { HAS_WEAK_KEY } from './weak-key.ts'

/** Maximum time for which a failing lead holds up later leads of its person: from its first failure to its next attempt. */
export const STEP_ASIDE_AFTER_MS = 3 * 60_000

/** Condition that a waiting job has stepped aside, in SQL. */
export const IS_ASIDE = `(batch IS NULL AND (due_at >= failing_since + ${STEP_ASIDE_AFTER_MS} OR ${HAS_WEAK_KEY})) IS TRUE`

/**
 * Returns until when Marketo may still be processing each attempt that was settled, as far as due times and settlements
 * tell; 0 when it is over.
 *
 * @param leased the jobs before they were settled: their due times are the end of the lease
 * @param changed the jobs that the settlements have changed
 */
export function underWayUntil(
  leased: readonly JobRow[],
  changed: readonly JobRow[],
  settlements: readonly Settlement[],
): number[] {
  const settled = new Map(changed.map((row) => [row.seq, row]))
  const lost = new Map<string, number>(settlements.flatMap((each) => (each.lost ? [[each.id, each.lost]] : [])))
  return leased.map((job) => {
    const leaseEnd = job.due_at ?? 0
    const dueAt = (settled.get(job.seq) ?? job).due_at ?? 0
    return lost.get(job.id) ?? (dueAt >= leaseEnd ? leaseEnd : 0)
  })
}
