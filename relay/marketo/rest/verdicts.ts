/**
 * Turns the result of a call into a verdict for each lead in it. Pure; the only place where answers become verdicts.
 *
 * Only `created` or `updated` with an id is a success. Marketo's words quote values and cookies: they are read, and no
 * reason contains them.
 */
import type { Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL, type FailureClass } from '../failure-class.ts'
import { classifyHttpFailure, explainHttpFailure, sentence } from '../http-failure.ts'
import { toRestName } from '../names.ts'
import { reasonsIn, type CallResult, type Failure, type MarketoReason } from './call.ts'
import { ruleFor } from './codes.ts'
import { isObject, type Json } from './exchange.ts'
import { attributesIn, companyAttributes, lookupOf } from './record.ts'

/** "Company update not allowed": every field of the company is refused. */
const COMPANY_REFUSED = '1021'

/** "Lead is in another partition": of a call with several leads it may be about any of them. */
const LEAD_ELSEWHERE = '1010'

/** Statuses of a gateway that has lost Marketo. */
const GATEWAY_FAILURES: ReadonlySet<number> = new Set([502, 503, 504])

/** Number of attempts of a lead whose answer is not Marketo's, while others get through. */
const MAX_UNREADABLE_ATTEMPTS = 20

/** Returns what a failure means for a lead that went alone. */
export function classify(failure: Failure): FailureClass {
  if (failure.kind === 'error') return ruleFor(failure.error.code).failureClass
  if (failure.kind === 'no-token') return failure.failureClass
  const failureClass = classifyHttpFailure(failure)
  if (failure.kind !== 'unreadable' || failureClass.kind !== 'failed') return failureClass
  // Marketo stands behind the gateway that answers, and may have carried the call out.
  const isGateway = GATEWAY_FAILURES.has(failure.status)
  return { ...failureClass, arrived: 'maybe', ...(!isGateway && { maxAttempts: MAX_UNREADABLE_ATTEMPTS }) }
}

/** Returns the reason of a failure, for a person. It quotes nothing of Marketo's words. */
export function explain(failure: Failure, host: string): string {
  if (failure.kind === 'error') return explainCode(failure.error)
  return failure.kind === 'no-token' ? failure.reason : explainHttpFailure(failure, host, 'REST')
}

/** Returns code and name, and what else may be told. */
function explainCode({ code }: MarketoReason, words = ''): string {
  const { name, advice } = ruleFor(code)
  return sentence(code === undefined ? 'an error without a code' : `${code} ${name}`, words, advice)
}

/**
 * Returns a verdict for each lead of a Sync Leads call.
 *
 * @param host the host that was called, for the operator
 */
export function syncVerdicts(outcome: CallResult, leads: readonly Lead[], host: string): Verdict[] {
  if (outcome.kind === 'done') return resultVerdicts(outcome.result, leads)
  if (outcome.kind === 'error') {
    const { error } = outcome
    const named = namedVerdicts(error, leads)
    if (named) return named
  }
  const failureClass = leads.length > 1 ? ofBatch(classify(outcome)) : classify(outcome)
  return leads.map(() => ({ ...failureClass, reason: explain(outcome, host) }))
}

/** Returns what a failure means for the leads of a call that carried several, of which any may be at fault. */
function ofBatch(failureClass: FailureClass): FailureClass {
  const isOfALead = failureClass.kind === 'failed' && failureClass.fault === 'lead'
  if (failureClass.kind === 'park') return { kind: 'failed', fault: 'batch', arrived: 'yes' }
  return isOfALead ? { kind: 'failed', fault: 'batch', arrived: failureClass.arrived } : failureClass
}

/**
 * Returns the verdicts by an error of the whole call that is about a field or a setting of the form; undefined if it is
 * about neither, or if no lead has that field.
 */
function namedVerdicts(error: MarketoReason, leads: readonly Lead[]): Verdict[] | undefined {
  const { isAboutField, isAboutPartition } = ruleFor(error.code)
  // All leads of the call have the same partition, and the same field to be found by.
  const isOfAll = isAboutPartition && (error.code !== LEAD_ELSEWHERE || leads.length === 1)
  if (isOfAll || (isAboutField && /lookup\s*field/i.test(error.message))) {
    return leads.map((lead) => ({ kind: 'park', reason: explainCode(error, settingOf(error, lead)) }))
  }
  if (!isAboutField) return undefined
  const named = leads.map((lead) => refusedAttributes(error, lead))
  if (named.every(({ length }) => length === 0)) return undefined
  return leads.map((lead, at) =>
    named[at]!.length > 0
      ? rejected([error], named[at]!, lead)
      : { kind: 'unaffected', reason: `${explainCode(error)}, in another lead of the call` },
  )
}

/** Returns the setting of the lead's form that a refusal is about. */
function settingOf({ code }: MarketoReason, { form, partition, lookup }: Lead): string {
  if (!ruleFor(code).isAboutPartition) return `"lookup": "${lookup ?? lookupOf({})}" of the form ${form}`
  return partition === undefined ? `the form ${form} has no "partition"` : `"partition": "${partition}"`
}

function refusedAttributes(reason: MarketoReason, lead: Lead): string[] {
  const ofCompany = reason.code === COMPANY_REFUSED ? companyAttributes(lead) : []
  if (ofCompany.length > 0) return ofCompany
  return ruleFor(reason.code).isAboutField ? attributesIn(reason.message, lead) : []
}

/** Returns the verdict on a lead without some attributes. Without the one that finds the person, or its receipt, it parks. */
export function rejected(reasons: readonly MarketoReason[], attributes: string[], lead: Lead): Verdict {
  const reason = [...new Set(reasons.map((each) => explainCode(each, attributes.join(', '))))].join('; ')
  const isNeeded = attributes.some((name) => toRestName(name) === lookupOf(lead) || name === lead.receipt)
  return isNeeded ? { kind: 'park', reason } : { kind: 'rejected', attributes, reason }
}

/** Returns the verdicts by the result of a call: none is believed if it has more or fewer entries than leads. */
function resultVerdicts(result: unknown, leads: readonly Lead[]): Verdict[] {
  const entries = Array.isArray(result) ? (result as unknown[]) : []
  if (entries.length === leads.length) return leads.map((lead, at) => recordVerdict(entries[at], lead))
  const reason = `${entries.length} results for ${leads.length} leads`
  const failureClass = leads.length > 1 ? ofBatch(DOUBTFUL) : DOUBTFUL
  return leads.map(() => ({ ...failureClass, reason }))
}

const SUCCESSES: ReadonlySet<unknown> = new Set(['created', 'updated'])

function recordVerdict(entry: unknown, lead: Lead): Verdict {
  if (!isObject(entry)) return { ...DOUBTFUL, reason: 'a result that is not an object' }
  const reasons = reasonsOf(entry)
  if (reasons.length > 0) return reasonVerdict(reasons, lead)
  if (!SUCCESSES.has(entry.status)) {
    return {
      ...DOUBTFUL,
      reason: entry.status === 'skipped' ? 'skipped without a reason' : 'a result of unknown status',
    }
  }
  const leadId = leadIdIn(entry.id)
  return leadId === undefined ? { ...DOUBTFUL, reason: 'a result without a lead id' } : { kind: 'delivered', leadId }
}

/** Returns the reasons of a record. Adobe's contract calls the list `reason` in one place. */
export function reasonsOf({ reasons, reason }: Json): MarketoReason[] {
  return [...reasonsIn(reasons), ...reasonsIn(reason)]
}

/** Returns the verdict by the reasons of a record. One that is not about a field decides. */
function reasonVerdict(reasons: readonly MarketoReason[], lead: Lead): Verdict {
  const named = reasons.map((reason) => refusedAttributes(reason, lead))
  const at = named.findIndex(({ length }) => length === 0)
  if (at < 0) return rejected(reasons, [...new Set(named.flat())], lead)
  const reason = reasons[at]!
  const { failureClass, isAboutPartition } = ruleFor(reason.code)
  return { ...failureClass, reason: explainCode(reason, isAboutPartition && settingOf(reason, lead)) }
}

/** Returns the id in a result: a positive whole number, which may be text. */
export function leadIdIn(id: unknown): number | undefined {
  const number = typeof id === 'string' && /^[0-9]+$/.test(id) ? Number(id) : id
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined
}

/**
 * Returns the verdict on a lead where a further call for it told nothing.
 *
 * @param read undefined when the limits left no call
 */
export function unreadVerdict(read: Failure | undefined, what: string, right: string, host: string): Verdict {
  const reason = `it is not known ${what}: ${read ? explain(read, host) : 'the limits leave no call now'}`
  if (read?.kind === 'error' && read.error.code === '603')
    return { kind: 'park', reason: `${reason} (the role of the API user needs the right "${right}")` }
  const failureClass = read ? classify(read) : DOUBTFUL
  const isFinal = failureClass.kind === 'limited' || failureClass.kind === 'park'
  return { ...(isFinal ? failureClass : { ...DOUBTFUL, maxAttempts: MAX_UNREADABLE_ATTEMPTS }), reason }
}

/** Returns the verdict of an Associate call. A cookie or a lead that Marketo does not know is a final refusal. */
export function associateVerdict(outcome: CallResult, leadId: number, host: string): Verdict {
  if (outcome.kind === 'done') return { kind: 'delivered', leadId }
  return { ...classify(outcome), reason: explain(outcome, host) }
}
