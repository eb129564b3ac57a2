import { describe, expect, it } from 'vitest'
import { createMarketo, MarketoError, type Marketo, type RestMarketoOptions } from '../../../../relay/marketo/index.ts'
import { validateRest } from '../../../support/schema/marketo-rest.ts'
import { ACCOUNT, COOKIE, openSimulator } from '../../../demo/simulator/simulator-client.ts'

const ENDPOINT = 'https://123-ABC-456.mktorest.example/rest'

/** Creates a client of a simulator, and lists the bodies and addresses of its requests. */
function clientUnderTest(options: Partial<RestMarketoOptions> = {}) {
  const simulator = openSimulator({ workspaces: 'any' })
  const sent: { path: string; body: unknown }[] = []
  const marketo = createMarketo({
    ...ACCOUNT,
    endpoint: ENDPOINT,
    ...options,
    now: () => simulator.clock.now,
    fetch: async (url, init) => {
      const { pathname, search } = new URL(url)
      if (!pathname.startsWith('/identity')) {
        sent.push({ path: pathname + search, body: typeof init.body === 'string' ? parse(init.body) : undefined })
      }
      return simulator.app.request(pathname + search, init)
    },
  })
  return {
    marketo,
    sent,
    people: simulator.leads,
    fault: (fault: string) => simulator.control('/sim/faults', { fault, operation: 'syncLeads' }),
  }
}

function parse(text: string): unknown {
  return text.startsWith('{') ? (JSON.parse(text) as unknown) : text
}

/** Creates a client of a Marketo that answers every call so. */
function clientOf(result: unknown) {
  const sent: { method: string | undefined; path: string; body: unknown }[] = []
  const marketo = createMarketo({
    endpoint: ENDPOINT,
    clientId: 'c',
    clientSecret: 's',
    fetch: async (url, { method, body }) => {
      const { pathname } = new URL(url)
      if (pathname.startsWith('/identity')) return Response.json({ access_token: 't', expires_in: 3599 })
      sent.push({ method, path: pathname, body: parse(body as string) })
      return Response.json({ requestId: 'a#1', success: true, result })
    },
  })
  return { marketo, sent }
}

const rejected = (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error('the call was not rejected')),
    (error: unknown) => error as MarketoError,
  )

describe('syncLead over REST', () => {
  it('creates and updates a person as over SOAP, by names of either API', async () => {
    const { marketo, sent, people } = clientUnderTest()

    const created = await marketo.syncLead({
      email: 'ana@acme.example',
      attributes: { FirstName: 'Ana', sicCode: '7' },
    })
    const updated = await marketo.syncLead({ id: created.leadId ?? 0, attributes: { SICCode: '', DoNotCall: '1' } })

    const [ana] = await people()
    expect(created).toEqual({ leadId: ana?.id, status: 'CREATED', error: null, leadRecord: null })
    expect(updated).toEqual({ leadId: ana?.id, status: 'UPDATED', error: null, leadRecord: null })
    expect(ana?.attributes).toMatchObject({ FirstName: 'Ana' })
    expect(ana?.attributes).not.toHaveProperty('SICCode', '7')
    expect(sent.map(({ body }) => validateRest('SyncLeadRequest', body))).toEqual([[], []])
  })

  it('D12: associates the cookie, percent-encoded or not', async () => {
    const { marketo, people } = clientUnderTest()

    await marketo.syncLead({ email: 'ana@acme.example', marketoCookie: encodeURIComponent(COOKIE) })

    expect(await people()).toMatchObject([{ email: 'ana@acme.example', cookies: [COOKIE] }])
  })

  it.each([
    [{}, [undefined]],
    [{ cookiePrefix: '_mkto_trk=' } as const, ['_mkto_trk=']],
  ])('sends the cookie with the prefix of the options: %j', async (options, prefixes) => {
    const { marketo, people } = clientUnderTest(options)
    const { leadId } = await marketo.syncLead({ email: 'ana@acme.example', marketoCookie: COOKIE })
    await marketo.associate({ leadId: leadId!, cookie: COOKIE })

    const [ana] = await people()

    expect(ana?.cookies).toEqual([COOKIE])
    const associated = ana?.activities.flatMap((each) => (each.type === 'associated' ? [each.cookiePrefix] : []))
    expect(associated).toEqual([...prefixes, ...prefixes])
  })

  it('returns the id of a lead whose cookie Marketo refuses, and says so', async () => {
    const { marketo, people } = clientUnderTest()

    const result = await marketo.syncLead({ email: 'ana@acme.example', marketoCookie: 'nonsense' })

    const [ana] = await people()
    expect(result).toMatchObject({ status: 'CREATED', leadId: ana?.id })
    expect(result.error).toMatch(/^associate: 1012 Invalid cookie value/)
  })

  it('returns the address and the written attributes, if the record is wanted', async () => {
    const { marketo } = clientUnderTest()

    const { leadRecord } = await marketo.syncLead({
      email: 'ana@acme.example',
      attributes: { firstName: 'Ana', Berths__c: '12' },
      returnLead: true,
    })

    expect(leadRecord).toMatchObject({ email: 'ana@acme.example', foreignSysPersonId: null })
    expect(leadRecord?.attributes).toEqual([
      { name: 'FirstName', value: 'Ana', type: null },
      { name: 'Berths__c', value: '12', type: null },
    ])
  })

  it('returns FAILED with Marketo’s reason for a record that was skipped', async () => {
    const { marketo, people } = clientUnderTest()

    const result = await marketo.syncLead({ email: 'ana@acme.example', attributes: { NoSuchField: 'x' } })

    expect(result).toMatchObject({ leadId: null, status: 'FAILED' })
    expect(result.error).toMatch(/^1006 .*NoSuchField/)
    expect(await people()).toEqual([])
  })

  it('finds the person by another field, in a partition', async () => {
    const { marketo, sent } = clientUnderTest()
    const lead = { lookup: 'Harbour__c', partition: 'Europe', attributes: { Harbour__c: 'Cork' } }

    const { status } = await marketo.syncLead({ ...lead, email: 'ana@acme.example' })

    expect(status).toBe('CREATED')
    expect(sent[0]?.body).toMatchObject({ lookupField: 'Harbour__c', partitionName: 'Europe' })
  })

  it.each([
    ['foreignSysPersonId', { foreignSysPersonId: 'crm-7', foreignSysType: 'CUSTOM' as const }, 'use lookup'],
    ['workspace', { email: 'ana@acme.example', workspace: 'Europe' }, 'use partition'],
    ['marketoCookie', { marketoCookie: COOKIE }, 'add email'],
  ])('refuses what REST lacks, and says what to use: %s', async (field, lead, advice) => {
    const { marketo, sent } = clientUnderTest()

    const error = await rejected(marketo.syncLead(lead))

    expect(error).toMatchObject({ code: 'unsupported', operation: 'syncLead', problems: [{ field }] })
    expect(error.message).toContain(advice)
    expect(sent).toEqual([])
  })

  it.each([
    ['a code of the call', '606', { code: '606', limit: 'rate', retryable: true, retryAfter: 20_000 }],
    ['the quota of the day', '607', { code: '607', limit: 'day', retryable: true, retryAfter: 3_600_000 }],
    ['a right that is missing', '603', { code: '603', retryable: false, fault: { name: 'Access denied' } }],
    ['a page of a gateway', 'html502', { code: 'unreadable', retryable: true, uncertain: true, status: 502 }],
  ])('rejects with a MarketoError for %s', async (_, fault, expected) => {
    const { marketo, fault: ask } = clientUnderTest()
    await ask(fault)

    const error = await rejected(marketo.syncLead({ email: 'ana@acme.example' }))

    expect(error).toBeInstanceOf(MarketoError)
    expect(error).toMatchObject({ operation: 'syncLead', ...expected })
  })

  it('ends when the caller aborts', async () => {
    const marketo = createMarketo({
      endpoint: ENDPOINT,
      clientId: 'c',
      clientSecret: 's',
      fetch: () => new Promise(() => {}),
    })
    const controller = new AbortController()

    const call = rejected(marketo.syncLead({ email: 'ana@acme.example' }, { signal: controller.signal }))
    controller.abort()

    expect(await call).toMatchObject({ code: 'aborted', uncertain: false, retryable: false })
  })

  it('asks before each of its requests', async () => {
    const { marketo, sent } = clientUnderTest()
    let asked = 0
    const lead = { email: 'ana@acme.example', marketoCookie: COOKIE, returnLead: true }

    await marketo.syncLead(lead, { runCall: (request) => (asked++, request()) })

    expect(asked).toBe(3)
    expect(sent).toHaveLength(3)
  })
})

describe('the methods of REST', () => {
  it('describe lists the fields with type, length and whether they can be written', async () => {
    const { marketo } = clientUnderTest()

    const fields = await marketo.describe()

    expect(fields.find(({ name }) => name === 'firstName')).toEqual({
      name: 'firstName',
      label: 'First Name',
      dataType: 'string',
      length: 255,
      readOnly: false,
    })
    expect(fields.find(({ name }) => name === 'inferredCompany')?.readOnly).toBe(true)
  })

  it('getLeads returns pages, also for more values than an address holds', async () => {
    const { marketo, sent } = clientUnderTest()
    const emails = Array.from({ length: 300 }, (_, at) => `person-number-${at}@long-name-of-acme.example`)
    for (const email of emails.slice(0, 2)) await marketo.syncLead({ email, attributes: { Company: 'Acme' } })

    const { leads, nextPageToken } = await marketo.getLeads({
      filterType: 'Email',
      values: emails,
      fields: ['Email', 'Company'],
    })

    expect(leads.map(({ email, company }) => [email, company])).toEqual([
      [emails[0], 'Acme'],
      [emails[1], 'Acme'],
    ])
    expect(nextPageToken).toBeNull()
    expect(sent.at(-1)?.path).toBe('/rest/v1/leads.json?_method=GET')
  })

  it('associate connects a cookie, and submitForm sends what Adobe’s contract allows', async () => {
    const { marketo, sent, people } = clientUnderTest()

    const { leadId, status } = await marketo.submitForm({
      formId: 1029,
      fields: { Email: 'ana@acme.example', FirstName: 'Ana' },
      visitor: { pageURL: 'https://www.acme.example/contact' },
    })
    const stray = await marketo.submitForm({ formId: 1030, fields: { Email: 'ana@acme.example', LastName: 'Silva' } })
    await marketo.associate({ leadId: leadId ?? 0, cookie: COOKIE })

    expect(status).toBe('CREATED')
    expect(stray).toMatchObject({ status: 'FAILED', leadId: null })
    expect(await people()).toMatchObject([{ email: 'ana@acme.example', cookies: [COOKIE] }])
    expect(validateRest('SubmitFormRequest', sent[0]?.body)).toEqual([])
  })

  // Bodies by Adobe's swagger: TriggerCampaignRequest and ListOperationRequest.
  it('requestCampaign and addToList send ids', async () => {
    const { marketo: campaigns, sent: ofCampaign } = clientOf([{ id: 1001 }])
    const { marketo: lists, sent: ofList } = clientOf([
      { id: 7, status: 'added' },
      { id: 8, status: 'skipped', reasons: [{ code: '1004', message: 'Lead not found' }] },
    ])

    const requested = await campaigns.requestCampaign({ campaignId: 1001, leads: [{ id: 7 }] })
    const added = await lists.addToList({ listId: 1042, leadIds: [7, 8] })

    expect(requested).toEqual({ success: true })
    expect(ofCampaign).toEqual([
      { method: 'POST', path: '/rest/v1/campaigns/1001/trigger.json', body: { input: { leads: [{ id: 7 }] } } },
    ])
    expect(added).toEqual([
      { leadId: 7, error: null },
      { leadId: 8, error: '1004 Lead not found' },
    ])
    expect(ofList).toEqual([
      { method: 'POST', path: '/rest/v1/lists/1042/leads.json', body: { input: [{ id: 7 }, { id: 8 }] } },
    ])
  })

  it.each<[string, (marketo: Marketo) => Promise<unknown>, string, string[]]>([
    [
      'a lead by its address',
      (m) => m.requestCampaign({ campaignId: 1, leads: [{ email: 'a@b.co' }] }),
      'unsupported',
      ['leads[0]'],
    ],
    [
      'a campaign by its name',
      (m) => m.requestCampaign({ campaignName: 'a', programName: 'b', leads: [{ id: 1 }] }),
      'unsupported',
      ['campaignName'],
    ],
    ['a value with a comma', (m) => m.getLeads({ filterType: 'email', values: ['a,b'] }), 'input', ['values[0]']],
    [
      'a null in a form',
      (m) => m.submitForm({ formId: 1, fields: { email: null as never } }),
      'input',
      ['fields.email'],
    ],
    ['a list without leads', (m) => m.addToList({ listId: 1, leadIds: [] }), 'input', ['leadIds']],
    ['no cookie', (m) => m.associate({ leadId: 1, cookie: ' ' }), 'input', ['cookie']],
  ])('reject %s before anything is sent', async (_, call, code, fields) => {
    const { marketo, sent } = clientUnderTest()

    const error = await rejected(call(marketo))

    expect(error.code).toBe(code)
    expect(error.problems.map(({ field }) => field)).toEqual(fields)
    expect(sent).toEqual([])
  })
})

describe('a client', () => {
  const soap = createMarketo({ endpoint: 'https://mktoapi.example/soap/mktows/3_1', userId: 'u', secretKey: 'k' })
  const rest = createMarketo({ endpoint: ENDPOINT, clientId: 'c', clientSecret: 's' })

  it.each<[operation: string, call: () => Promise<unknown>, instead: string]>([
    ['describe', () => soap.describe(), 'SOAP; use describeMObject'],
    ['getLeads', () => soap.getLeads({ filterType: 'email', values: ['a'] }), 'SOAP; use getLead'],
    ['associate', () => soap.associate({ leadId: 1, cookie: COOKIE }), 'SOAP; use syncLead with marketoCookie'],
    ['submitForm', () => soap.submitForm({ formId: 1, fields: {} }), 'SOAP; use syncLead'],
    ['addToList', () => soap.addToList({ listId: 1, leadIds: [1] }), 'SOAP; use listOperation'],
    ['getLead', () => rest.getLead({ id: 1 }), 'REST; use getLeads'],
    ['describeMObject', () => rest.describeMObject({ objectName: 'LeadRecord' }), 'REST; use describe'],
    ['listMObjects', () => rest.listMObjects(), 'REST; use describe'],
    ['syncMultipleLeads', () => rest.syncMultipleLeads({ leads: [] }), 'REST; use syncLead'],
    [
      'listOperation',
      () => rest.listOperation({ operation: 'ADDTOLIST', list: 'a', leads: [] }),
      'REST; use addToList',
    ],
  ])('of the other transport rejects %s, and says what to use instead', async (operation, call, instead) => {
    const error = await rejected(call())

    expect(error).toMatchObject({ code: 'unsupported', operation, retryable: false })
    expect(error.message).toContain(`not available over ${instead}`)
  })

  it.each([
    ['partition', { partition: 'Europe' }],
    ['lookup', { lookup: 'Crm_Id__c' }],
  ])('over SOAP refuses %s', async (field, more) => {
    const error = await rejected(soap.syncLead({ email: 'ana@acme.example', ...more }))

    expect(error).toMatchObject({ code: 'unsupported', problems: [{ field }] })
  })

  it.each([
    ['an endpoint that is no URL', { endpoint: 'mktorest.com' }],
    ['an endpoint with a password', { endpoint: 'https://a:b@mktorest.example' }],
    ['an empty client id', { clientId: '' }],
    ['an empty secret', { clientSecret: '' }],
  ])('over REST cannot be created with %s', (_, change) => {
    expect(() => createMarketo({ endpoint: ENDPOINT, clientId: 'c', clientSecret: 's', ...change })).toThrow(TypeError)
  })

  it('never tells the credentials of REST', async () => {
    const { app } = openSimulator()
    const marketo = createMarketo({
      endpoint: ENDPOINT,
      clientId: 'canary-client',
      clientSecret: 'canary-secret',
      fetch: async (url, init) => app.request(new URL(url).pathname, init),
    })

    const error = await rejected(marketo.describe())

    expect(error).toMatchObject({ code: 'token', retryable: false })
    expect(error.message + JSON.stringify(error)).not.toMatch(/canary/)
  })
})
