/**
 * `listOperation`: adds up to 1,000 leads to a static list, removes them from it, or checks whether they are on it.
 * Source: Marketo's page "listOperation", by which a program's lists cannot be used.
 */
import { child, childrenOf, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkBoolean, checkList, checkObject, checkOneOf, checkRequiredText } from './check.ts'
import { checkKey, readKey, writeKey, type LeadKey, type LeadKeyRecord } from './lead-key.ts'
import { LIST_REPLY_BYTES, type Operation } from './operation.ts'
import { booleanOf } from './values.ts'

/**
 * Input of {@link Marketo.listOperation}.
 *
 * Source: Marketo's page "listOperation".
 *
 * @example
 *
 * ```ts
 * const input: ListOperation = {
 *   operation: 'ADDTOLIST',
 *   list: 'Newsletter',
 *   leads: [{ id: 1_000_042 }, { email: 'ana@acme.example' }],
 *   strict: true,
 * }
 * ```
 */
export interface ListOperation {
  /** Operation to execute. */
  operation: (typeof OPERATIONS)[number]
  /** Name of the list, which is short for the key type `MKTOLISTNAME`, or another key of it. */
  list: string | { keyType: (typeof LIST_KEY_TYPES)[number]; keyValue: string }
  /** 1 to 1,000 keys. */
  leads: readonly LeadKey[]
  /** True to change nothing if any of the leads fails. If it is absent, nothing is sent, and Marketo decides. */
  strict?: boolean | undefined
}

/**
 * Result of {@link Marketo.listOperation}.
 *
 * Source: `ResultListOperation` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const result: ListOperationResult = {
 *   success: true,
 *   statuses: [{ leadKey: { keyType: 'IDNUM', keyValue: '1000042' }, status: true }],
 * }
 * ```
 */
export interface ListOperationResult {
  /** True if Marketo executed the operation. */
  success: boolean
  /**
   * Status of each key, as Marketo lists them; may be empty. True if the lead was added or removed, or is on the list.
   */
  statuses: { leadKey: LeadKeyRecord; status: boolean }[]
}

const OPERATIONS = ['ADDTOLIST', 'ISMEMBEROFLIST', 'REMOVEFROMLIST'] as const
const LIST_KEY_TYPES = ['MKTOLISTNAME', 'MKTOSALESUSERID', 'SFDCLEADOWNERID'] as const
const MAX_LEADS = 1_000

export const listOperation: Operation<ListOperation, ListOperationResult> = {
  name: 'listOperation',
  maxBytes: LIST_REPLY_BYTES,

  check(input, addIssue) {
    const fields = checkObject(input, ['operation', 'list', 'leads', 'strict'], '', addIssue)
    if (!fields) return
    checkOneOf(fields.operation, OPERATIONS, 'operation', addIssue)
    if (typeof fields.list === 'string' || fields.list === undefined) checkRequiredText(fields.list, 'list', addIssue)
    else {
      const key = checkObject(fields.list, ['keyType', 'keyValue'], 'list', addIssue)
      if (key) checkOneOf(key.keyType, LIST_KEY_TYPES, 'list.keyType', addIssue)
      if (key) checkRequiredText(key.keyValue, 'list.keyValue', addIssue)
    }
    checkList(fields.leads, MAX_LEADS, 'leads', addIssue, (key, path) => checkKey(key, path, addIssue))
    checkBoolean(fields.strict, 'strict', addIssue)
  },

  write({ operation, list, leads, strict }) {
    const { keyType, keyValue } = typeof list === 'string' ? { keyType: 'MKTOLISTNAME', keyValue: list } : list
    return (
      `<listOperation>${operation}</listOperation>` +
      `<listKey><keyType>${keyType}</keyType><keyValue>${xmlText(keyValue)}</keyValue></listKey>` +
      `<listMemberList>${leads.map(writeKey).join('')}</listMemberList>` +
      (strict === undefined ? '' : `<strict>${strict}</strict>`)
    )
  },

  read(result) {
    const success = booleanOf(result, 'success')
    const statuses = childrenOf(child(result, 'statusList'), 'leadStatus').map(readLeadStatus)
    const valid = statuses.filter((status) => status !== undefined)
    return success === null || valid.length < statuses.length ? undefined : { success, statuses: valid }
  },
}

/** Reads a `leadStatus` element; returns undefined if its key or its status is missing. */
function readLeadStatus(leadStatus: Element): ListOperationResult['statuses'][number] | undefined {
  const leadKey = readKey(child(leadStatus, 'leadKey'))
  const status = booleanOf(leadStatus, 'status')
  return leadKey && status !== null ? { leadKey, status } : undefined
}
