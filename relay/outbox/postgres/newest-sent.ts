/** Stores and reads what newer leads have sent; see `../newest-sent.ts`. */
import type { JobRow } from '../job-row.ts'
import { sentKeysOf, sentNames, withStale, type SentName } from '../newest-sent.ts'
import type { AccountReader, AccountTransaction, Row } from './database.ts'

/** A job that is delivered, and whether an older one of its person or of its visitor is held or parked. */
export interface OlderListed extends Row {
  seq: number
  of_person: number
  of_visitor: number
}

const olderListed = (key: string) => `EXISTS (
  SELECT FROM form_sync_job AS older
  WHERE older.account = $1 AND older.${key} = job.${key} AND older.seq < job.seq
    AND older.state IN ('held', 'parked') AND older.state <> 'delivered')::integer`

/** Reads whether older jobs are held or parked, for the jobs of these leads. */
export function readOlderListed(sql: AccountTransaction, ids: readonly string[]): Promise<OlderListed[]> {
  return sql.run<OlderListed>(
    `SELECT seq, ${olderListed('person_key')} AS of_person, ${olderListed('visitor_key')} AS of_visitor
     FROM form_sync_job AS job WHERE account = $1 AND id = ANY($2::text[])`,
    sql.account,
    ids,
  )
}

/** Stores what leads have sent, where older ones of their persons or visitors are held or parked. */
export function storeSent(sql: AccountTransaction, jobs: readonly JobRow[], listed: readonly OlderListed[]): void {
  const bySeq = new Map(listed.map((row) => [row.seq, row]))
  const sent = jobs.flatMap((job) => {
    const { person, visitor } = sentNames(job)
    const older = bySeq.get(job.seq)
    return [...(older?.of_person === 1 ? person : []), ...(older?.of_visitor === 1 ? visitor : [])]
  })
  if (sent.length === 0) return
  sql.send(
    `INSERT INTO form_sync_newest_sent AS known (account, key, name, newest)
     SELECT $1, key, name, max(newest)
     FROM unnest($2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY AS sent (key, name, newest, place)
     GROUP BY key, name ORDER BY min(place)
     ON CONFLICT (account, key, name) DO UPDATE SET newest = greatest(known.newest, excluded.newest)`,
    sql.account,
    sent.map(({ key }) => key),
    sent.map(({ name }) => name),
    sent.map(({ newest }) => newest),
  )
}

const listedOf = (key: string) => `EXISTS (
  SELECT FROM form_sync_job AS job
  WHERE job.account = $1 AND job.${key} = sent.key AND job.state IN ('held', 'parked') AND job.state <> 'delivered')`

/** Removes what was stored for the persons and the visitors of jobs, once no lead of them is held or parked. */
export function removeSent(sql: AccountTransaction, jobs: readonly Pick<JobRow, 'person_key' | 'visitor_key'>[]): void {
  sql.send(
    `DELETE FROM form_sync_newest_sent AS sent WHERE account = $1 AND key = ANY($2::text[])
       AND NOT ${listedOf('person_key')} AND NOT ${listedOf('visitor_key')}`,
    sql.account,
    jobs.flatMap((job) => [job.person_key, job.visitor_key]).filter((key) => key !== null),
  )
}

/** Returns the jobs with all of their stale attributes. */
export async function readStale(sql: AccountReader, jobs: readonly JobRow[]): Promise<JobRow[]> {
  const keys = [...new Set(jobs.flatMap(sentKeysOf))]
  if (keys.length === 0) return [...jobs]
  const sent = await sql.run<SentName>(
    `SELECT key, name, newest FROM form_sync_newest_sent WHERE account = $1 AND key = ANY($2::text[]) ORDER BY id`,
    sql.account,
    keys,
  )
  const byKey = Map.groupBy(sent, ({ key }) => key)
  return jobs.map((job) =>
    withStale(
      job,
      sentKeysOf(job).flatMap((key) => byKey.get(key) ?? []),
    ),
  )
}
