/** The rows of owed cookies: reads and writes them. It decides nothing. All but additions and sweeps lock the control row first. */
import { owedBatchOf, type AccountState } from '../account-state.ts'
import type { JobRow } from '../job-row.ts'
import type { Batch, Settlement } from '../outbox.ts'
import { OWED_COLUMNS, OWED_FIELDS, owedJobOf, type OwedChanges, type OwedRow } from '../owed.ts'
import { addCounts, forgetExpired } from './control.ts'
import type { AccountTransaction, Value } from './database.ts'

const SELECT = `SELECT ${OWED_FIELDS} FROM form_sync_owed AS owed JOIN form_sync_job AS job USING (seq)`

/**
 * Reads the owed cookie of the newest lead that is due. The time is no condition of an index here: PostgreSQL might sort
 * all that are due.
 */
export async function newestOwed(sql: AccountTransaction, now: number): Promise<OwedRow | undefined> {
  const [row] = await sql.run<OwedRow>(
    `${SELECT} WHERE owed.seq = (SELECT seq FROM form_sync_owed WHERE account = $1 AND due_at + 0 <= $2
       ORDER BY account DESC, seq DESC LIMIT 1)`,
    sql.account,
    now,
  )
  return row
}

/** Leases an owed cookie. */
export async function leaseOwed(
  sql: AccountTransaction,
  state: AccountState,
  row: OwedRow,
  leaseExpiresAt: number,
  now: number,
): Promise<Batch> {
  forgetExpired(sql, now)
  const [started] = await sql.run<{ id: number }>(
    `WITH started AS (
       INSERT INTO form_sync_batch (account, claimed_at, lease_expires_at, jobs) VALUES ($1, $2, $3, 0) RETURNING id
     ), leased AS (
       UPDATE form_sync_owed SET due_at = $3, batch = started.id, attempts = attempts + 1
       FROM started WHERE seq = $4
     )
     SELECT id FROM started`,
    sql.account,
    now,
    leaseExpiresAt,
    row.seq,
  )
  return owedBatchOf(started!.id, leaseExpiresAt, owedJobOf(row, state.deliveredAt), state)
}

/** Reads the owed cookie that a settlement is about, if it is leased for that attempt. */
export async function leasedOwed(
  sql: AccountTransaction,
  batch: number,
  { id, attempt }: Settlement,
): Promise<OwedRow | undefined> {
  const condition = 'job.id = $1 AND job.account = $2 AND owed.attempts = $3 AND owed.batch = $4'
  return (await sql.run<OwedRow>(`${SELECT} WHERE ${condition}`, id, sql.account, attempt, batch))[0]
}

/** Returns those of the visitors whose cookie is out in a call of its own. */
export async function owedOut(
  sql: AccountTransaction,
  rows: readonly JobRow[],
  now: number,
): Promise<ReadonlySet<string>> {
  const visitors = rows.flatMap(({ visitor_key: visitor }) => visitor ?? [])
  if (visitors.length === 0) return new Set()
  const out = await sql.run<{ visitor_key: string }>(
    `SELECT visitor_key FROM form_sync_owed
     WHERE account = $1 AND visitor_key = ANY($2::text[]) AND batch IS NOT NULL AND due_at > $3`,
    sql.account,
    visitors,
    now,
  )
  return new Set(out.map((row) => row.visitor_key))
}

/** Makes what visitors owe wait for the calls of leads, which may be newer. An expired lease of it ends here. */
export function delayOwed(sql: AccountTransaction, visitors: readonly string[], until: number, now: number): void {
  if (visitors.length === 0) return
  sql.send(
    `UPDATE form_sync_owed SET due_at = greatest(due_at, $3), batch = NULL
     WHERE account = $1 AND visitor_key = ANY($2::text[]) AND (batch IS NULL OR due_at <= $4)`,
    sql.account,
    visitors,
    until,
    now,
  )
}

/** Reads what visitors owe. */
export function owedOf(sql: AccountTransaction, visitors: readonly string[]): Promise<OwedRow[]> {
  return sql.run<OwedRow>(
    `${SELECT} WHERE owed.account = $1 AND owed.visitor_key = ANY($2::text[])`,
    sql.account,
    visitors,
  )
}

function typeOf(column: string): string {
  if (column === 'attempts' || column === 'failures') return 'integer'
  return /^(seq|batch)$|_(at|since|id)$/.test(column) ? 'bigint' : 'text'
}

const WRITE = `INSERT INTO form_sync_owed (account, ${OWED_COLUMNS.join(', ')})
  SELECT $1, ${OWED_COLUMNS.join(', ')}
  FROM unnest(${OWED_COLUMNS.map((name, at) => `$${at + 2}::${typeOf(name)}[]`).join(', ')})
    AS new (${OWED_COLUMNS.join(', ')})
  ON CONFLICT (seq) DO UPDATE SET ${OWED_COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ')}`

/** Writes changes. */
export function writeOwed(sql: AccountTransaction, { removed, written, notes, counts }: OwedChanges): void {
  if (removed.length > 0) {
    sql.send(
      'DELETE FROM form_sync_owed WHERE seq = ANY($1::bigint[])',
      removed.map(({ seq }) => seq),
    )
  }
  if (written.length > 0) {
    const { account, sealing } = sql
    const rows = sealing ? written.map((row) => sealing.sealOwed(row, account)) : written
    sql.send(WRITE, account, ...OWED_COLUMNS.map((name): Value => rows.map((row) => row[name] ?? null)))
  }
  if (notes.length > 0) {
    sql.send(
      `UPDATE form_sync_job AS job SET notes = new.notes FROM unnest($1::bigint[], $2::text[]) AS new (seq, notes)
       WHERE job.seq = new.seq`,
      notes.map(({ seq }) => seq),
      notes.map((row) => row.notes),
    )
  }
  addCounts(sql, counts)
}
