/** Implements `getLead`: returns all people with one key, or fault 20103 as captured from Marketo. Changes nothing. */
import type { Marketo } from '../../marketo.ts'
import type { Envelope } from '../envelope.ts'
import { findByKey, notFoundFault, readLeadKey } from '../lead-key.ts'
import { writeLeadRecord } from '../lead-record.ts'
import { childOf } from '../read-xml.ts'
import { writeElement, writeList, writeSuccess } from '../write-xml.ts'

export function getLead(marketo: Marketo, { params }: Envelope): { body: string; leadId: number | null } {
  const key = readLeadKey(childOf(params, 'leadKey'))
  const found = findByKey(marketo, key)
  if (found.length === 0) throw notFoundFault(key)

  const records = found.map((person) => writeLeadRecord(marketo, person))
  const result = writeElement('count', found.length) + writeList('leadRecordList', records)
  return { body: writeSuccess('GetLead', result), leadId: found[0]?.id ?? null }
}
