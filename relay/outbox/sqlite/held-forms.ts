/** The rows of forms whose new leads are held; see `../held-forms.ts`. They belong to no account. */
import type { FormHold, HeldForm } from '../held-forms.ts'
import type { Row, Sql } from './database.ts'

/** Begins to hold the leads of a form, or ends it; see the port. A second beginning keeps the time of the first. */
export function holdForm(sql: Sql, form: string, hold: FormHold | undefined, now: number): boolean {
  if (!hold) return sql.write('DELETE FROM held_form WHERE form = ?', form)
  const { by, reason } = hold
  return sql.write(
    `INSERT INTO held_form (form, reason, held_by, held_since) VALUES (?, ?, ?, ?)
     ON CONFLICT (form) DO UPDATE SET reason = excluded.reason, held_by = excluded.held_by`,
    form,
    reason,
    by,
    now,
  )
}

/** Reads the forms, by name. */
export function readHeldForms(sql: Pick<Sql, 'run'>): HeldForm[] {
  return sql
    .run<HeldForm & Row>('SELECT form, held_by AS "by", reason, held_since AS since FROM held_form ORDER BY form')
    .map((row) => ({ ...row }))
}
