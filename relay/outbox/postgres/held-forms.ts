/** The rows of forms whose new leads are held; see `../held-forms.ts`. They belong to no account. */
import type { FormHold, HeldForm } from '../held-forms.ts'
import type { Database, Row } from './database.ts'

/** Begins to hold the leads of a form, or ends it; see the port. A second beginning keeps the time of the first. */
export async function holdForm(
  { run }: Pick<Database, 'run'>,
  form: string,
  hold: FormHold | undefined,
  now: number,
): Promise<boolean> {
  if (!hold) return (await run('DELETE FROM form_sync_held_form WHERE form = $1 RETURNING form', form)).length > 0
  const { by, reason } = hold
  await run(
    `INSERT INTO form_sync_held_form (form, reason, held_by, held_since) VALUES ($1, $2, $3, $4)
     ON CONFLICT (form) DO UPDATE SET reason = excluded.reason, held_by = excluded.held_by`,
    form,
    reason,
    by,
    now,
  )
  return true
}

/** Reads the forms, by name. */
export async function readHeldForms({ run }: Pick<Database, 'run'>): Promise<HeldForm[]> {
  const rows = await run<HeldForm & Row>(
    'SELECT form, held_by AS by, reason, held_since AS since FROM form_sync_held_form ORDER BY form COLLATE "C"',
  )
  return rows.map((row) => ({ ...row }))
}
