/**
 * `syncMultipleLeads`: many leads at once, without a cookie; each has its own status, in the order they came.
 *
 * An unknown attribute refuses the whole call, as in `syncLead`; whatever else is wrong with a lead fails that lead
 * alone. Marketo recommends 300 leads at the most and does not say what more get; here it is 20114.
 */
import { publishPeople, type Marketo } from '../../marketo.ts'
import type { Sight } from '../../people/people.ts'
import { syncPerson, unknownFields } from '../../people/sync.ts'
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { readLeadRecord, refusal, unknownFieldsFault } from '../lead-record.ts'
import { readBoolean } from '../parameters.ts'
import { childOf, type XmlElement } from '../read-xml.ts'
import { writeSuccess } from '../write-xml.ts'
import { writeSyncStatus, type LeadStatus, type SyncStatus } from './sync-lead.ts'

const MOST = 300

export function syncMultipleLeads(
  marketo: Marketo,
  { params }: Envelope,
  { call, sight }: { call: number; sight: Sight },
): { body: string; leadId: null; statuses: LeadStatus[] } {
  const records = leadRecordsOf(params)
  if (records.length === 0) throw new SoapFault('20104')
  if (records.length > MOST) throw new SoapFault('20114', `There are more than ${MOST} leads`)
  const duplicates = readBoolean(params, 'dedupEnabled') === false
  const read = records.map(readOrFault)
  const unknown = read.flatMap((record) =>
    record instanceof SoapFault ? [] : unknownFields(marketo.rules, record.attributes),
  )
  if (unknown.length > 0) throw unknownFieldsFault('syncMultipleLeads', [...new Set(unknown)])

  const statuses = read.map((record): LeadStatus => {
    if (record instanceof SoapFault) return failed(record)
    const request = { ...record, cookie: undefined, workspace: undefined, keepsEmail: true, duplicates }
    const outcome = syncPerson(marketo.people, marketo.rules, request, { at: marketo.now(), call, sight })
    return outcome.kind === 'synced'
      ? { leadId: outcome.person.id, status: outcome.status }
      : failed(refusal('syncMultipleLeads', outcome, record))
  })
  publishPeople(marketo)
  return { body: writeSyncStatuses(statuses), leadId: null, statuses }
}

export function leadRecordsOf(params: XmlElement): XmlElement[] {
  return childOf(params, 'leadRecordList')?.children.filter(({ name }) => name === 'leadRecord') ?? []
}

/** The answer's body. */
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

/** The schema wants an id all the same. */
function failed({ message }: SoapFault): LeadStatus {
  return { leadId: 0, status: 'FAILED', error: message }
}
