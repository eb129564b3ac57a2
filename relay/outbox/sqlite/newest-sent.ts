/** Stores and reads what newer leads have sent; see `../newest-sent.ts`. */
import type { JobRow } from '../job-row.ts'
import { sentKeysOf, sentNames, withStale, type SentName } from '../newest-sent.ts'
import type { AccountSql } from './database.ts'

const LISTED_OF = {
  person: `person_key = ?2 AND state IN ('held', 'parked')`,
  visitor: `visitor_key = ?2 AND state IN ('held', 'parked') AND state <> 'delivered'`,
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

/** Removes what was stored for the person and the visitor of a job, once no lead of them is held or parked. */
export function removeSent(sql: AccountSql, { person_key: person, visitor_key: visitor }: JobRow): void {
  for (const key of [person, visitor]) {
    if (key === null) continue
    sql.run(
      `DELETE FROM newest_sent WHERE account = ?1 AND key = ?2
         AND NOT EXISTS (SELECT 1 FROM job WHERE account = ?1 AND ${LISTED_OF.person})
         AND NOT EXISTS (SELECT 1 FROM job WHERE account = ?1 AND ${LISTED_OF.visitor})`,
      sql.account,
      key,
    )
  }
}

/** Returns the jobs with all of their stale attributes. */
export function readStale(sql: AccountSql, jobs: readonly JobRow[]): JobRow[] {
  const keys = new Set(jobs.flatMap(sentKeysOf))
  if (keys.size === 0) return [...jobs]
  const sent = sql.run<SentName>(
    `SELECT key, name, newest FROM newest_sent
     WHERE account = ? AND key IN (SELECT value FROM json_each(?)) ORDER BY id`,
    sql.account,
    JSON.stringify([...keys]),
  )
  const byKey = Map.groupBy(sent, ({ key }) => key)
  return jobs.map((job) =>
    withStale(
      job,
      sentKeysOf(job).flatMap((key) => byKey.get(key) ?? []),
    ),
  )
}
