/** `getLead`: gets all leads that a key matches, with their attributes. Source: Marketo's page "getLead". */
import { child, childrenOf } from '../xml/reader.ts'
import { checkKey, writeKey, type LeadKey } from './lead-key.ts'
import { readRecord, type LeadRecord } from './lead-record.ts'
import { LARGE_REPLY_BYTES, type Operation } from './operation.ts'
import { countOf } from './values.ts'

/**
 * Result of {@link Marketo.getLead}.
 *
 * Source: `ResultGetLead` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const none: GetLeadResult = { count: 0, leadRecords: [] }
 * ```
 */
export interface GetLeadResult {
  /** Number of leads, as Marketo counts them. */
  count: number
  /** Records of the leads, in Marketo's order. */
  leadRecords: LeadRecord[]
}

/** If no lead matches, Marketo returns fault 20103, which the client turns into a count of 0. */
export const getLead: Operation<LeadKey, GetLeadResult> = {
  name: 'getLead',
  maxBytes: LARGE_REPLY_BYTES,
  check: (input, addIssue) => checkKey(input, '', addIssue),
  write: writeKey,
  read(result) {
    const count = countOf(result, 'count')
    const records = childrenOf(child(result, 'leadRecordList'), 'leadRecord').map(readRecord)
    return count === null ? undefined : { count, leadRecords: records.filter((record) => record !== null) }
  },
}
