/**
 * `syncLead`: the message's parameters → what is asked of the people → the answer.
 *
 * Order of elements is not enforced and a mis-cased element is dropped without a word, as by the real one.
 */
import { publishPeople, type Marketo } from '../../marketo.ts'
import { readOwnCookie } from '../../people/cookie.ts'
import type { Sight } from '../../people/people.ts'
import { syncPerson } from '../../people/sync.ts'
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { readLeadRecord, refusal, writeLeadRecord } from '../lead-record.ts'
import { missing, readBoolean } from '../parameters.ts'
import { childOf, textOf } from '../read-xml.ts'
import { writeElement, writeSuccess } from '../write-xml.ts'

/** Does the work and gives the answer's body with the lead's id. Throws a SoapFault, and then nothing was changed. */
export function syncLead(
  marketo: Marketo,
  { params, workspace }: Envelope,
  { call, sight }: { call: number; sight: Sight },
): { body: string; leadId: number; statuses: LeadStatus[] } {
  const record = childOf(params, 'leadRecord')
  const returnLead = readBoolean(params, 'returnLead')
  if (returnLead === undefined) throw missing('returnLead')
  if (!record || record.nil) throw new SoapFault('20104')
  // The page names no fault for a cookie that is none, or another account's; such a one associates nothing.
  const cookie = readOwnCookie(textOf(params, 'marketoCookie') ?? '', marketo.account.munchkinId)
  const request = { ...readLeadRecord(record), cookie, workspace }

  const outcome = syncPerson(marketo.people, marketo.rules, request, { at: marketo.now(), call, sight })
  if (outcome.kind !== 'synced') throw refusal('syncLead', outcome, request)

  publishPeople(marketo)
  const { person, status } = outcome
  const returned = returnLead ? writeLeadRecord(marketo, person) : undefined
  const result = { leadId: person.id, status }
  return { body: writeSyncResult({ ...result, record: returned }), leadId: person.id, statuses: [result] }
}

/** The answer's body. Without an error and a record both are nil. */
export function writeSyncResult(result: SyncStatus & { record?: string | undefined }): string {
  return writeSuccess(
    'SyncLead',
    writeElement('leadId', result.leadId) +
      writeSyncStatus(result) +
      (result.record ?? writeElement('leadRecord', undefined)),
  )
}

export interface SyncStatus {
  leadId: number
  status: string
  error?: string
}

/** One that Marketo means. */
export interface LeadStatus extends SyncStatus {
  status: 'CREATED' | 'UPDATED' | 'FAILED'
}

export function writeSyncStatus({ leadId, status, error }: SyncStatus): string {
  return (
    '<syncStatus>' +
    writeElement('leadId', leadId) +
    writeElement('status', status) +
    writeElement('error', error) +
    '</syncStatus>'
  )
}
