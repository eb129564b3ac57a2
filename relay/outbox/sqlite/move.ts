/** Moves jobs to and from the databases of other accounts; see `../move-between.ts`. */
import { FIRST_ACCOUNT } from '../../account-name.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { addedKeysOf, type AddedKeys, type ReusedId } from '../content-key.ts'
import { accountOfToday, type LeadEdit } from '../edit.ts'
import { leadOf, parseNames } from '../job-row.ts'
import { REPLAY_SOURCE } from '../source-turn.ts'
import { leaseOf, LIMITS } from '../limits/limits.ts'
import type { JobMoves, MovedJob } from '../move-between.ts'
import type { MoveJob } from '../move-job.ts'
import type { OutboxOptions } from '../options.ts'
import { replayJob } from '../transitions.ts'
import { storeLeads } from './add.ts'
import { addCounts, readState, writeState } from './control.ts'
import { accountSql } from './account-sql.ts'
import type { AccountSql, Sql } from './database.ts'
import { readStale, removeSent } from './newest-sent.ts'
import { openTables } from './schema.ts'
import { readById } from './settle.ts'

/** Opens the part of an account's outbox by which jobs leave for other databases and arrive from them. */
export async function createSqliteMoves(
  database: Sql,
  { batchKeys, crypto, dataKeys, limits = LIMITS, account = FIRST_ACCOUNT, onReusedId, upgrade }: OutboxOptions,
): Promise<JobMoves> {
  const { secret, sealing } = await openTables(database, crypto, upgrade, dataKeys)
  const digest = crypto.keyedDigest(secret)
  const sql = accountSql(database, account, sealing)
  return {
    departing: async (ids, edit, moveJob, now) => departing(sql, ids, edit, moveJob, now),
    async receive(jobs, now) {
      const leads = jobs.map(({ lead }) => lead)
      const keys = await addedKeysOf(leads, account, digest)
      const reused = sql.transaction(() => receive(sql, batchKeys, jobs, keys, now, now + leaseOf(limits)))
      if (onReusedId) reused.forEach(onReusedId)
    },
    release: async (ids) => sql.transaction(() => release(sql, ids)),
  }
}

/** Returns the jobs that a replay moves, as their new accounts have them. */
function departing(sql: AccountSql, ids: readonly string[], edit: LeadEdit, moveJob: MoveJob, now: number): MovedJob[] {
  return ids.flatMap((id): MovedJob[] => {
    const [job] = readStale(sql, readById(sql, id))
    const replayed = replayJob(job, id, edit, null, now)
    if ('result' in replayed || !job) return []
    const account = accountOfToday(edit, job.form, sql.account)
    const moved = account === sql.account ? undefined : moveJob(replayed, edit, sql.account, account)
    if (!moved) return []
    const { attempts, history, reason, rules } = moved
    const lead = {
      ...leadOf(moved),
      notes: parseNames(moved.notes),
      ...(rules !== null && { rules: rules.split(',') }),
    }
    return [{ id, account, lead, attempts, history, reason }]
  })
}

/**
 * Stores jobs of another account, within a transaction. Returns those whose ids were used before with another content.
 *
 * @param leaseEnd when a lease would expire that began now
 */
function receive(
  sql: AccountSql,
  batchKeys: BatchKeys,
  jobs: readonly MovedJob[],
  keys: readonly AddedKeys[],
  now: number,
  leaseEnd: number,
): ReusedId[] {
  const all = jobs.flatMap(({ lead, attempts, history, reason }, at) => {
    const { stored, reused } = storeLeads(sql, batchKeys, [lead], [keys[at]!], now, leaseEnd)
    for (const { id, form } of stored) {
      const change = 'UPDATE job SET attempts = ?, history = ?, reason = ?, source = ? WHERE id = ?'
      const row = { id, history, reason }
      const own = sql.sealing ? sql.sealing.sealJob(row, sql.account) : row
      sql.run(change, attempts, own.history, own.reason, REPLAY_SOURCE, id)
      addCounts(sql, [{ form, add: { waiting: 1, reused_total: reused.length } }])
    }
    return reused
  })
  // They are to be examined, whatever their numbers are.
  const { pressure, ...state } = readState(sql)
  if (pressure) writeState(sql, state)
  return all
}

/** Removes held and parked jobs, within a transaction. */
function release(sql: AccountSql, ids: readonly string[]): void {
  for (const job of ids.flatMap((id) => readById(sql, id))) {
    if (job.state !== 'parked' && job.state !== 'held') continue
    sql.run('DELETE FROM job WHERE seq = ?', job.seq)
    addCounts(sql, [{ form: job.form, add: { [job.state]: -1 } }])
    removeSent(sql, [job])
  }
}
