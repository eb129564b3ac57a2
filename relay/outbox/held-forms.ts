/**
 * Forms whose new leads are all held, until an operator ends it: the switch against a flood. Pure, and the same for every
 * database.
 *
 * The switch is stored without an account, because a form may change its account. It is read in the transaction that adds
 * leads, so that it works at once for every relay on the database.
 */
import type { Lead } from '../intake/lead.ts'

/** Who has all new leads of a form held, and why. */
export interface FormHold {
  by: string
  /** Contains no personal data. */
  reason: string
}

/** A form whose new leads are held. */
export interface HeldForm extends FormHold {
  form: string
  /** Time since which they are held, in epoch ms. */
  since: number
}

/** The beginning of the reason of each lead that is held with all of its form, before the operator's reason. */
export const FORM_HOLD_REASON = 'all leads of the form are held: '

/**
 * Returns why a lead is held: for a reason of its own, or with all leads of its form; undefined when it is not.
 *
 * @param reasons the operators' reasons by form
 */
export function holdOf(
  { form, hold }: Pick<Lead, 'form' | 'hold'>,
  reasons: ReadonlyMap<string, string>,
): string | undefined {
  const reason = reasons.get(form)
  return hold ?? (reason === undefined ? undefined : FORM_HOLD_REASON + reason)
}
