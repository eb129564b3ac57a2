/** Stores and reads what newer leads have sent; see `../newest-sent.ts`. */
import type { JobRow } from '../job-row.ts'
import { sentKeysOf, sentNames, withStale, type SentName } from '../newest-sent.ts'
import type { AccountSql } from './database.ts'

/** Condition of the indexes of held and parked jobs, as it stands in them. */
export const LISTED = `state IN ('held', 'parked')`

const LISTED_OF = {
  person: `person_key = ?2 AND ${LISTED}`,
  visitor: `visitor_key = ?2 AND ${LISTED} AND state <> 'delivered'`,
}

/** Stores what a lead has sent, if an older one of its person or its visitor is held or parked. */
export function storeSent(sql: AccountSql, job: JobRow): void {
  const sent = sentNames(job)
  for (const kind of ['person', 'visitor'] as const) {
    const [first] = sent[kind]
    if (!first) continue
    const [older] = sql.run(
      `SELECT 1 AS found FROM job WHERE account = ?1 AND ${LISTED_OF[kind]} AND seq < ?3 LIMIT 1`,
      sql.account,
      first.key,
      job.seq,
    )
    if (!older) continue
    for (const { key, name, newest } of sent[kind]) {
      sql.run(
        `INSERT INTO newest_sent (account, key, name, newest) VALUES (?, ?, ?, ?)
         ON CONFLICT (account, key, name) DO UPDATE SET newest = max(newest, excluded.newest)`,
        sql.account,
        key,
        name,
        newest,
      )
    }
  }
}

/** Removes what was stored for the persons and the visitors of jobs, once no lead of them is held or parked. */
export function removeSent(sql: AccountSql, jobs: readonly Pick<JobRow, 'person_key' | 'visitor_key'>[]): void {
  const keys = jobs.flatMap((job) => [job.person_key, job.visitor_key]).filter((key) => key !== null)
  // Of most persons and visitors nothing is stored.
  for (const key of new Set(readSent(sql, keys).map((sent) => sent.key))) {
    sql.run(
      `DELETE FROM newest_sent WHERE account = ?1 AND key = ?2
         AND NOT EXISTS (SELECT 1 FROM job WHERE account = ?1 AND ${LISTED_OF.person})
         AND NOT EXISTS (SELECT 1 FROM job WHERE account = ?1 AND ${LISTED_OF.visitor})`,
      sql.account,
      key,
    )
  }
}

/** Reads what was stored for persons and visitors, in the order in which it was stored first. */
function readSent(sql: AccountSql, keys: readonly string[]): SentName[] {
  if (keys.length === 0) return []
  return sql.run<SentName>(
    `SELECT key, name, newest FROM newest_sent
     WHERE account = ? AND key IN (SELECT value FROM json_each(?)) ORDER BY id`,
    sql.account,
    JSON.stringify(keys),
  )
}

/** Returns the jobs with all of their stale attributes. */
export function readStale(sql: AccountSql, jobs: readonly JobRow[]): JobRow[] {
  const sent = readSent(sql, [...new Set(jobs.flatMap(sentKeysOf))])
  const byKey = Map.groupBy(sent, ({ key }) => key)
  return jobs.map((job) =>
    withStale(
      job,
      sentKeysOf(job).flatMap((key) => byKey.get(key) ?? []),
    ),
  )
}
