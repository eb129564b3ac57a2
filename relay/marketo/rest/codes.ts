/**
 * Codes of the REST API, and what each means for a lead: one table from many codes to a few verdicts.
 *
 * Codes below 1000 are of a whole call, others of a record; an error of a call may have either. Names and meanings are
 * those of Adobe's page "Error Codes". An unknown code is retried a bounded number of times.
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

export interface CodeRule {
  name: string
  failureClass: FailureClass
  /** What the operator should do or check. */
  advice?: string
  /** True if the message may name a field, without which Marketo may take the lead. */
  isAboutField?: true
  /** True if the partition decides: it is told. */
  isAboutPartition?: true
}

/** Marketo as a whole is not available. */
const UNAVAILABLE: FailureClass = { kind: 'failed', fault: 'account', arrived: 'yes' }
/** Marketo as a whole is not available, and may have the call: it is not repeated before it must be over. */
const UNAVAILABLE_IN_DOUBT: FailureClass = { kind: 'failed', fault: 'account', arrived: 'maybe', maxAttempts: 20 }
/** Marketo stopped waiting for itself. The call may still be carried out. */
const TIMED_OUT: FailureClass = { kind: 'failed', fault: 'lead', arrived: 'maybe' }
/** Something that the record needs is in use. */
const BUSY: FailureClass = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 20 }

const MERGE = 'two or more people have this address: merge them in Marketo, then replay'
const PARTITION = 'check the partition of the form and the workspaces of the API user'
const CUT_TOKEN = 'something on the way removes the access token'

const RULES: ReadonlyMap<string, CodeRule> = new Map<string, CodeRule>([
  ['500', { name: 'Internal server error', failureClass: INTERNAL }],
  ['502', { name: 'Bad gateway', failureClass: UNAVAILABLE_IN_DOUBT }],
  ['600', { name: 'Access token not specified', failureClass: EXPIRED, advice: CUT_TOKEN }],
  ['601', { name: 'Access token invalid', failureClass: EXPIRED }],
  ['602', { name: 'Access token expired', failureClass: EXPIRED }],
  [
    '603',
    { name: 'Access denied', failureClass: BLOCKED, advice: 'check the role of the API user and the allow-list' },
  ],
  ['604', { name: 'Request timed out', failureClass: TIMED_OUT }],
  ['605', { name: 'HTTP method not supported', failureClass: NOT_UNDERSTOOD }],
  ['606', { name: 'Max rate limit exceeded', failureClass: RATE_EXCEEDED }],
  ['607', { name: 'Daily quota reached', failureClass: QUOTA_SPENT, advice: 'the daily quota is spent' }],
  ['608', { name: 'API temporarily unavailable', failureClass: UNAVAILABLE }],
  ['609', { name: 'Invalid JSON', failureClass: NOT_UNDERSTOOD }],
  ['610', { name: 'Requested resource not found', failureClass: NOT_UNDERSTOOD, advice: 'check the endpoint' }],
  ['611', { name: 'System error', failureClass: INTERNAL }],
  ['612', { name: 'Invalid content type', failureClass: NOT_UNDERSTOOD }],
  ['613', { name: 'Invalid multipart request', failureClass: NOT_UNDERSTOOD }],
  ['614', { name: 'Invalid subscription', failureClass: UNAVAILABLE, advice: 'the subscription cannot be reached' }],
  ['615', { name: 'Concurrent access limit reached', failureClass: CONCURRENCY_EXCEEDED }],
  ['616', { name: 'Invalid subscription type', failureClass: NOT_UNDERSTOOD }],
  ['713', { name: 'Transient error', failureClass: INTERNAL }],
  ['719', { name: 'Lock wait timeout', failureClass: INTERNAL }],
  ['1001', { name: 'Invalid value', failureClass: NEVER, isAboutField: true }],
  ['1002', { name: 'Missing value', failureClass: NEVER, isAboutField: true }],
  ['1003', { name: 'Invalid data', failureClass: NEVER, isAboutField: true }],
  ['1004', { name: 'Lead not found', failureClass: NEVER }],
  ['1005', { name: 'Lead already exists', failureClass: NEVER }],
  ['1006', { name: 'Field not found', failureClass: NEVER, isAboutField: true }],
  ['1007', { name: 'Multiple leads match the lookup', failureClass: NEVER, advice: MERGE }],
  ['1008', { name: 'No access to partition', failureClass: NEVER, advice: PARTITION, isAboutPartition: true }],
  ['1009', { name: 'Partition must be specified', failureClass: NEVER, advice: PARTITION, isAboutPartition: true }],
  ['1010', { name: 'Lead is in another partition', failureClass: NEVER, advice: PARTITION, isAboutPartition: true }],
  ['1011', { name: 'Lookup field not supported', failureClass: NEVER, isAboutField: true }],
  ['1012', { name: 'Invalid cookie value', failureClass: NEVER }],
  ['1013', { name: 'Object not found', failureClass: NEVER }],
  ['1016', { name: 'Too many imports', failureClass: BUSY }],
  ['1017', { name: 'Object already exists', failureClass: NEVER }],
  ['1018', { name: 'CRM enabled', failureClass: NEVER }],
  ['1019', { name: 'Import in progress', failureClass: BUSY }],
  ['1020', { name: 'Too many clones', failureClass: BUSY }],
  ['1021', { name: 'Company update not allowed', failureClass: NEVER, isAboutField: true }],
  ['1022', { name: 'Object in use', failureClass: BUSY }],
  ['1029', { name: 'Too many jobs in queue', failureClass: BUSY }],
  ['1036', { name: 'Duplicate object in input', failureClass: NEVER }],
  ['1077', { name: 'Value exceeds the maximum length', failureClass: NEVER, isAboutField: true }],
])

/** Returns the rule for a code; undefined stands for an error without one. */
export function ruleFor(code: string | undefined): CodeRule {
  return (code === undefined ? undefined : RULES.get(code)) ?? { name: 'unknown error', failureClass: DOUBTFUL }
}
