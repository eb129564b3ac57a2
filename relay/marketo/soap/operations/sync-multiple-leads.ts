/**
 * `syncMultipleLeads`: creates or updates up to 300 leads in one call, without cookies. Source: Marketo's page
 * "syncMultipleLeads", by which more than 300 are not supported.
 */
import { child, childrenOf } from '../xml/reader.ts'
import { checkBoolean, checkList, checkObject } from './check.ts'
import { checkFields, hasKey, LEAD_FIELDS, writeRecord, type LeadFields } from './lead-record.ts'
import { LIST_REPLY_BYTES, type Operation } from './operation.ts'
import { readStatus, type SyncStatus } from './sync-lead.ts'

/**
 * Input of {@link Marketo.syncMultipleLeads}.
 *
 * Source: Marketo's page "syncMultipleLeads".
 *
 * @example
 *
 * ```ts
 * const input: SyncMultipleLeads = {
 *   leads: [{ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } }, { id: 1_000_042 }],
 *   dedupEnabled: true,
 * }
 * ```
 */
export interface SyncMultipleLeads {
  /** 1 to 300 leads, each with a key. An `email` used as the key is not updated unless it is an attribute too. */
  leads: readonly LeadFields[]
  /**
   * False lets Marketo create a second lead with the same e-mail address. If it is absent, nothing is sent, and Marketo
   * looks for the existing lead.
   */
  dedupEnabled?: boolean | undefined
}

const MAX_LEADS = 300

/** Its result has one status for each lead, in the order of the call. */
export const syncMultipleLeads: Operation<SyncMultipleLeads, SyncStatus[]> = {
  name: 'syncMultipleLeads',
  maxBytes: LIST_REPLY_BYTES,

  check(input, addIssue) {
    const fields = checkObject(input, ['leads', 'dedupEnabled'], '', addIssue)
    if (!fields) return
    checkList(fields.leads, MAX_LEADS, 'leads', addIssue, (lead, path) => {
      const record = checkObject(lead, LEAD_FIELDS, path, addIssue)
      if (!record) return
      if (!hasKey(record)) addIssue(path, 'a key is missing: id, email or foreignSysPersonId')
      checkFields(record, path, addIssue)
    })
    checkBoolean(fields.dedupEnabled, 'dedupEnabled', addIssue)
  },

  write: ({ leads, dedupEnabled }) =>
    `<leadRecordList>${leads.map(writeRecord).join('')}</leadRecordList>` +
    (dedupEnabled === undefined ? '' : `<dedupEnabled>${dedupEnabled}</dedupEnabled>`),

  read(result, { leads }) {
    const statuses = childrenOf(child(result, 'syncStatusList'), 'syncStatus').map(readStatus)
    const valid = statuses.filter((status) => status !== undefined)
    // Only the order assigns a status to its lead, so a reply with more or fewer is rejected as a whole.
    return valid.length === leads.length && statuses.length === leads.length ? valid : undefined
  },
}
