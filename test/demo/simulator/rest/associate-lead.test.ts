/** Associate Lead. Expected values: Adobe's leads.md and error-codes.md, and rest.md 1.3. */
import { describe, expect, it } from 'vitest'
import { COOKIE, OTHER_COOKIE, TOKEN } from '../simulator-client.ts'
import { openRest } from './rest-client.ts'

const ANA = { email: 'ana@acme.example' }

describe('an association', () => {
  it('joins the earlier visits of an anonymous visitor to the lead', async () => {
    const rest = openRest()
    await rest.visit(TOKEN, '/pricing')
    const { body } = await rest.syncLeads([ANA])

    const answer = await rest.associate(body.result?.[0]?.id ?? 0, COOKIE)

    expect(answer.body).toEqual({ requestId: expect.stringMatching(/^[0-9a-f]+#[0-9a-f]+$/), success: true })
    const leads = await rest.leads()
    expect(leads).toHaveLength(1)
    expect(leads).toMatchObject([{ id: 700002, email: 'ana@acme.example', cookies: [COOKIE] }])
    expect(leads[0]?.activities.map(({ type }) => type)).toContain('visit')
  })

  it('leaves the earlier visits of another known lead with that lead', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA, { email: 'eva@acme.example' }])
    await rest.associate(700001, COOKIE)
    await rest.visit(TOKEN, '/first')

    await rest.associate(700002, COOKIE)
    await rest.visit(TOKEN, '/second')

    const visits = (await rest.leads()).map(({ activities }) =>
      activities.flatMap((activity) => (activity.type === 'visit' ? new URL(activity.url).pathname : [])),
    )
    expect(visits).toEqual([['/first'], ['/second']])
  })

  it('may be repeated', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answers = [await rest.associate(700001, COOKIE), await rest.associate(700001, COOKIE)]

    expect(answers.map(({ body }) => body.success)).toEqual([true, true])
    expect(await rest.leads()).toMatchObject([{ cookies: [COOKIE] }])
  })

  it('is recorded with its lead', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.syncLeads([ANA], {}, { token })
    await rest.associate(700001, COOKIE, { token })

    const call = (await rest.calls()).at(-1)

    expect(call).toMatchObject({ operation: 'associateLead', leadId: 700001, ok: true, applied: true })
  })
})

describe('the cookie', () => {
  const path = (cookie: string): string => `/rest/v1/leads/700001/associate.json?cookie=${cookie}`
  const headers = { 'Content-Type': 'application/json' }

  it.each([
    // The sample of leads.md encodes the ampersand alone.
    ['with its ampersand encoded', COOKIE.replace('&', '%26'), COOKIE],
    ['with everything encoded', encodeURIComponent(COOKIE), COOKIE],
    // Marketo's own samples in Java and C#.
    ['with the name of the cookie before it', `_mkto_trk%3D${encodeURIComponent(COOKIE)}`, COOKIE],
  ])('is taken %s', async (_, cookie, stored) => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.send('POST', path(cookie), { headers, as: 'ResponseWithoutResult' })

    expect(answer.body.success).toBe(true)
    expect(await rest.leads()).toMatchObject([{ cookies: [stored] }])
  })

  it.each([
    ['with', `_mkto_trk=${COOKIE}`, { cookiePrefix: '_mkto_trk=' }],
    ['without', COOKIE, {}],
  ])('is recorded %s the name of the cookie, as it came', async (_, cookie, shown) => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    await rest.associate(700001, cookie)

    const [lead] = await rest.leads()
    const at = expect.any(String) as string
    expect(lead?.activities.at(-1)).toEqual({ type: 'associated', at, call: expect.any(Number) as number, ...shown })
  })

  it.each([
    ['was encoded twice', encodeURIComponent(encodeURIComponent(COOKIE)), encodeURIComponent(COOKIE)],
    ['was not encoded, so that it ends at the ampersand', COOKIE, 'id:123-ABC-456'],
    ['is no cookie', 'hello', 'hello'],
    ['is missing', '', ''],
    [
      'belongs to another account',
      encodeURIComponent(COOKIE.replace('123-ABC', '999-XYZ')),
      COOKIE.replace('123-ABC', '999-XYZ'),
    ],
  ])('is refused with 1012 and quoted if it %s', async (_, cookie, quoted) => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.send('POST', path(cookie), { headers, as: 'ResponseWithoutResult' })

    expect(answer.body).toMatchObject({
      success: false,
      errors: [{ code: '1012', message: `Invalid cookie value '${quoted}'` }],
    })
    expect(await rest.leads()).toMatchObject([{ cookies: [] }])
  })
})

it.each([
  ['nobody has the id', 700009],
  ['the id is that of an anonymous visitor', 700001],
])('an association is refused with 1004 if %s', async (_, id) => {
  const rest = openRest()
  await rest.visit(TOKEN, '/')

  const answer = await rest.associate(id, OTHER_COOKIE)

  expect(answer.body.errors).toEqual([{ code: '1004', message: 'Lead not found' }])
})

// rest.md 1.2: seen at a live account, for a POST without a body.
it('an association without a JSON content type is refused with 612', async () => {
  const rest = openRest()
  await rest.syncLeads([ANA])

  const answer = await rest.associate(700001, COOKIE, { headers: {} })

  expect(answer.body.errors).toEqual([{ code: '612', message: 'Invalid Content Type' }])
  expect(await rest.leads()).toMatchObject([{ cookies: [] }])
})
