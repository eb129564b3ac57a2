/**
 * Implements Get Lead by Id and Get Leads by Filter Type. An anonymous visitor is not found. Changes nothing.
 *
 * Source: Adobe's page on leads. Of a live account is known that `moreResult` cannot be relied on, so it is left out: the
 * token of the next page alone says that there is one.
 */
import type { Marketo } from '../../marketo.ts'
import { readOwnCookie } from '../../people/cookie.ts'
import type { Person } from '../../people/person.ts'
import { findKnown } from '../../people/upsert.ts'
import { errorText, RestError } from '../errors.ts'
import { leadOutput, readFieldNames } from '../lead-output.ts'
import { pageSizeOf, readPositive, requiredValue } from '../query.ts'
import { isSearchable } from '../searchable-fields.ts'
import type { Operation } from './operation.ts'

const MAX_VALUES = 300
const MAX_PAGE_LEADS = 300
const MAX_MATCHES = 1_000

export const getLeadById: Operation = {
  name: 'getLeadById',
  method: 'GET',
  path: /^\/rest\/v1\/lead\/(\d{1,18})\.json$/,
  run: (marketo, { path: [id = ''], query }) => {
    const names = readFieldNames(marketo, query)
    const [person] = findKnown(marketo.people, 'Id', id)
    if (!person) throw new RestError('1004')
    return { result: [leadOutput(marketo, person, names)], leadId: person.id }
  },
}

export const getLeadsByFilter: Operation = {
  name: 'getLeadsByFilter',
  method: 'GET',
  path: /^\/rest\/v1\/leads\.json$/,
  run: (marketo, { query }) => {
    const names = readFieldNames(marketo, query)
    const values = requiredValue(query, 'filterValues')
      .split(',')
      .map((value) => value.trim())
    if (values.length > MAX_VALUES) throw new RestError('1003', `Invalid data: more than ${MAX_VALUES} filterValues`)
    const find = finderOf(marketo, requiredValue(query, 'filterType'))
    const found = [...new Set(values.flatMap(find))].toSorted((a, b) => a.id - b.id)
    if (found.length > MAX_MATCHES) throw new RestError('1003', 'Too many results match the filter')

    const size = pageSizeOf(query, MAX_PAGE_LEADS)
    const start = readPositive(query.get('nextPageToken')) ?? 0
    const page = found.slice(start, start + size)
    return {
      result: page.map((person) => leadOutput(marketo, person, names)),
      ...(start + size < found.length && { nextPageToken: String(start + size) }),
    }
  },
}

function finderOf({ people, restFields, account }: Marketo, type: string): (value: string) => Person[] {
  if (type === 'id') return (value) => findKnown(people, 'Id', value)
  if (type === 'cookies') {
    return (value) => {
      const cookie = readOwnCookie(value, account.munchkinId)
      if (!cookie) throw new RestError('1012', errorText('1012', value))
      const person = people.findByToken(cookie.token)
      return person?.known ? [person] : []
    }
  }
  const field = restFields.get(type)
  if (!field) throw new RestError('1006', errorText('1006', type))
  if (!isSearchable(field)) throw new RestError('1011', errorText('1011', type))
  return (value) => findKnown(people, field.name, value)
}
