/** `getLead`: everyone whom a key means, with all that Marketo knows of them. Source: Marketo's page "Get Lead". */
import { child, childrenOf } from '../xml/reader.ts'
import { checkKey, writeKey, type LeadKey } from './lead-key.ts'
import { readRecord, type LeadRecord } from './lead-record.ts'
import { LARGE_REPLY, type Operation } from './operation.ts'
import { countOf } from './values.ts'

export interface GetLeadResult {
  /** How many there are, as Marketo counts. */
  count: number
  leadRecords: LeadRecord[]
}

/** Nobody is a fault for Marketo, 20103. */
export const getLead: Operation<LeadKey, GetLeadResult> = {
  name: 'getLead',
  maxBytes: LARGE_REPLY,
  check: (input, complain) => checkKey(input, '', complain),
  write: writeKey,
  read(result) {
    const count = countOf(result, 'count')
    const records = childrenOf(child(result, 'leadRecordList'), 'leadRecord').map(readRecord)
    return count === null ? undefined : { count, leadRecords: records.filter((record) => record !== null) }
  },
}
