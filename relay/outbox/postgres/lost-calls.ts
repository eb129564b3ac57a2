/** Calls without an answer: no lead of their people is leased before they must be over. The rules are in `../lost-calls.ts`. */
import type { AccountState } from '../account-state.ts'
import { stillLost, type LostCall } from '../lost-calls.ts'
import type { AccountTransaction } from './database.ts'
import { lockPeople } from './ordering.ts'

/**
 * Delays the next jobs of these people, within a transaction that leases. None is added meanwhile. Returns the state without the
 * calls that are over.
 */
export function delayLost(sql: AccountTransaction, state: AccountState, now: number): AccountState {
  const lost = stillLost(state.lost, now)
  if (lost) delayJobs(sql, lost)
  return lost === state.lost ? state : { ...state, lost }
}

function delayJobs(sql: AccountTransaction, lost: readonly LostCall[]): void {
  const people = lost.flatMap((call) => call.people ?? [])
  const ends = lost.flatMap(({ people = [], leaseExpiresAt }) => people.map(() => leaseExpiresAt))
  lockPeople(sql, people)
  sql.send(DELAY, sql.account, people, ends)
}

const DELAY = `WITH lost AS MATERIALIZED (
    SELECT of.person_key, max(of.lease_end) AS lease_end
    FROM unnest($2::text[], $3::bigint[]) AS of (person_key, lease_end) GROUP BY of.person_key
  )
  UPDATE form_sync_job AS job SET due_at = lost.lease_end, turn = NULL FROM lost
  WHERE job.account = $1 AND job.person_key = lost.person_key AND job.state = 'ready' AND job.batch IS NULL
    AND job.due_at < lost.lease_end`
