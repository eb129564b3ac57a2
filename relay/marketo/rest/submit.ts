/** Submit Form: a lead as a submission of a Marketo form, and the verdict on it. Pure. */
import type { Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL } from '../failure-class.ts'
import { toSoapName } from '../names.ts'
import type { CallResult } from './call.ts'
import { isObject } from './exchange.ts'
import { fieldsIn } from './find.ts'
import { recordOf } from './record.ts'
import { reasonsOf, rejected, syncVerdicts } from './verdicts.ts'

/** Writes the body of a call, without what is null: Marketo would refuse the submission. */
export function writeSubmission(lead: Lead): string {
  const { marketoForm: formId, program: programId, visit: visitorData, cookie } = lead
  const body = { formId, programId, input: [{ leadFormFields: recordOf(lead), visitorData, cookie }] }
  return JSON.stringify(body, (_, value: unknown) => value ?? undefined)
}

/** Returns the verdict on a submission. */
export function submitVerdict(outcome: CallResult, lead: Lead, host: string): Verdict {
  const { form, marketoForm } = lead
  if (outcome.kind === 'error' && outcome.error.code === '609') {
    const advice = `approve it, or change "marketoForm" of the form ${form}, then replay`
    return { kind: 'park', reason: `Marketo has no approved form ${marketoForm}: ${advice}` }
  }
  const verdict = syncVerdicts(outcome, [lead], host)[0]!
  // A second submission would be another activity.
  const mayBeDone = outcome.kind === 'done' && refusalIn(outcome) === undefined
  const isRepeated = verdict.kind === 'failed' || verdict.kind === 'rejected'
  return mayBeDone && isRepeated ? { ...DOUBTFUL, arrived: 'maybe', reason: verdict.reason } : verdict
}

/** Returns whether an answer says that nothing was written, and whether it says why. */
export function refusalIn(outcome: CallResult): 'silent' | 'reasoned' | undefined {
  const [entry, ...others] = outcome.kind === 'done' && Array.isArray(outcome.result) ? outcome.result : []
  if (!isObject(entry) || others.length > 0) return undefined
  const hasReason = reasonsOf(entry).length > 0
  if (entry.status === 'skipped') return hasReason ? 'reasoned' : 'silent'
  return hasReason && entry.status === undefined ? 'reasoned' : undefined
}

/** Returns the verdict on a lead that was skipped in silence: as if Marketo had named the fields that its form lacks. */
export function lackingVerdict(outcome: CallResult, fields: unknown, lead: Lead, host: string): Verdict {
  const onForm = fieldsIn(fields)
  const names = ['Email', ...lead.attributes.map(({ name }) => name)]
  const lacking = names.filter((name) => !onForm.has(toSoapName(name).toLowerCase()))
  return lacking.length > 0
    ? rejected([{ code: '1006', message: '' }], lacking, lead)
    : submitVerdict(outcome, lead, host)
}

/** Returns whether several people match the lead at this place of a Sync Leads call. */
export function isAmbiguous(outcome: CallResult, at: number): boolean {
  const entry: unknown = outcome.kind === 'done' && Array.isArray(outcome.result) ? outcome.result[at] : undefined
  return isObject(entry) && reasonsOf(entry).some(({ code }) => code === '1007')
}
