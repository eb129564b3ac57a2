/**
 * `listOperation`: puts up to 1,000 people on a static list, takes them off it, or asks who is on it. Source: Marketo's
 * page "List Operation". Only lists of the lead database are reached.
 */
import { child, childrenOf, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkBoolean, checkList, checkOneOf, checkRequiredText, fieldsOf } from './check.ts'
import { checkKey, readKey, writeKey, type LeadKey, type LeadKeyRecord } from './lead-key.ts'
import { LIST_REPLY, type Operation } from './operation.ts'
import { booleanOf } from './values.ts'

export interface ListOperation {
  operation: (typeof OPERATIONS)[number]
  /** A list's name, or another key of it. */
  list: string | { keyType: (typeof LIST_KEY_TYPES)[number]; keyValue: string }
  /** 1 to 1,000. */
  leads: readonly LeadKey[]
  /** True makes it all or nothing: one who fails, and nothing is done for anyone. Left to Marketo when not given. */
  strict?: boolean | undefined
}

export interface ListOperationResult {
  success: boolean
  /** One for each key, as Marketo lists them: was it done, or is the person on the list? */
  statuses: { leadKey: LeadKeyRecord; status: boolean }[]
}

const OPERATIONS = ['ADDTOLIST', 'ISMEMBEROFLIST', 'REMOVEFROMLIST'] as const
const LIST_KEY_TYPES = ['MKTOLISTNAME', 'MKTOSALESUSERID', 'SFDCLEADOWNERID'] as const
const MAX_LEADS = 1_000

export const listOperation: Operation<ListOperation, ListOperationResult> = {
  name: 'listOperation',
  maxBytes: LIST_REPLY,

  check(input, complain) {
    const fields = fieldsOf(input, ['operation', 'list', 'leads', 'strict'], '', complain)
    if (!fields) return
    checkOneOf(fields.operation, OPERATIONS, 'operation', complain)
    if (typeof fields.list === 'string' || fields.list === undefined) checkRequiredText(fields.list, 'list', complain)
    else {
      const key = fieldsOf(fields.list, ['keyType', 'keyValue'], 'list', complain)
      if (key) checkOneOf(key.keyType, LIST_KEY_TYPES, 'list.keyType', complain)
      if (key) checkRequiredText(key.keyValue, 'list.keyValue', complain)
    }
    checkList(fields.leads, MAX_LEADS, 'leads', complain, (key, place) => checkKey(key, place, complain))
    checkBoolean(fields.strict, 'strict', complain)
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
    const whole = statuses.filter((status) => status !== undefined)
    return success === null || whole.length < statuses.length ? undefined : { success, statuses: whole }
  },
}

function readLeadStatus(leadStatus: Element): ListOperationResult['statuses'][number] | undefined {
  const leadKey = readKey(child(leadStatus, 'leadKey'))
  const status = booleanOf(leadStatus, 'status')
  return leadKey && status !== null ? { leadKey, status } : undefined
}
