/** Says what to change so that leads like those that were released pass from now on: a release alone teaches nothing. Pure. */
import { FORM_HOLD_REASON } from '../outbox/held-forms.ts'
import type { HeldLead } from './held-leads.ts'

/** Leads of a form that were held for one cause. */
export interface ReleaseAdvice {
  form: string
  /** Name of the rule; absent where an operator holds all leads of the form. */
  rule?: string
  leads: number
  /** The change of the forms file, or the command. */
  change: string
}

/** Returns the advice for released leads, by form and rule, the most frequent first. */
export function adviseAfterRelease(leads: readonly Pick<HeldLead, 'form' | 'reason' | 'rules'>[]): ReleaseAdvice[] {
  const found = leads.flatMap(({ form, ...lead }) => causesOf(lead).map((rule) => ({ form, rule })))
  return [...Map.groupBy(found, ({ form, rule }) => `${form} ${rule}`).values()]
    .map((same): ReleaseAdvice => {
      const { form, rule } = same[0]!
      if (rule === undefined) return { form, leads: same.length, change: `form-sync hold ${form} --off` }
      return { form, rule, leads: same.length, change: `"${form}": { "rules": { "${rule}": "watch" } }` }
    })
    .toSorted((a, b) => b.leads - a.leads)
}

/** Returns the rules that have held a lead; undefined for that of an operator. Rules that only watched are none. */
function causesOf({ reason = '', rules }: Pick<HeldLead, 'reason' | 'rules'>): (string | undefined)[] {
  if (reason.startsWith(FORM_HOLD_REASON)) return [undefined]
  const [, sampled] = /^sample of what the rule (\S+) drops$/.exec(reason) ?? []
  if (sampled !== undefined) return [sampled]
  const named = new Set(reason.split('; ').map((part) => part.split(':', 1)[0]))
  return rules.filter((rule) => named.has(rule))
}
