/**
 * Implements the calls of activities: their types, a paging token, the activities of known people, and custom activities
 * that a program adds.
 *
 * Source: Adobe's page on activities. Chosen: an attribute that is empty is left out, as the page says of it, though its
 * sample has some; primary values are the page's address, the form's name and the custom value.
 */
import { publishPeople, type Marketo } from '../../marketo.ts'
import type { Person } from '../../people/person.ts'
import { findKnown } from '../../people/upsert.ts'
import type { ActivityView } from '../../view.ts'
import type { NumberedActivity } from '../activity-log.ts'
import {
  ACTIVITY_TYPES,
  FILL_OUT_FORM,
  FIRST_CUSTOM_TYPE,
  NEW_LEAD,
  VISIT_WEBPAGE,
  type ActivityType,
} from '../activity-types.ts'
import { errorText, RestError, type ErrorEntry } from '../errors.ts'
import { asObject, textOf } from '../lead-input.ts'
import { secondsOf } from '../lead-output.ts'
import { pageSizeOf, requiredValue, valuesOf } from '../query.ts'
import { findList } from '../static-list.ts'
import type { Operation } from './operation.ts'

const MAX_ACTIVITIES = 300
const MAX_TYPES = 10
const MAX_LEADS = 30

export const getActivityTypes: Operation = {
  name: 'getActivityTypes',
  method: 'GET',
  path: /^\/rest\/v1\/activities\/types\.json$/,
  run: () => ({ result: [...ACTIVITY_TYPES] }),
}

export const getPagingToken: Operation = {
  name: 'getPagingToken',
  method: 'GET',
  path: /^\/rest\/v1\/activities\/pagingtoken\.json$/,
  run: ({ activities }, { query }) => {
    const text = requiredValue(query, 'sinceDatetime')
    const since = Date.parse(text)
    if (Number.isNaN(since)) throw new RestError('1001', errorText('1001', text, 'datetime'))
    return { nextPageToken: activities.tokenSince(since) }
  },
}

export const getActivities: Operation = {
  name: 'getActivities',
  method: 'GET',
  path: /^\/rest\/v1\/activities\.json$/,
  run: (marketo, { query }) => {
    const token = requiredValue(query, 'nextPageToken')
    requiredValue(query, 'activityTypeIds')
    const types = numbersOf(query, 'activityTypeIds', MAX_TYPES)
    const leads = numbersOf(query, 'leadIds', MAX_LEADS)
    const list = query.get('listId')
    const members = list === null ? undefined : findList(marketo, list).members
    const read = marketo.activities.read(token, pageSizeOf(query, MAX_ACTIVITIES), ({ person, activity }) => {
      const type = typeOf(activity)
      return (
        type !== undefined &&
        types.includes(type) &&
        (leads.length === 0 || leads.includes(person.id)) &&
        (members?.has(person.id) ?? true)
      )
    })
    if (!read) throw new RestError('1003', 'Invalid data: nextPageToken is not a paging token')
    return { result: read.page.map(activityOutput), nextPageToken: read.token, moreResult: read.more }
  },
}

export const addCustomActivities: Operation = {
  name: 'addCustomActivities',
  method: 'POST',
  path: /^\/rest\/v1\/activities\/external\.json$/,
  hasBody: true,
  run: (marketo, { json, call }) => {
    const input = asObject(json)?.['input']
    if (!Array.isArray(input) || input.length === 0) throw new RestError('1003', 'Invalid data: input has no activity')
    if (input.length > MAX_ACTIVITIES)
      throw new RestError('1003', `Invalid data: more than ${MAX_ACTIVITIES} activities`)
    const result = input.map((entry) => addCustomActivity(marketo, asObject(entry) ?? {}, call))
    publishPeople(marketo)
    return { result }
  },
}

/** Returns undefined for what is no activity of Marketo: a value that was written, and a cookie. */
function typeOf(activity: ActivityView): number | undefined {
  switch (activity.type) {
    case 'visit':
      return VISIT_WEBPAGE
    case 'form':
      return FILL_OUT_FORM
    case 'known':
      return NEW_LEAD
    case 'custom':
      return activity.activityTypeId
    case 'sync':
    case 'associated':
      return undefined
    default:
      return activity satisfies never
  }
}

function activityOutput({ id, person, activity }: NumberedActivity): object {
  return {
    id,
    marketoGUID: String(id),
    leadId: person.id,
    activityDate: secondsOf(Date.parse(activity.at)),
    activityTypeId: typeOf(activity),
    ...contentOf(activity),
  }
}

function contentOf(activity: ActivityView): object {
  switch (activity.type) {
    case 'visit': {
      const { host, pathname, search } = new URL(activity.url)
      return {
        primaryAttributeValue: `${host}${pathname}`,
        attributes: attributesOf({
          'Query Parameters': search.slice(1),
          'Referrer URL': activity.referrer,
          'Webpage URL': pathname,
        }),
      }
    }
    case 'form':
      return {
        primaryAttributeValueId: activity.formId,
        primaryAttributeValue: activity.form,
        attributes: attributesOf({ 'Query Parameters': activity.query, 'Referrer URL': activity.url }),
      }
    case 'known':
      return { attributes: attributesOf({ 'Source Type': 'Web service API' }) }
    case 'custom':
      return { primaryAttributeValue: activity.primaryValue, attributes: activity.attributes }
    case 'sync':
    case 'associated':
      return { attributes: [] }
    default:
      return activity satisfies never
  }
}

function attributesOf(values: Readonly<Record<string, string | undefined>>): object[] {
  return Object.entries(values).flatMap(([name, value]) => (value ? [{ name, value }] : []))
}

interface CustomResult {
  id?: number
  marketoGUID?: string
  status: 'added' | 'skipped'
  errors?: ErrorEntry[]
}

function addCustomActivity(marketo: Marketo, given: Readonly<Record<string, unknown>>, call: number): CustomResult {
  const { people, activities } = marketo
  const refuse = (code: string, message = errorText(code)): CustomResult => ({
    status: 'skipped',
    errors: [{ code, message }],
  })
  const missing = ['leadId', 'activityDate', 'activityTypeId', 'primaryAttributeValue'].find(
    (name) => (textOf(given[name] ?? null) ?? '') === '',
  )
  if (missing !== undefined) return refuse('1002', errorText('1002', missing))
  const at = Date.parse(String(given['activityDate']))
  if (Number.isNaN(at)) return refuse('1001', errorText('1001', String(given['activityDate']), 'datetime'))
  const type = ACTIVITY_TYPES.find(({ id }) => id === Number(given['activityTypeId']))
  if (!type || type.id < FIRST_CUSTOM_TYPE) return refuse('1013')
  const [person] = findKnown(people, 'Id', String(given['leadId']))
  if (!person) return refuse('1004')
  const attributes = readAttributes(type, given['attributes'])
  if ('unknown' in attributes) return refuse('1006', errorText('1006', attributes.unknown))

  const activity: ActivityView = {
    type: 'custom',
    at: new Date(at).toISOString(),
    call,
    activityTypeId: type.id,
    name: type.name,
    primaryValue: String(given['primaryAttributeValue']),
    attributes: attributes.read,
  }
  insert(person, activity)
  people.markChanged(person)
  const id = activities.numberOf(activity)
  return { id, marketoGUID: String(id), status: 'added' }
}

/** Reads attributes by name or by API name. */
function readAttributes(
  { attributes }: ActivityType,
  given: unknown,
): { read: { name: string; value: string }[] } | { unknown: string } {
  const read: { name: string; value: string }[] = []
  for (const entry of Array.isArray(given) ? given : []) {
    const { name, apiName, value } = asObject(entry) ?? {}
    const wanted = String(apiName ?? name)
    const attribute = attributes.find((each) => each.apiName === wanted || each.name === wanted)
    if (!attribute) return { unknown: wanted }
    read.push({ name: attribute.name, value: textOf(value ?? null) ?? JSON.stringify(value) })
  }
  return { read }
}

/** Adds an activity at the place of its date, which may be in the past. */
function insert(person: Person, activity: ActivityView): void {
  person.activities = [...person.activities, activity].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** @throws RestError 1003 if a value is not a number, or if there are too many */
function numbersOf(query: URLSearchParams, name: string, max: number): number[] {
  const numbers = valuesOf(query, name).map(Number)
  if (numbers.length > max || !numbers.every(Number.isSafeInteger))
    throw new RestError('1003', `Invalid data: ${name} must be at most ${max} numbers`)
  return numbers
}
