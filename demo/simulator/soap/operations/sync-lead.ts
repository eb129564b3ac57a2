/**
 * Implements `syncLead`: reads the parameters, creates or updates the person, writes the reply. Knows no matching rule.
 *
 * Like Marketo, it accepts elements in any order and silently ignores elements in the wrong case.
 */
import { publishPeople, type Marketo } from '../../marketo.ts'
import { readOwnCookie } from '../../people/cookie.ts'
import type { EmailSnapshot } from '../../people/people.ts'
import { syncPerson } from '../../people/sync.ts'
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { readLeadRecord, rejectionFault, writeLeadRecord } from '../lead-record.ts'
import { missingParameter, readBoolean } from '../parameters.ts'
import { childOf, textOf } from '../read-xml.ts'
import { writeElement, writeSuccess } from '../write-xml.ts'

export function syncLead(
  marketo: Marketo,
  { params, workspace }: Envelope,
  { call, snapshot }: { call: number; snapshot: EmailSnapshot },
): { body: string; leadId: number; statuses: LeadStatus[] } {
  const record = childOf(params, 'leadRecord')
  const returnLead = readBoolean(params, 'returnLead')
  if (returnLead === undefined) throw missingParameter('returnLead')
  if (!record || record.nil) throw new SoapFault('20104')
  // Marketo documents no fault for an invalid cookie or one of another account. Chosen: it is ignored.
  const cookie = readOwnCookie(textOf(params, 'marketoCookie') ?? '', marketo.account.munchkinId)
  const request = { ...readLeadRecord(record), cookie, workspace }

  const outcome = syncPerson(marketo.people, marketo.rules, request, { at: marketo.now(), call, snapshot })
  if (outcome.kind !== 'synced') throw rejectionFault('syncLead', outcome, request)

  publishPeople(marketo)
  const { person, status } = outcome
  const returned = returnLead ? writeLeadRecord(marketo, person) : undefined
  const result = { leadId: person.id, status }
  return { body: writeSyncResult({ ...result, record: returned }), leadId: person.id, statuses: [result] }
}

/** Writes the body of the reply. A missing error or record is nil. */
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

/** A status that Marketo uses. Broken replies also have others. */
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
