/** The rows of the audit log; see `../acts.ts`. They belong to no account. */
import { ACT_COLUMNS, actOf, actsKeptSince, type Act, type ActRow, type StoredAct } from '../acts.ts'
import type { Database } from './database.ts'

type Reader = Pick<Database, 'run'>

/** Stores an act, and resolves with its number; see the port. */
export async function beginAct(
  { run }: Reader,
  act: Omit<Act, 'person'>,
  personKey: string | null,
  now: number,
): Promise<number> {
  const [row] = await run<{ id: number }>(
    `WITH removed AS (DELETE FROM form_sync_act WHERE at < $1)
     INSERT INTO form_sync_act (at, kind, operator, via, selector, reason, person_key)
     VALUES ($2, $3, $4, $5, $6, $7, $8) RETURNING id`,
    actsKeptSince(now),
    now,
    act.kind,
    act.by,
    act.via,
    act.selector,
    act.reason ?? null,
    personKey,
  )
  return row!.id
}

/** Stores the number of leads of an act. */
export async function endAct({ run }: Reader, id: number, leads: number): Promise<void> {
  await run('UPDATE form_sync_act SET leads = $1 WHERE id = $2', leads, id)
}

/** Reads acts, the latest first. */
export async function listActs({ run }: Reader, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<StoredAct[]> {
  const statement = `SELECT ${ACT_COLUMNS} FROM form_sync_act WHERE id < $1 ORDER BY id DESC LIMIT $2`
  return (await run<ActRow>(statement, before, limit)).map(actOf)
}
