/**
 * Implements `listOperation`: adds leads to a static list, removes them, clears it, or checks membership. Writes no person.
 *
 * Each key has its own status: true if the operation succeeded or the lead is a member. `success` is true if all are
 * true. With `strict`, nothing is changed unless all keys succeed, so that no status is true then. Source for `strict` and
 * for the maximum of 1,000 leads: Marketo's page. It names no fault for more leads. Chosen: 20114. Captured: the list of
 * statuses is nil where leads were added or removed and all succeeded.
 */
import type { Marketo } from '../../marketo.ts'
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { findByKey, readLeadKeys, writeLeadKey } from '../lead-key.ts'
import { missingParameter, readBoolean, requiredChoice, requiredText } from '../parameters.ts'
import { childOf } from '../read-xml.ts'
import { writeElement, writeList, writeSuccess } from '../write-xml.ts'

const MAX_LEADS = 1_000

export function listOperation(marketo: Marketo, { params }: Envelope): { body: string; leadId: null } {
  const operation = requiredChoice(params, 'listOperation', [
    'ADDTOLIST',
    'CLEARLIST',
    'ISMEMBEROFLIST',
    'REMOVEFROMLIST',
  ])
  const listKey = childOf(params, 'listKey')
  if (!listKey) throw missingParameter('listKey')
  const type = requiredChoice(listKey, 'keyType', ['MKTOLISTNAME', 'MKTOSALESUSERID', 'SFDCLEADOWNERID'])
  const name = requiredText(listKey, 'keyValue')
  const members = type === 'MKTOLISTNAME' ? marketo.lists.members(name) : undefined
  if (!members) throw new SoapFault('20111')
  // The activities of a list are not recorded, so that there is nothing to skip.
  readBoolean(params, 'skipActivityLog')
  if (operation === 'CLEARLIST') return clearList(marketo, members)
  const keys = readLeadKeys(childOf(params, 'listMemberList'))
  if (keys.length === 0) throw new SoapFault('20101')
  if (keys.length > MAX_LEADS) throw new SoapFault('20114', `There are more than ${MAX_LEADS} leads`)
  const strict = readBoolean(params, 'strict') === true

  const outcomes = keys.map((key) => {
    const ids = findByKey(marketo, key).map(({ id }) => id)
    const onList = ids.length > 0 && ids.every((id) => members.has(id))
    return { key, ids, status: operation === 'ADDTOLIST' ? ids.length > 0 : onList }
  })
  const success = outcomes.every(({ status }) => status)
  if (operation !== 'ISMEMBEROFLIST' && (success || !strict)) {
    for (const id of outcomes.flatMap(({ ids }) => ids)) {
      if (operation === 'ADDTOLIST') members.add(id)
      else members.delete(id)
    }
    marketo.events.publish('lists', () => marketo.lists.view())
  }

  if (operation !== 'ISMEMBEROFLIST' && success) return withoutStatuses()
  const isUndone = strict && operation !== 'ISMEMBEROFLIST'
  const statuses = outcomes.map(
    ({ key, status }) => `<leadStatus>${writeLeadKey(key)}${writeElement('status', status && !isUndone)}</leadStatus>`,
  )
  const result = writeElement('success', success) + writeList('statusList', statuses)
  return { body: writeSuccess('ListOperation', result), leadId: null }
}

/** Removes all members. Chosen: the keys of the call do not count, though the schema requires their element. */
function clearList({ lists, events }: Marketo, members: Set<number>): { body: string; leadId: null } {
  members.clear()
  events.publish('lists', () => lists.view())
  return withoutStatuses()
}

function withoutStatuses(): { body: string; leadId: null } {
  const result = writeElement('success', true) + writeElement('statusList', undefined)
  return { body: writeSuccess('ListOperation', result), leadId: null }
}
