/**
 * `syncMultipleLeads`: creates or updates up to 300 people in one call, without cookies. Source: Marketo's page "Sync
 * Multiple Leads": more than 300 are unsupported.
 */
import { child, childrenOf } from '../xml/reader.ts'
import { checkBoolean, checkList, fieldsOf } from './check.ts'
import { checkFields, hasKey, LEAD_FIELDS, writeRecord, type LeadFields } from './lead-record.ts'
import { LIST_REPLY, type Operation } from './operation.ts'
import { readStatus, type SyncStatus } from './sync-lead.ts'

export interface SyncMultipleLeads {
  /** 1 to 300, each with a key. An `email` that serves as key is not updated, unless it is an attribute too. */
  leads: readonly LeadFields[]
  /** False lets Marketo make two people of one. Left to Marketo, which looks for the one, when it is not given. */
  dedupEnabled?: boolean | undefined
}

const MAX_LEADS = 300

/** Its result has one status for each record, in the order of the call. */
export const syncMultipleLeads: Operation<SyncMultipleLeads, SyncStatus[]> = {
  name: 'syncMultipleLeads',
  maxBytes: LIST_REPLY,

  check(input, complain) {
    const fields = fieldsOf(input, ['leads', 'dedupEnabled'], '', complain)
    if (!fields) return
    checkList(fields.leads, MAX_LEADS, 'leads', complain, (lead, place) => {
      const record = fieldsOf(lead, LEAD_FIELDS, place, complain)
      if (!record) return
      if (!hasKey(record)) complain(place, 'a key is missing: id, email or foreignSysPersonId')
      checkFields(record, place, complain)
    })
    checkBoolean(fields.dedupEnabled, 'dedupEnabled', complain)
  },

  write: ({ leads, dedupEnabled }) =>
    `<leadRecordList>${leads.map(writeRecord).join('')}</leadRecordList>` +
    (dedupEnabled === undefined ? '' : `<dedupEnabled>${dedupEnabled}</dedupEnabled>`),

  read(result, { leads }) {
    const statuses = childrenOf(child(result, 'syncStatusList'), 'syncStatus').map(readStatus)
    const whole = statuses.filter((status) => status !== undefined)
    // By order alone they belong to their records.
    return whole.length === leads.length && statuses.length === leads.length ? whole : undefined
  },
}
