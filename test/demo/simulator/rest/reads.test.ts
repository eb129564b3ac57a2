/** The reading calls. Expected values: Adobe's leads.md, forms.md and usage.md, and rest.md 1.6. */
import { describe, expect, it } from 'vitest'
import type { Field } from '../../../../demo/simulator/people/fields.ts'
import { COOKIE, TOKEN } from '../simulator-client.ts'
import { openRest } from './rest-client.ts'

const ANA = { email: 'ana@acme.example', firstName: 'Ana', Berths__c: 12, unsubscribed: true, annualRevenue: 1.5 }

const CREATED = '2026-11-23T09:30:00Z'

describe('a lead by its id', () => {
  it('has the default fields, null where it has no value', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.read('/rest/v1/lead/700001.json', 'ResponseOfLead')

    expect(answer.body.result).toEqual([
      {
        id: 700001,
        updatedAt: CREATED,
        lastName: null,
        email: 'ana@acme.example',
        createdAt: CREATED,
        firstName: 'Ana',
      },
    ])
  })

  it('has the fields that were asked for, as values of their types', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])
    await rest.associate(700001, COOKIE)

    const answer = await rest.read(
      '/rest/v1/lead/700001.json?fields=Berths__c,unsubscribed,annualRevenue,cookies',
      'ResponseOfLead',
    )

    expect(answer.body.result).toEqual([
      { id: 700001, Berths__c: 12, unsubscribed: true, annualRevenue: 1.5, cookies: COOKIE },
    ])
  })

  it.each([
    ['nobody has', 700009, '1004'],
    ['an anonymous visitor has', 700001, '1004'],
  ])('that %s is answered %s', async (_, id, code) => {
    const rest = openRest()
    await rest.visit(TOKEN, '/')

    const answer = await rest.read(`/rest/v1/lead/${id}.json`, 'ResponseOfLead')

    expect(answer.body.errors).toMatchObject([{ code }])
  })

  it('with an unknown field is answered 1006', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.read('/rest/v1/lead/700001.json?fields=nickname', 'ResponseOfLead')

    expect(answer.body.errors).toEqual([{ code: '1006', message: "Field 'nickname' not found" }])
  })
})

describe('leads by a filter', () => {
  it.each([
    ['the address', 'filterType=email&filterValues=ANA@acme.example,nobody@acme.example', [700001]],
    ['the id', 'filterType=id&filterValues=700002,700001,x', [700001, 700002]],
    ['the raw cookie', `filterType=cookies&filterValues=${encodeURIComponent(COOKIE)}`, [700001]],
    ['a custom number', 'filterType=Berths__c&filterValues=12', [700001]],
    ['what nobody has', 'filterType=email&filterValues=nobody@acme.example', []],
  ])('are found by %s', async (_, query, ids) => {
    const rest = openRest()
    await rest.syncLeads([ANA, { email: 'eva@acme.example' }])
    await rest.associate(700001, COOKIE)

    const answer = await rest.read(`/rest/v1/leads.json?${query}`, 'ResponseOfLead')

    expect(answer.body.success).toBe(true)
    expect(answer.body.result?.map(({ id }) => id)).toEqual(ids)
  })

  it.each([
    ['no filterType', 'filterValues=1', '1002', /filterType/],
    ['no filterValues', 'filterType=email', '1002', /filterValues/],
    ['a field that is not searched', 'filterType=lastName&filterValues=x', '1011', /Field 'lastName' not supported/],
    ['an unknown field', 'filterType=nickname&filterValues=x', '1006', /nickname/],
    ['a cookie that is none', 'filterType=cookies&filterValues=x', '1012', /Invalid cookie value 'x'/],
    ['more than 300 values', `filterType=id&filterValues=${'1,'.repeat(300)}1`, '1003', /300/],
  ])('with %s are rejected', async (_, query, code, message) => {
    const rest = openRest()

    const answer = await rest.read(`/rest/v1/leads.json?${query}`, 'ResponseOfLead')

    expect(answer.body.errors).toEqual([{ code, message: expect.stringMatching(message) }])
  })

  it('are answered in pages, of which the token tells the next', async () => {
    const rest = openRest()
    await rest.syncLeads(Array.from({ length: 5 }, (_, n) => ({ email: `p${n}@acme.example`, Harbour__c: 'Kiel' })))
    const path = '/rest/v1/leads.json?filterType=Harbour__c&filterValues=Kiel&batchSize=2'

    const pages: unknown[] = []
    let token: string | undefined = ''
    while (token !== undefined) {
      const { body } = await rest.read(`${path}${token && `&nextPageToken=${token}`}`, 'ResponseOfLead')
      pages.push(body.result?.map(({ id }) => id))
      token = body.nextPageToken
    }

    expect(pages).toEqual([[700001, 700002], [700003, 700004], [700005]])
  })

  it('that match more than 1,000 times are answered 1003', async () => {
    const rest = openRest()
    for (let n = 0; n < 4; n += 1)
      await rest.syncLeads(
        Array.from({ length: 251 }, (_, m) => ({ email: `p${n}-${m}@acme.example`, Harbour__c: 'Kiel' })),
      )

    const answer = await rest.read('/rest/v1/leads.json?filterType=Harbour__c&filterValues=Kiel', 'ResponseOfLead')

    expect(answer.body.errors).toEqual([{ code: '1003', message: 'Too many results match the filter' }])
  })

  // error-codes.md, 414: POST with _method=GET and the query as the body.
  it('may be asked for by POST with the query as a form', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.send('POST', '/rest/v1/leads.json?_method=GET', {
      body: 'filterType=email&filterValues=ana%40acme.example',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      as: 'ResponseOfLead',
    })

    expect(answer.body.result).toMatchObject([{ id: 700001 }])
  })
})

describe('the fields', () => {
  const FIELDS: Field[] = [
    { name: 'Email', type: 'email', label: 'Email Address' },
    { name: 'Company', type: 'string', label: 'Company Name' },
    { name: 'SICCode', type: 'string', label: 'SIC Code' },
    { name: 'InferredCompany', type: 'string', label: 'Inferred Company', readOnly: true },
    { name: 'Berths__c', type: 'integer', label: 'Berths', custom: true },
  ]

  it('are described with their names in both APIs, but for read-only ones', async () => {
    const rest = openRest({ fields: FIELDS })

    const answer = await rest.read('/rest/v1/leads/describe.json', 'ResponseOfLeadAttribute')

    const described = answer.body.result
    expect(described?.[0]).toEqual({
      id: 2,
      displayName: 'Id',
      dataType: 'integer',
      rest: { name: 'id', readOnly: false },
    })
    // The sample of leads.md, with another id.
    expect(described).toContainEqual({
      id: expect.any(Number),
      displayName: 'Company Name',
      dataType: 'string',
      length: 255,
      rest: { name: 'company', readOnly: false },
      soap: { name: 'Company', readOnly: false },
    })
    expect(described).toContainEqual({
      id: expect.any(Number),
      displayName: 'Inferred Company',
      dataType: 'string',
      length: 255,
      rest: { name: 'inferredCompany', readOnly: true },
    })
    expect(described).toContainEqual({
      id: expect.any(Number),
      displayName: 'Berths',
      dataType: 'integer',
      rest: { name: 'Berths__c', readOnly: false },
      soap: { name: 'Berths__c', readOnly: false },
    })
  })

  it('are described with the searchable ones by describe2', async () => {
    const rest = openRest({ fields: FIELDS })

    const answer = await rest.read('/rest/v1/leads/describe2.json', 'ResponseOfLeadAttribute2')

    expect(answer.body.result).toMatchObject([
      {
        name: 'API Lead',
        searchableFields: [['id'], ['cookies'], ['email'], ['Berths__c']],
        fields: expect.arrayContaining([
          {
            name: 'sicCode',
            displayName: 'SIC Code',
            dataType: 'string',
            length: 255,
            updateable: true,
            crmManaged: false,
          },
        ]),
      },
    ])
  })

  it('that describe names can be written, and those that are not read-only can be read back', async () => {
    const rest = openRest({ fields: FIELDS })
    const described = (await rest.read('/rest/v1/leads/describe.json')).body.result as unknown as {
      rest: { name: string; readOnly: boolean }
    }[]
    const names = described.map((field) => field.rest.name).filter((name) => name !== 'id' && name !== 'email')

    const answer = await rest.syncLeads([
      { email: 'ana@acme.example', ...Object.fromEntries(names.map((name) => [name, name === 'Berths__c' ? 7 : 'x'])) },
    ])

    expect(answer.body.result).toEqual([{ id: 700001, status: 'created' }])
  })

  // Adobe's list-of-standard-fields.md; the social fields from hashicorp/react-components.
  it.each([
    ['FirstName', 'firstName'],
    ['AnonymousIP', 'anonymousIP'],
    ['SICCode', 'sicCode'],
    ['DateofBirth', 'dateOfBirth'],
    ['NumberOfEmployees', 'numberOfEmployees'],
    ['MarketoSocialGender', 'gender'],
    ['MarketoSocialFacebookId', 'facebookId'],
    ['MarketoSocialTwitterProfileURL', 'twitterProfileURL'],
  ])('%s of SOAP is %s of REST', async (soapName, restName) => {
    const rest = openRest()

    const { body } = await rest.read('/rest/v1/leads/describe.json', 'ResponseOfLeadAttribute')

    const names = body.result?.map((field) => (field['rest'] as { name: string }).name)
    const pairs = body.result?.map(({ soap, rest }) => [
      (soap as { name: string } | undefined)?.name,
      (rest as { name: string }).name,
    ])
    expect(names).toContain(restName)
    if (soapName !== 'AnonymousIP') expect(pairs).toContainEqual([soapName, restName])
  })
})

describe('a form', () => {
  it('has its fields by SOAP API name, and the pseudo-field Profiling', async () => {
    const rest = openRest()

    const { body } = await rest.read('/rest/asset/v1/form/1030/fields.json')

    // The sample of forms.md.
    expect(body).toMatchObject({ success: true, errors: [], warnings: [] })
    expect(body.result).toEqual([
      {
        id: 'FirstName',
        label: 'First Name:',
        dataType: 'text',
        validationMessage: 'This field is required.',
        rowNumber: 0,
        columnNumber: 0,
        maxLength: 255,
        required: false,
        formPrefill: true,
        visibilityRules: { ruleType: 'alwaysShow' },
      },
      expect.objectContaining({ id: 'Email', label: 'Email Address:', dataType: 'email' }),
      { id: 'Profiling', dataType: 'profiling', rowNumber: 2, columnNumber: 0 },
    ])
  })

  it('has a name and a status', async () => {
    const rest = openRest()

    const { body } = await rest.read('/rest/asset/v1/form/1031.json')

    expect(body.result).toMatchObject([{ id: 1031, name: 'Berth survey', status: 'draft' }])
  })

  it.each(['/rest/asset/v1/form/4711.json', '/rest/asset/v1/form/4711/fields.json'])(
    'that is not there is answered 702: %s',
    async (path) => {
      const { body } = await openRest().read(path)

      expect(body).toMatchObject({ success: false, errors: [{ code: '702' }] })
    },
  )
})

describe('the account', () => {
  it('has the partitions of its workspaces and rules', async () => {
    const rest = openRest({
      workspaces: ['Asia', { name: 'Europe', partition: 'Europe People' }],
      rules: [{ attribute: 'Country', value: 'Ireland', partition: 'Islands' }],
    })

    const { body } = await rest.read('/rest/v1/leads/partitions.json', 'ResponseOfLeadPartition')

    expect(body.result?.map(({ name }) => name)).toEqual(['Default', 'Asia', 'Europe People', 'Islands'])
  })

  it('tells the calls of today, with those of SOAP', async () => {
    const rest = openRest()
    await rest.sync({ email: 'ana@acme.example' })
    await rest.syncLeads([ANA])

    const { body } = await rest.read('/rest/v1/stats/usage.json', 'ResponseOfUsageData')

    expect(body.result).toMatchObject([{ date: '2026-11-23', total: 3, users: [{ count: 3 }] }])
  })

  it('tells the errors of today by code', async () => {
    const rest = openRest()
    await rest.read('/rest/v1/people.json')
    await rest.read('/rest/v1/people.json')
    await rest.send('PUT', '/rest/v1/leads.json')

    const { body } = await rest.read('/rest/v1/stats/errors.json', 'ResponseOfErrorsData')

    expect(body.result).toEqual([
      {
        date: '2026-11-23',
        total: 3,
        errors: [
          { errorCode: '605', count: 1 },
          { errorCode: '610', count: 2 },
        ],
      },
    ])
  })
})
