import { expect, it } from 'vitest'
import { openRest } from './rest-client.ts'

const LEADS = '/rest/v1/lists/1001/leads.json'
const TWO = [{ id: 700001 }, { id: 42 }]

async function withAna() {
  const rest = openRest()
  await rest.sync({ email: 'ana@acme.example' })
  return rest
}

it('a lead is added to a list, and one that is not there is skipped with 1004', async () => {
  const rest = await withAna()

  const { body } = await rest.send('POST', LEADS, { json: { input: TWO } })

  expect(body).toMatchObject({
    success: true,
    result: [
      { id: 700001, status: 'added' },
      { id: 42, status: 'skipped', reasons: [{ code: '1004', message: 'Lead not found' }] },
    ],
  })
  expect(await (await rest.app.request('/sim/lists')).json()).toMatchObject([{ members: [700001] }, {}])
})

it.each([
  ['the body', LEADS, { json: { input: TWO } }],
  ['the address', `${LEADS}?id=700001,42`, {}],
])('leads are removed by the ids in %s, and 1015 tells who was no member', async (_, path, options) => {
  const rest = await withAna()
  await rest.send('POST', LEADS, { json: { input: TWO } })

  const removed = await rest.send('DELETE', path, options)
  const again = await rest.send('DELETE', path, options)

  expect(removed.body.result).toMatchObject([{ status: 'removed' }, { status: 'skipped' }])
  expect(again.body.result?.[0]?.reasons).toEqual([{ code: '1015', message: 'Lead not in list' }])
})

it('members are told from others, and are listed', async () => {
  const rest = await withAna()
  await rest.sync({ email: 'eva@acme.example' })
  await rest.send('POST', LEADS, { json: { input: [{ id: 700002 }] } })

  const asked = await rest.send('GET', '/rest/v1/lists/1001/leads/ismember.json?id=700001&id=700002')
  const listed = await rest.send('GET', '/rest/v1/list/1001/leads.json?fields=email')

  expect(asked.body.result).toEqual([
    { id: 700001, status: 'notmemberof' },
    { id: 700002, status: 'memberof' },
  ])
  expect(listed.body.result).toEqual([{ id: 700002, email: 'eva@acme.example' }])
})

it('lists are found by id and by name', async () => {
  const rest = await withAna()

  const [all, named, one, none] = await Promise.all(
    ['lists.json', 'lists.json?name=Newsletter', 'lists/1001.json', 'lists/7.json'].map((path) =>
      rest.send('GET', `/rest/v1/${path}`),
    ),
  )

  expect(all?.body.result?.map(({ id }) => id)).toEqual([1001, 1002])
  expect(named?.body.result).toMatchObject([{ id: 1002, name: 'Newsletter', workspaceName: 'Default' }])
  expect(one?.body.result).toMatchObject([{ id: 1001, name: 'Pilot requests' }])
  expect(none?.body.errors).toEqual([{ code: '1013', message: 'Object not found' }])
})

it.each([
  ['without an id', { json: { input: [] } }, '1002'],
  ['with an id that is no number', { json: { input: [{ id: 'me' }] } }, '1003'],
  ['with more than 300', { json: { input: Array.from({ length: 301 }, () => ({ id: 1 })) } }, '1003'],
  ['without JSON', { body: 'id=1' }, '612'],
])('adding %s is refused with its code', async (_, options, code) => {
  const rest = await withAna()

  const { body } = await rest.send('POST', LEADS, options)

  expect(body.errors?.[0]?.code).toBe(code)
})
