/**
 * Marketo's fault codes, and what each means for a lead: one table from many codes to a few verdicts.
 *
 * Names and meanings are those of Marketo's SOAP error code page. An unknown code is retried a bounded number of times:
 * losing a lead is worse than one more call.
 */
import {
  BLOCKED,
  CONCURRENCY_EXCEEDED,
  DOUBTFUL,
  EXPIRED,
  INTERNAL,
  NEVER,
  NOT_UNDERSTOOD,
  QUOTA_SPENT,
  RATE_EXCEEDED,
  type FailureClass,
} from '../failure-class.ts'

export interface FaultRule {
  name: string
  failureClass: FailureClass
  /** Question that the operator should check. */
  advice?: string
}

/** One more attempt, as clients have long made it. */
const ONCE_MORE: FailureClass = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 2 }

/**
 * Classes that one lead may have caused for its whole call. Of several leads it is not known which one, and each class
 * ends with the lead parked, so that the batch is bisected. A failure of the account is another matter: first another lead
 * is tried, so that a backlog is not broken up into single calls while nobody gets through.
 */
const CAUSED_BY_A_LEAD: ReadonlySet<FailureClass> = new Set([NEVER, ONCE_MORE, DOUBTFUL])

const FAULTS: ReadonlyMap<string, FaultRule> = new Map([
  ['10001', { name: 'Internal Error', failureClass: INTERNAL }],
  ['20011', { name: 'Internal Error', failureClass: INTERNAL }],
  ['20012', { name: 'Request Not Understood', failureClass: NOT_UNDERSTOOD }],
  ['20013', { name: 'Access Denied', failureClass: BLOCKED, advice: 'is API access open to this user and address?' }],
  ['20014', { name: 'Authentication Failed', failureClass: BLOCKED, advice: 'check the user id and the secret key' }],
  ['20015', { name: 'Request Limit Exceeded', failureClass: QUOTA_SPENT, advice: 'the daily quota is spent' }],
  ['20016', { name: 'Request Expired', failureClass: EXPIRED, advice: "is this machine's clock right?" }],
  ['20017', { name: 'Invalid Request', failureClass: NOT_UNDERSTOOD }],
  ['20018', { name: 'Bad Encoding', failureClass: NOT_UNDERSTOOD }],
  ['20019', { name: 'Unsupported Operation', failureClass: NOT_UNDERSTOOD }],
  ['20022', { name: 'Time Range Exceeded', failureClass: NEVER }],
  ['20023', { name: 'Rate Limit Exceeded', failureClass: RATE_EXCEEDED }],
  ['20024', { name: 'Concurrency Limit Exceeded', failureClass: CONCURRENCY_EXCEEDED }],
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

/** Returns the rule for a fault code; undefined stands for a fault without one. */
export function ruleFor(code: string | undefined): FaultRule {
  return (code === undefined ? undefined : FAULTS.get(code)) ?? { name: 'unknown fault', failureClass: DOUBTFUL }
}

/** Returns whether one lead may have caused this for its whole call. */
export function isCausedByALead(failureClass: FailureClass): boolean {
  return CAUSED_BY_A_LEAD.has(failureClass)
}
