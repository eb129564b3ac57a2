/**
 * Implements `syncMultipleLeads`: writes many leads without cookies and returns a status for each, in order.
 *
 * An unknown attribute rejects the whole call, as in `syncLead`. Any other problem fails only its lead. Marketo
 * recommends at most 300 leads and does not document what happens with more. Chosen: fault 20114.
 */
import { publishPeople, type Marketo } from '../../marketo.ts'
import type { EmailSnapshot } from '../../people/people.ts'
import { syncPerson, unknownFields } from '../../people/sync.ts'
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { readLeadRecord, rejectionFault, unknownFieldsFault } from '../lead-record.ts'
import { readBoolean } from '../parameters.ts'
import { childOf, type XmlElement } from '../read-xml.ts'
import { writeSuccess } from '../write-xml.ts'
import { writeSyncStatus, type LeadStatus, type SyncStatus } from './sync-lead.ts'

const MAX_LEADS = 300

export function syncMultipleLeads(
  marketo: Marketo,
  { params }: Envelope,
  { call, snapshot }: { call: number; snapshot: EmailSnapshot },
): { body: string; leadId: null; statuses: LeadStatus[] } {
  const records = leadRecordsOf(params)
  if (records.length === 0) throw new SoapFault('20104')
  if (records.length > MAX_LEADS) throw new SoapFault('20114', `There are more than ${MAX_LEADS} leads`)
  const duplicates = readBoolean(params, 'dedupEnabled') === false
  const parsed = records.map(readOrFault)
  const unknown = parsed.flatMap((record) =>
    record instanceof SoapFault ? [] : unknownFields(marketo.rules, record.attributes),
  )
  if (unknown.length > 0) throw unknownFieldsFault('syncMultipleLeads', [...new Set(unknown)])

  const statuses = parsed.map((record): LeadStatus => {
    if (record instanceof SoapFault) return failed(record)
    const request = { ...record, cookie: undefined, workspace: undefined, keepsEmail: true, duplicates }
    const outcome = syncPerson(marketo.people, marketo.rules, request, { at: marketo.now(), call, snapshot })
    return outcome.kind === 'synced'
      ? { leadId: outcome.person.id, status: outcome.status }
      : failed(rejectionFault('syncMultipleLeads', outcome, record))
  })
  publishPeople(marketo)
  return { body: writeSyncStatuses(statuses), leadId: null, statuses }
}

export function leadRecordsOf(params: XmlElement): XmlElement[] {
  return childOf(params, 'leadRecordList')?.children.filter(({ name }) => name === 'leadRecord') ?? []
}

/** Writes the body of the reply. */
export function writeSyncStatuses(statuses: readonly SyncStatus[]): string {
  const list = statuses.map(writeSyncStatus).join('')
  return writeSuccess('SyncMultipleLeads', `<syncStatusList>${list}</syncStatusList>`)
}

function readOrFault(record: XmlElement): ReturnType<typeof readLeadRecord> | SoapFault {
  try {
    return readLeadRecord(record)
  } catch (fault) {
    if (fault instanceof SoapFault) return fault
    throw fault
  }
}

/** Returns a status with the id 0, because the schema requires an id. */
function failed({ message }: SoapFault): LeadStatus {
  return { leadId: 0, status: 'FAILED', error: message }
}
