/** Parked jobs wait again. */
import type { Lead } from '../../intake/lead.ts'
import { editLead, type LeadEdit } from '../edit.ts'
import type { Replayed } from '../outbox.ts'
import { isBatchable } from '../batching.ts'
import type { Transaction } from './database.ts'
import { holdDesk } from './control-row.ts'
import { JOB, read, type LineRow } from './rows.ts'
import { holdLines, reseat } from './ordering.ts'
import { storable } from './text.ts'

interface Mended {
  row: LineRow
  lead: Lead
}

/** See the port. Within a transaction. */
export async function replay(
  sql: Transaction,
  ids: readonly string[],
  mending: LeadEdit,
  now: number,
): Promise<Replayed[]> {
  const parked = await readParked(sql, ids)
  const mended: Mended[] = []

  const replayed = ids.map((id): Replayed => {
    const row = parked.get(id)
    if (!row) return { id, result: 'unknown' }
    if (row.state !== 'parked' || row.lead === null) return { id, result: 'not-parked' }
    const result = editLead(JSON.parse(row.lead) as Lead, mending)
    if ('taken' in result) return { id, result: 'name-taken', name: result.taken }
    parked.set(id, { ...row, state: 'behind' })
    mended.push({ row, lead: result.lead })
    return { id, result: 'replayed' }
  })

  for (const round of rounds(mended)) {
    sql.send(
      `UPDATE form_sync_job AS job
       SET state = 'behind', due_at = $1, lead = new.lead, sociable = new.sociable, failures = 0, failing_since = NULL,
         share = NULL, refused = '[]', settled_at = NULL
       FROM unnest($2::bigint[], $3::text[], $4::smallint[]) AS new (seq, lead, sociable) WHERE job.seq = new.seq`,
      now,
      round.map(({ row }) => row.seq),
      round.map(({ lead }) => JSON.stringify(lead)),
      round.map(({ lead }) => Number(isBatchable(lead))),
    )
    reseat(
      sql,
      round.map(({ row }) => row.line!),
    )
  }
  return replayed
}

/** So that each finds its place before the next of its line comes. */
function rounds(jobs: readonly Mended[]): Mended[][] {
  const lines = Map.groupBy(jobs, ({ row }) => row.line!)
  const most = Math.max(0, ...[...lines.values()].map(({ length }) => length))
  return Array.from({ length: most }, (_, round) => [...lines.values()].flatMap((line) => line[round] ?? []))
}

/** The jobs of those ids, whatever their state. */
async function readParked(sql: Transaction, ids: readonly string[]): Promise<Map<string, LineRow>> {
  const kept = ids.map(storable)
  const held = holdDesk(sql)
  holdLines(sql, kept)
  const rows = await sql.run<LineRow>(
    `SELECT ${JOB} FROM unnest($1::text[]) AS of (its_id)
     JOIN form_sync_job ON left(id, 500) = left(its_id, 500) AND id = its_id`,
    kept,
  )
  await held
  return new Map(rows.map(read).map((row) => [row.id, row]))
}
