/**
 * What a call came to → a verdict for each lead in it. Pure: the only place where SOAP and HTTP become one of a few.
 *
 * No branch takes anything but a recognised status of a lead's own for a success.
 */
import type { Lead } from '../../intake/lead.ts'
import type { Verdict } from '../../delivery/transport.ts'
import { redact } from './redact.ts'
import { parseUnknownNames, selectAttributes } from './unknown-attributes.ts'
import { explain, classifyFailure, sentence } from './classify-failure.ts'
import { DOUBTFUL, isOfALead } from './fault-codes.ts'
import type { SyncStatus } from './operations/sync-lead.ts'
import type { CallResult, Failure } from './call-result.ts'

/** "Lead Attribute Bad": the one fault that says whose it is. */
const UNKNOWN_ATTRIBUTES = '20105'

/**
 * @param outcome with a status for each lead, in their order
 * @param host who was asked, for the operator
 */
export function toVerdicts(
  outcome: CallResult<SyncStatus | readonly SyncStatus[]>,
  leads: readonly Lead[],
  host: string,
): Verdict[] {
  if (outcome.kind !== 'done') return failureVerdicts(outcome, leads, host)
  const statuses = [outcome.result].flat()
  return leads.map((lead, at) => statusVerdict(statuses[at], lead))
}

/** By this lead's own status alone, whatever became of the others. */
function statusVerdict(own: SyncStatus | undefined, lead: Lead): Verdict {
  const { status, leadId, error } = own ?? { status: '', leadId: null, error: null }
  if (status === 'CREATED' || status === 'UPDATED') {
    return leadId === null ? { kind: 'retry', reason: `${status} without a lead id` } : { kind: 'sent', leadId }
  }
  const known = status === 'FAILED' ? status : `unknown status ${redact(status, lead)}`
  return { ...DOUBTFUL, reason: sentence(known, redact(error ?? '', lead)) }
}

function failureVerdicts(failure: Failure, leads: readonly Lead[], host: string): Verdict[] {
  return attributeVerdicts(failure, leads, host) ?? callVerdicts(failure, leads, host)
}

/** Undefined when no lead has an attribute that the failure names. */
function attributeVerdicts(failure: Failure, leads: readonly Lead[], host: string): Verdict[] | undefined {
  if (failure.kind !== 'fault' || failure.fault.code !== UNKNOWN_ATTRIBUTES) return undefined
  const names = parseUnknownNames(failure.fault.message)
  const named = leads.map((lead) => selectAttributes(names, lead))
  if (named.every(({ length }) => length === 0)) return undefined
  return named.map((attributes) =>
    attributes.length > 0
      ? { kind: 'refused', attributes, reason: explain(failure, host, attributes.join(', ')) }
      : { kind: 'again', reason: `${explain(failure, host)} (in another lead of the call)` },
  )
}

/** The same for each lead. Marketo's words are told for one that went alone: of several, they may speak of any. */
function callVerdicts(failure: Failure, leads: readonly Lead[], host: string): Verdict[] {
  const fate = classifyFailure(failure)
  const [lead, ...others] = leads
  const alone = others.length === 0 ? lead : undefined
  const reason = explain(failure, host, alone && wordsOf(failure, alone))
  const verdict: Verdict = !alone && isOfALead(fate) ? { kind: 'again', apart: true, reason } : { ...fate, reason }
  return leads.map(() => verdict)
}

/** Of a message that lists names, none is told that is not in the lead. */
function wordsOf(failure: Failure, lead: Lead): string {
  if (failure.kind !== 'fault' || failure.fault.code === UNKNOWN_ATTRIBUTES) return ''
  return redact(failure.fault.message, lead)
}
