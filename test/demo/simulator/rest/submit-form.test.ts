/** Submit Form. Expected values: Adobe's leads.md, and what users of the call found (rest.md 1.4). */
import { describe, expect, it } from 'vitest'
import { COOKIE, TOKEN } from '../simulator-client.ts'
import { openRest } from './rest-client.ts'

const ANA = { email: 'ana@acme.example', firstName: 'Ana' }

describe('a submission', () => {
  it('creates a lead, then updates it', async () => {
    const rest = openRest()

    const created = await rest.submit(ANA)
    const updated = await rest.submit({ ...ANA, lastName: 'Ruiz' })

    expect([created.body.result, updated.body.result]).toEqual([
      [{ id: 700001, status: 'created' }],
      [{ id: 700001, status: 'updated' }],
    ])
    expect(await rest.leads()).toMatchObject([{ attributes: { FirstName: 'Ana', LastName: 'Ruiz' } }])
  })

  it('notes that the form was filled out, with page and query', async () => {
    const rest = openRest()
    const visitorData = {
      pageURL: 'https://www.acme.example/pilot',
      queryString: 'utm_source=x',
      leadClientIpAddress: '203.0.113.7',
      userAgentString: 'Mozilla/5.0',
    }

    await rest.submit({ leadFormFields: ANA, visitorData }, { programId: 1044 })

    expect((await rest.leads())[0]?.activities.at(-1)).toEqual({
      type: 'form',
      at: '2026-11-23T09:30:00.000Z',
      call: 2,
      formId: 1029,
      form: 'Pilot request',
      programId: 1044,
      url: 'https://www.acme.example/pilot',
      query: 'utm_source=x',
    })
  })

  it('that is repeated notes a second time that the form was filled out', async () => {
    const rest = openRest()

    await rest.submit(ANA)
    await rest.submit(ANA)

    const types = (await rest.leads())[0]?.activities.map(({ type }) => type)
    expect(types?.filter((type) => type === 'form')).toHaveLength(2)
  })

  it('joins the earlier visits of the raw cookie to the lead', async () => {
    const rest = openRest()
    await rest.visit(TOKEN, '/pricing')

    await rest.submit({ leadFormFields: ANA, cookie: COOKIE })

    expect(await rest.leads()).toMatchObject([
      { email: 'ana@acme.example', cookies: [COOKIE], activities: [{ type: 'visit' }, {}, {}, { type: 'form' }] },
    ])
  })

  it('with a percent-encoded cookie is written without it', async () => {
    const rest = openRest()

    const answer = await rest.submit({ leadFormFields: ANA, cookie: encodeURIComponent(COOKIE) })

    expect(answer.body.result).toMatchObject([{ status: 'created' }])
    expect(await rest.leads()).toMatchObject([{ cookies: [] }])
  })

  // leads.md: the whole submission is validated against the form; since 2021-08 the last updated of duplicates is written.
  it('of an address that several leads have updates the one that was updated last', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])
    await rest.syncLeads([ANA], { action: 'createDuplicate' })
    await rest.syncLeads([{ id: 700001, lastName: 'Ruiz' }], { action: 'updateOnly', lookupField: 'id' })

    const answer = await rest.submit(ANA)

    expect(answer.body.result).toEqual([{ id: 700001, status: 'updated' }])
  })

  it('puts a new lead into the primary partition of the form’s workspace, and updates one of another', async () => {
    const rest = openRest({ workspaces: ['Asia', { name: 'Europe', partition: 'Europe People' }] })
    const form = { id: 7, name: 'Europe', status: 'approved', workspace: 'Europe', fields: ['Email', 'FirstName'] }
    await rest.control('/sim/forms', { forms: [form] })
    await rest.syncLeads([ANA], { partitionName: 'Asia' })

    await rest.submit(ANA, { formId: 7 })
    await rest.submit({ email: 'eva@acme.example' }, { formId: 7 })

    expect((await rest.leads()).map(({ partition }) => partition)).toEqual(['Asia', 'Europe People'])
  })

  it('is recorded with its lead', async () => {
    const rest = openRest()
    await rest.submit(ANA)

    const [, call] = await rest.calls('?records=1')

    expect(call).toMatchObject({
      operation: 'submitForm',
      leadId: 700001,
      records: [{ email: 'ana@acme.example', attributes: { FirstName: 'Ana' }, status: 'CREATED', leadId: 700001 }],
    })
  })
})

describe('a field', () => {
  // canonical pull 16793, hashicorp/react-components 785.
  it.each([
    ['that the form does not have', 'city'],
    ['that Marketo does not know', 'nickname'],
    ['by its SOAP API name', 'FirstName'],
  ])('%s skips the whole submission, with success', async (_, name) => {
    const rest = openRest()

    const answer = await rest.submit({ ...ANA, [name]: 'x' })

    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ success: true, result: [{ status: 'skipped' }] })
    expect(await rest.leads()).toEqual([])
    expect((await rest.calls()).at(-1)).toMatchObject({ ok: false, code: '1006' })
  })

  // blog.md, 2022-05-09.
  it.each([
    ['null', { ...ANA, firstName: null }],
    ['a list', { ...ANA, firstName: ['Ana'] }],
    ['longer than the field', { ...ANA, firstName: 'x'.repeat(256) }],
    ['missing, where it is the address', { firstName: 'Ana' }],
  ])('that is %s rejects the call with 1003', async (_, fields) => {
    const rest = openRest()

    const answer = await rest.submit(fields)

    expect(answer.body).toMatchObject({
      success: false,
      errors: [{ code: '1003', message: 'Form validation failed' }],
    })
    expect(await rest.leads()).toEqual([])
  })
})

describe('a call', () => {
  const entry = { leadFormFields: ANA }

  it.each([
    ['a form that is not there', { formId: 4711 }, '609'],
    ['a form that is a draft', { formId: 1031 }, '609'],
    ['a form that is not a number', { formId: 'pilot' }, '609'],
    ['no form', { formId: undefined }, '609'],
    ['no entry', { input: [] }, '1003'],
    ['two entries', { input: [entry, entry] }, '1003'],
    ['a program that is not there', { programId: 4711 }, '1013'],
    ['an IPv6 address', { input: [{ ...entry, visitorData: { leadClientIpAddress: '2001:db8::7' } }] }, '1003'],
    ['a relative page', { input: [{ ...entry, visitorData: { pageURL: '/pilot' } }] }, '1003'],
  ])('with %s is rejected with %s', async (_, more, code) => {
    const rest = openRest()

    const answer = await rest.submit(ANA, more)

    expect(answer.body).toMatchObject({ success: false, errors: [{ code }] })
    expect(await rest.leads()).toEqual([])
  })

  // marketo.md 7.4: a numeric text is sent in production, and visitorData.email too.
  it('may have the form’s number as a text, and unknown visitor data', async () => {
    const rest = openRest()

    const answer = await rest.submit({ leadFormFields: ANA, visitorData: { email: 'x' } }, { formId: '1029' })

    expect(answer.body.result).toMatchObject([{ status: 'created' }])
  })
})

describe('the forms', () => {
  it('of the demo have every attribute that its site sends', async () => {
    const rest = openRest()

    const fields = (await rest.read('/rest/asset/v1/form/1029/fields.json')).body.result?.map(({ id }) => id)

    // demo/forms.ts
    for (const name of ['FirstName', 'LastName', 'Email', 'Harbour__c', 'Topics__c', 'LeadSource', 'UTM_Source__c'])
      expect(fields).toContain(name)
  })

  it.each([
    ['an unknown field', { fields: ['Nickname'] }],
    ['another status', { status: 'live' }],
    ['no name', { name: '' }],
    ['a number that is a text', { id: '7' }],
    ['more than it should have', { theme: 'simple' }],
  ])('may not have %s', async (_, more) => {
    const rest = openRest()
    const form = { id: 7, name: 'Survey', status: 'approved', workspace: 'Default', fields: ['Email'], ...more }

    const response = await rest.control('/sim/forms', { forms: [form] })

    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ field: 'forms' }] })
  })

  it('may not be two of one number', async () => {
    const rest = openRest()
    const form = { id: 7, name: 'Survey', status: 'approved', workspace: 'Default', fields: ['Email'] }

    const response = await rest.control('/sim/forms', { forms: [form, form] })

    expect(response.status).toBe(400)
  })
})
