/**
 * Marketo's fault codes, and what becomes of a lead under each: one table from many codes to a few verdicts.
 *
 * Names and meanings are those of Marketo's SOAP error code page. A code that is not listed is tried again a bounded
 * number of times: losing a lead is worse than asking once more.
 */

/** What becomes of the lead: a verdict without its reason. */
export type FailureClass =
  | { kind: 'park' }
  | { kind: 'blocked' }
  | { kind: 'limited'; limit: 'rate' | 'concurrency' | 'day'; after: number }
  | { kind: 'retry'; after?: number; atMost?: number; everyone?: true; neverArrived?: true; uncertain?: true }

export interface FaultRule {
  name: string
  failureClass: FailureClass
  /** What the operator may look at. */
  advice?: string
}

/** More than 100 calls in this many milliseconds are too fast. */
export const RATE_WINDOW = 20_000

/** This lead, or the call we made for it, will never do as it is. */
export const NEVER: FailureClass = { kind: 'park' }
/** Nothing will get through until someone acts. */
const SHUT: FailureClass = { kind: 'blocked' }
/** Marketo stumbled. Bounded, because 10001 has also been seen for a faulty request. */
const LATER: FailureClass = { kind: 'retry', atMost: 20 }
/** One more time, as clients have long done. */
const ONCE_MORE: FailureClass = { kind: 'retry', atMost: 2 }
/** As likely to be final as to pass. */
export const DOUBTFUL = { kind: 'retry', atMost: 5 } satisfies FailureClass

/** The daily quota is spent. It comes back at midnight US Central: whoever counts the calls knows when that is. */
const SPENT: FailureClass = { kind: 'limited', limit: 'day', after: 0 }
/** The signature was too old: the next attempt makes a fresh one. */
const STALE: FailureClass = { kind: 'retry', everyone: true, after: 1_000 }
/** The window has passed by then. */
const TOO_FAST: FailureClass = { kind: 'limited', limit: 'rate', after: RATE_WINDOW }
/** More than ten at once: others end soon. */
const TOO_MANY: FailureClass = { kind: 'limited', limit: 'concurrency', after: 2_000 }

/**
 * Fates that a lead may have brought upon its call. Of several leads nobody knows which one, and the end of each of
 * these is parked.
 *
 * LATER is none of them. While Marketo stumbles, calls of one lead stumble too, and a backlog broken up into them
 * would spend the day's quota. If it is one lead's doing after all, it does not drag the others along: each waits for
 * a time of its own, and next goes in other company.
 */
const OF_A_LEAD: ReadonlySet<FailureClass> = new Set([NEVER, ONCE_MORE, DOUBTFUL])

const FAULTS: ReadonlyMap<string, FaultRule> = new Map([
  ['10001', { name: 'Internal Error', failureClass: LATER }],
  ['20011', { name: 'Internal Error', failureClass: LATER }],
  ['20012', { name: 'Request Not Understood', failureClass: NEVER }],
  ['20013', { name: 'Access Denied', failureClass: SHUT, advice: 'is API access open to this user and address?' }],
  ['20014', { name: 'Authentication Failed', failureClass: SHUT, advice: 'check the user id and the secret key' }],
  ['20015', { name: 'Request Limit Exceeded', failureClass: SPENT, advice: 'the daily quota is spent' }],
  ['20016', { name: 'Request Expired', failureClass: STALE, advice: "is this machine's clock right?" }],
  ['20017', { name: 'Invalid Request', failureClass: NEVER }],
  ['20018', { name: 'Bad Encoding', failureClass: NEVER }],
  ['20019', { name: 'Unsupported Operation', failureClass: NEVER }],
  ['20022', { name: 'Time Range Exceeded', failureClass: NEVER }],
  ['20023', { name: 'Rate Limit Exceeded', failureClass: TOO_FAST }],
  ['20024', { name: 'Concurrency Limit Exceeded', failureClass: TOO_MANY }],
  ['20101', { name: 'Lead Key Required', failureClass: NEVER }],
  ['20102', { name: 'Lead Key Bad', failureClass: NEVER }],
  ['20103', { name: 'Lead Not Found', failureClass: NEVER }],
  ['20104', { name: 'Lead Detail Required', failureClass: NEVER }],
  ['20105', { name: 'Lead Attribute Bad', failureClass: NEVER }],
  ['20106', { name: 'Lead Sync Failed', failureClass: ONCE_MORE }],
  ['20107', { name: 'Activity Key Bad', failureClass: NEVER }],
  ['20108', { name: 'Lead Owner Not Found', failureClass: NEVER }],
  ['20109', { name: 'Parameter Required', failureClass: NEVER }],
  ['20110', { name: 'Bad Parameter', failureClass: NEVER }],
  ['20111', { name: 'List Not Found', failureClass: NEVER }],
  ['20113', { name: 'Campaign Not Found', failureClass: NEVER }],
  ['20114', { name: 'Bad Parameter', failureClass: NEVER }],
  ['20122', { name: 'Bad Stream Position', failureClass: NEVER }],
  ['20123', { name: 'Stream At End', failureClass: NEVER }],
])

/** The rule for a fault's code; undefined stands for a fault without one. */
export function ruleFor(code: string | undefined): FaultRule {
  return (code === undefined ? undefined : FAULTS.get(code)) ?? { name: 'unknown fault', failureClass: DOUBTFUL }
}

/** Whether a lead may have brought this upon its call; if not, it is the call's and so that of each lead in it. */
export function isOfALead(failureClass: FailureClass): boolean {
  return OF_A_LEAD.has(failureClass)
}
