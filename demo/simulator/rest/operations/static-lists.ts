/**
 * Implements the calls of static lists: find them, add leads, remove them, and ask for members. Writes no person.
 *
 * Source: Adobe's page on static lists.
 */
import type { Marketo } from '../../marketo.ts'
import { findKnown } from '../../people/upsert.ts'
import { errorText, RestError, type ErrorEntry } from '../errors.ts'
import { asObject } from '../lead-input.ts'
import { leadOutput, readFieldNames } from '../lead-output.ts'
import { valuesOf } from '../query.ts'
import { allLists, findList } from '../static-list.ts'
import type { Operation } from './operation.ts'

const MAX_LEADS = 300

interface MemberResult {
  id: number
  status: string
  reasons?: ErrorEntry[]
}

export const getLists: Operation = {
  name: 'getLists',
  method: 'GET',
  path: /^\/rest\/v1\/lists\.json$/,
  run: (marketo, { query }) => {
    const ids = valuesOf(query, 'id').map(Number)
    const names = valuesOf(query, 'name')
    const result = allLists(marketo).filter(
      ({ id, name }) => (ids.length === 0 || ids.includes(id)) && (names.length === 0 || names.includes(name)),
    )
    return { result }
  },
}

export const getList: Operation = {
  name: 'getList',
  method: 'GET',
  path: /^\/rest\/v1\/lists\/(\d{1,9})\.json$/,
  run: (marketo, { path }) => ({ result: [findList(marketo, path[0]).list] }),
}

export const getListLeads: Operation = {
  name: 'getListLeads',
  method: 'GET',
  path: /^\/rest\/v1\/lists?\/(\d{1,9})\/leads\.json$/,
  run: (marketo, { path, query }) => {
    const { members } = findList(marketo, path[0])
    const names = readFieldNames(marketo, query)
    const people = [...members].flatMap((id) => marketo.people.findById(id) ?? [])
    return { result: people.slice(0, MAX_LEADS).map((person) => leadOutput(marketo, person, names)) }
  },
}

export const addToList: Operation = {
  name: 'addToList',
  method: 'POST',
  path: /^\/rest\/v1\/lists\/(\d{1,9})\/leads\.json$/,
  hasBody: true,
  run: (marketo, { path, query, json }) => {
    const { members } = findList(marketo, path[0])
    const result = idsOf(query, json).map((id): MemberResult => {
      if (!isKnown(marketo, id)) return skipped(id, '1004')
      members.add(id)
      return { id, status: 'added' }
    })
    marketo.events.publish('lists', () => marketo.lists.view())
    return { result }
  },
}

export const removeFromList: Operation = {
  name: 'removeFromList',
  method: 'DELETE',
  path: addToList.path,
  run: (marketo, { path, query, json }) => {
    const { members } = findList(marketo, path[0])
    const result = idsOf(query, json).map((id): MemberResult => {
      if (!isKnown(marketo, id)) return skipped(id, '1004')
      return members.delete(id) ? { id, status: 'removed' } : skipped(id, '1015')
    })
    marketo.events.publish('lists', () => marketo.lists.view())
    return { result }
  },
}

export const isMemberOfList: Operation = {
  name: 'isMemberOfList',
  method: 'GET',
  path: /^\/rest\/v1\/lists\/(\d{1,9})\/leads\/ismember\.json$/,
  run: (marketo, { path, query, json }) => {
    const { members } = findList(marketo, path[0])
    const result = idsOf(query, json).map((id): MemberResult => {
      if (!isKnown(marketo, id)) return skipped(id, '1004')
      return { id, status: members.has(id) ? 'memberof' : 'notmemberof' }
    })
    return { result }
  },
}

/**
 * Returns the ids of the leads, from the query or from the body.
 *
 * @throws RestError 1002 if there is none, 1003 if there are too many or one is not a number
 */
function idsOf(query: URLSearchParams, json: unknown): number[] {
  const input = asObject(json)?.['input']
  const given = Array.isArray(input) ? input.map((entry) => asObject(entry)?.['id']) : valuesOf(query, 'id')
  if (given.length === 0) throw new RestError('1002', errorText('1002', 'id'))
  const ids = given.map(Number)
  if (ids.length > MAX_LEADS || !ids.every(Number.isSafeInteger)) throw new RestError('1003')
  return ids
}

function isKnown({ people }: Marketo, id: number): boolean {
  return findKnown(people, 'Id', String(id)).length > 0
}

function skipped(id: number, code: string): MemberResult {
  return { id, status: 'skipped', reasons: [{ code, message: errorText(code) }] }
}
