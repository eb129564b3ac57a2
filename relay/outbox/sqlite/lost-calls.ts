/** Calls without an answer: no lead of their people is leased before they must be over. The rules are in `../lost-calls.ts`. */
import type { AccountState } from '../account-state.ts'
import { stillLost } from '../lost-calls.ts'
import type { AccountSql } from './database.ts'

/** Delays the next jobs of these people, within a transaction. Returns the state without the calls that are over. */
export function delayLost(sql: AccountSql, state: AccountState, now: number): AccountState {
  const lost = stillLost(state.lost, now)
  for (const { leaseExpiresAt, people = [] } of lost ?? []) {
    sql.run(DELAY, sql.account, leaseExpiresAt, JSON.stringify(people))
  }
  return lost === state.lost ? state : { ...state, lost }
}

const DELAY = `UPDATE job SET due_at = ?2, turn = NULL
  WHERE account = ?1 AND state = 'ready' AND batch IS NULL AND due_at < ?2
    AND person_key IN (SELECT value FROM json_each(?3))`
