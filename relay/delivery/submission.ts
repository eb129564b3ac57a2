/**
 * Leads that fill out a Marketo form. A call for them is not repeatable: each one is another activity of the person. Pure.
 */
import type { Lead } from '../intake/lead.ts'
import type { Job, Outcome } from '../outbox/outbox.ts'
import { TWICE_NOTE } from '../outbox/unanswered.ts'
import type { Verdict } from './transport.ts'

/** Number of attempts without an answer after which a person decides, where no receipt tells whether they arrived. */
const MAX_UNANSWERED = 2

/** Returns the lead as it is sent: with its id in the attribute of its receipt. */
export function withReceipt(lead: Lead): Lead {
  const { id, receipt, attributes } = lead
  return receipt === undefined ? lead : { ...lead, attributes: [...attributes, { name: receipt, value: id }] }
}

/** Returns the verdict on a job that is not sent once more; undefined for one that is. */
export function refuseRepetition({ lead, unanswered = 0 }: Job): Verdict | undefined {
  if (lead.receipt !== undefined || unanswered < MAX_UNANSWERED) return undefined
  const reason = `${unanswered} attempts got no answer, and each may have filled out the Marketo form ${lead.marketoForm}`
  return { kind: 'park', reason: `${reason}: look at the person in Marketo, then replay` }
}

/** Returns whether the attempt may have filled out a Marketo form. */
export function isUnanswered(verdict: Verdict, { marketoForm }: Lead): boolean {
  return marketoForm !== undefined && verdict.kind === 'failed' && verdict.arrived === 'maybe'
}

/** Returns the notes on a lead that is delivered now: it may have been before, or was without some attributes. Empty without one. */
export function noteOf({ lead, unanswered }: Job, outcome: Outcome): string {
  const twice = unanswered !== undefined && lead.receipt === undefined && TWICE_NOTE
  return [twice, outcome.kind === 'delivered' && outcome.note].filter(Boolean).join('; ')
}
