import { expect, it } from 'vitest'
import { COOKIE, START, TOKEN } from '../simulator-client.ts'
import { openRest, type RestClient } from './rest-client.ts'

const SINCE = '/rest/v1/activities/pagingtoken.json?sinceDatetime='
const CONFERENCE = {
  leadId: 700001,
  activityDate: '2026-11-20T10:00:00Z',
  activityTypeId: 100001,
  primaryAttributeValue: 'Harbour days',
  attributes: [{ apiName: 'numberOfAttendees', value: 12 }],
}

async function tokenSince(rest: RestClient, date = '2026-11-01T00:00:00Z'): Promise<string> {
  const { body } = await rest.read(`${SINCE}${encodeURIComponent(date)}`, 'ResponseOfVoid')
  return body.nextPageToken ?? ''
}

async function activities(rest: RestClient, token: string, types: string, more = '') {
  const query = `activityTypeIds=${types}&nextPageToken=${encodeURIComponent(token)}${more}`
  const { body } = await rest.read(`/rest/v1/activities.json?${query}`, 'ResponseOfActivity')
  return body as typeof body & { moreResult?: boolean }
}

function addCustom(rest: RestClient, input: unknown[]) {
  return rest.send('POST', '/rest/v1/activities/external.json', { json: { input }, as: 'ResponseOfCustomActivity' })
}

it('the types have the ids that every account has', async () => {
  const rest = openRest()

  const { body } = await rest.read('/rest/v1/activities/types.json', 'ResponseOfActivityType')

  expect(body.result?.map(({ id, name }) => [id, name])).toEqual([
    [1, 'Visit Webpage'],
    [2, 'Fill Out Form'],
    [12, 'New Lead'],
    [100001, 'Attend Conference'],
  ])
})

it('a person’s visits, forms and first record are read as activities', async () => {
  const rest = openRest()
  await rest.visit(TOKEN, '/pricing?plan=2')
  await rest.submit({
    leadFormFields: { email: 'ana@acme.example' },
    visitorData: { pageURL: 'https://www.acme.example/contact' },
    cookie: COOKIE,
  })

  const body = await activities(rest, await tokenSince(rest), '1,2,12')

  expect(body.moreResult).toBe(false)
  expect(body.result).toMatchObject([
    {
      activityTypeId: 1,
      primaryAttributeValue: 'www.acme.example/pricing',
      attributes: [
        { name: 'Query Parameters', value: 'plan=2' },
        { name: 'Webpage URL', value: '/pricing' },
      ],
    },
    { activityTypeId: 12, activityDate: '2026-11-23T09:30:00Z' },
    { activityTypeId: 2, primaryAttributeValueId: 1029, primaryAttributeValue: 'Pilot request' },
  ])
})

it('an anonymous visitor has no activities until somebody is known', async () => {
  const rest = openRest()
  const token = await tokenSince(rest)
  await rest.visit(TOKEN, '/pricing')
  const before = await activities(rest, token, '1')

  await rest.submit({ leadFormFields: { email: 'ana@acme.example' }, cookie: COOKIE })
  const after = await activities(rest, before.nextPageToken ?? '', '1')

  expect(before.result).toEqual([])
  expect(after.result).toMatchObject([{ activityTypeId: 1 }])
})

it('a program that follows the tokens reads each activity once, also in pages and at one moment of the clock', async () => {
  const rest = openRest()
  await rest.syncLeads([{ email: 'ana@acme.example' }, { email: 'eva@acme.example' }, { email: 'ida@acme.example' }])
  const first = await activities(rest, await tokenSince(rest), '12', '&batchSize=2')
  await addCustom(rest, [CONFERENCE])

  const second = await activities(rest, first.nextPageToken ?? '', '12,100001', '&batchSize=2')
  const third = await activities(rest, second.nextPageToken ?? '', '12,100001')

  expect([first.moreResult, second.moreResult]).toEqual([true, false])
  expect(
    [first, second, third].map(({ result }) => result?.map(({ leadId, activityTypeId }) => [leadId, activityTypeId])),
  ).toEqual([
    [
      [700001, 12],
      [700002, 12],
    ],
    [
      [700003, 12],
      [700001, 100001],
    ],
    [],
  ])
})

it.each([
  ['leadIds', '&leadIds=700002', [700002]],
  ['a static list', '&listId=1001', [700001]],
])('activities are restricted to people by %s', async (_, query, expected) => {
  const rest = openRest()
  await rest.syncLeads([{ email: 'ana@acme.example' }, { email: 'eva@acme.example' }])
  await rest.send('POST', '/rest/v1/lists/1001/leads.json', { json: { input: [{ id: 700001 }] } })

  const body = await activities(rest, await tokenSince(rest), '12', query)

  expect(body.result?.map(({ leadId }) => leadId)).toEqual(expected)
})

it('activities before the date of the token are left out', async () => {
  const rest = openRest()
  await rest.syncLeads([{ email: 'ana@acme.example' }])

  const body = await activities(rest, await tokenSince(rest, new Date(START + 1000).toISOString()), '12')

  expect(body.result).toEqual([])
})

it('a custom activity is added at its date, and the page of the person shows it', async () => {
  const rest = openRest()
  await rest.syncLeads([{ email: 'ana@acme.example' }])

  const { body } = await addCustom(rest, [CONFERENCE])

  expect(body.result).toMatchObject([{ status: 'added', marketoGUID: expect.any(String) as string }])
  const [ana] = await rest.leads()
  expect(ana?.activities[0]).toEqual({
    type: 'custom',
    at: '2026-11-20T10:00:00.000Z',
    // Each of the two calls asks for a token first.
    call: 4,
    activityTypeId: 100001,
    name: 'Attend Conference',
    primaryValue: 'Harbour days',
    attributes: [{ name: 'Number of Attendees', value: '12' }],
  })
})

it.each([
  ['without a lead', { leadId: undefined }, '1002'],
  ['of a lead that is not there', { leadId: 42 }, '1004'],
  ['with a date that is none', { activityDate: 'yesterday' }, '1001'],
  ['of a type that is not there', { activityTypeId: 100009 }, '1013'],
  ['of a type that is Marketo’s own', { activityTypeId: 12 }, '1013'],
  ['with an unknown attribute', { attributes: [{ apiName: 'boat', value: '1' }] }, '1006'],
])('a custom activity %s is skipped, and the others are added', async (_, change, code) => {
  const rest = openRest()
  await rest.syncLeads([{ email: 'ana@acme.example' }])

  const { body } = await addCustom(rest, [{ ...CONFERENCE, ...change }, CONFERENCE])

  expect(body.result).toMatchObject([{ status: 'skipped', errors: [{ code }] }, { status: 'added' }])
})

it.each([
  ['a token that is none', 'activities.json?activityTypeIds=1&nextPageToken=abc', '1003'],
  ['no token', 'activities.json?activityTypeIds=1', '1002'],
  ['no types', `activities.json?nextPageToken=abc`, '1002'],
  ['more than ten types', 'activities.json?nextPageToken=abc&activityTypeIds=1,2,3,4,5,6,7,8,9,10,11', '1003'],
  ['a date that is none', 'activities/pagingtoken.json?sinceDatetime=yesterday', '1001'],
  ['no date', 'activities/pagingtoken.json', '1002'],
])('activities with %s are refused', async (_, path, code) => {
  const rest = openRest()

  const { body } = await rest.read(`/rest/v1/${path}`)

  expect(body.errors?.[0]?.code).toBe(code)
})
