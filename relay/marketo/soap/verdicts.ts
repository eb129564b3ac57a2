/**
 * Turns the result of a call into a verdict for each lead in it. Pure; the only place where SOAP and HTTP become verdicts.
 *
 * Only a recognised status of a lead's own is taken for a success.
 */
import type { Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL, type FailureClass } from '../failure-class.ts'
import { sentence } from '../http-failure.ts'
import type { CallResult, Failure } from './call-result.ts'
import { classifyFailure, explain } from './classify-failure.ts'
import { isCausedByALead, ruleFor } from './fault-codes.ts'
import { isBlank } from './operations/check.ts'
import type { SyncStatus } from './operations/sync-lead.ts'
import { redact } from './redact.ts'
import { parseUnknownNames, parseWords, selectAttributes } from './unknown-attributes.ts'

/** The part of a lead that Marketo gets. */
type SentLead = Pick<Lead, 'email' | 'attributes' | 'cookie' | 'workspace'>

/** "Lead Attribute Bad": the one fault that lists attributes. */
const UNKNOWN_ATTRIBUTES = '20105'

/**
 * "Lead Sync Failed" and "Bad Parameter": faults that Marketo may return when a cookie belongs to a person outside of the
 * target workspace. It documents none for that.
 */
const WORKSPACE_REFUSALS: ReadonlySet<string> = new Set(['20106', '20110'])

/** "Bad Parameter": faults that may name the attribute whose value they refuse. */
const BAD_VALUES: ReadonlySet<string> = new Set(['20110', '20114'])

/**
 * @param outcome with a status for each lead, in their order
 * @param host the host that was called, for the operator
 */
export function toVerdicts(
  outcome: CallResult<SyncStatus | readonly SyncStatus[]>,
  leads: readonly SentLead[],
  host: string,
): Verdict[] {
  if (outcome.kind !== 'done') {
    return (
      attributeVerdicts(outcome, leads, host) ??
      valueVerdict(outcome, leads) ??
      cookieVerdict(outcome, leads, host) ??
      callVerdicts(outcome, leads, host)
    )
  }
  const statuses = [outcome.result].flat()
  return leads.map((lead, at) => statusVerdict(statuses[at], lead))
}

/** Returns the verdict by this lead's own status, whatever became of the others. */
function statusVerdict(own: SyncStatus | undefined, lead: SentLead): Verdict {
  const { status, leadId, error } = own ?? { status: '', leadId: null, error: null }
  if (status === 'CREATED' || status === 'UPDATED') {
    if (leadId !== null) return { kind: 'delivered', leadId }
    return { kind: 'failed', fault: 'lead', arrived: 'yes', reason: `${status} without a lead id` }
  }
  const code = /\(([0-9]{5})\)\s*$/.exec(error ?? '')?.[1]
  const refused = status === 'FAILED' && refusedValues(code, error ?? '', lead)
  if (refused) return refused
  const known = status === 'FAILED' ? status : `unknown status ${redact(status, lead)}`
  return { ...DOUBTFUL, reason: sentence(known, redact(error ?? '', lead)) }
}

/** Returns undefined when no lead has an attribute that the failure names. */
function attributeVerdicts(failure: Failure, leads: readonly SentLead[], host: string): Verdict[] | undefined {
  if (failure.kind !== 'fault' || failure.fault.code !== UNKNOWN_ATTRIBUTES) return undefined
  const names = parseUnknownNames(failure.fault.message)
  const named = leads.map((lead) => selectAttributes(names, lead))
  if (named.every(({ length }) => length === 0)) return undefined
  return named.map((attributes) =>
    attributes.length > 0
      ? { kind: 'rejected', attributes, reason: explain(failure, host, attributes.join(', ')) }
      : { kind: 'unaffected', reason: `${explain(failure, host)} (in another lead of the call)` },
  )
}

/** Returns the verdict on a lead that went alone and has a value that the failure refuses. Of several it may be any. */
function valueVerdict(failure: Failure, leads: readonly SentLead[]): Verdict[] | undefined {
  const [lead, ...others] = leads
  if (failure.kind !== 'fault' || !lead || others.length > 0) return undefined
  const refused = refusedValues(failure.fault.code, failure.fault.message, lead)
  return refused && [refused]
}

/** Returns the verdict on a lead of which a message names attributes whose value is refused. */
function refusedValues(code: string | undefined, message: string, lead: SentLead): Verdict | undefined {
  if (code === undefined || !BAD_VALUES.has(code)) return undefined
  const attributes = selectAttributes(parseWords(message), lead)
  if (attributes.length === 0) return undefined
  return { kind: 'rejected', attributes, reason: sentence(`${code} ${ruleFor(code).name}`, attributes.join(', ')) }
}

/**
 * Returns the verdict on a lead with a cookie and a workspace that Marketo refuses: without the cookie it finds the person
 * by the address, whatever their workspace.
 */
function cookieVerdict(failure: Failure, leads: readonly SentLead[], host: string): Verdict[] | undefined {
  const [lead, ...others] = leads
  if (failure.kind !== 'fault' || !WORKSPACE_REFUSALS.has(failure.fault.code ?? '')) return undefined
  if (!lead?.cookie || !lead.workspace || isBlank(lead.email) || others.length > 0) return undefined
  const reason = `${explain(failure, host, wordsOf(failure, lead))}; tried again without the cookie`
  return [{ kind: 'rejected', attributes: [], cookie: true, reason }]
}

/** Returns the same verdict for each lead. Marketo's words are told of a lead that went alone: of several, they may be about any. */
function callVerdicts(failure: Failure, leads: readonly SentLead[], host: string): Verdict[] {
  const failureClass = classifyFailure(failure)
  const [lead, ...others] = leads
  const alone = others.length === 0 ? lead : undefined
  const reason = explain(failure, host, alone && wordsOf(failure, alone))
  const verdict: Verdict = { ...(alone ? failureClass : ofBatch(failureClass)), reason }
  return leads.map(() => verdict)
}

/** Returns what a failure means for the leads of a call that carried several. */
function ofBatch(failureClass: FailureClass): FailureClass {
  if (isCausedByALead(failureClass)) return { kind: 'failed', fault: 'batch', arrived: 'yes' }
  const unanswered = failureClass.kind === 'failed' && failureClass.fault === 'lead' && failureClass.arrived === 'maybe'
  return unanswered ? { ...failureClass, fault: 'batch' } : failureClass
}

/** Returns Marketo's words as far as they may be told. A message that lists names may name other leads' attributes. */
function wordsOf(failure: Failure, lead: SentLead): string {
  if (failure.kind !== 'fault' || failure.fault.code === UNKNOWN_ATTRIBUTES) return ''
  return redact(failure.fault.message, lead)
}
