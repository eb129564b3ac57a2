/** Leads of a form that sends some attributes only where Marketo has no value, by REST. */
import { describe, expect, it } from 'vitest'
import type { DeliveryContext } from '../../../../relay/delivery/transport.ts'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { CANARIES, failure, leadOf, startMarketo, success } from './fake.ts'

const READ = '/rest/v1/leads.json?_method=GET'
const NOT_KNOWN = 'it is not known which values Marketo has'
const PERMITTED: DeliveryContext = { unanswered: 0, step: (call) => call(10_000) }

const noteOf = (...names: string[]) => `left out, because Marketo has a value: ${names.join(', ')}`

function guarded(name: string, change: Partial<Lead> = {}): Lead {
  const attributes = [
    { name: 'FirstName', value: name },
    { name: 'Company', value: 'canary value' },
    { name: 'Phone', value: '030 1' },
  ]
  return leadOf(name, { attributes, whenEmpty: ['Company', 'Phone'], ...change })
}

/** Starts a Marketo that has these people, and answers all but the read as it does. */
function start(read: (sent: URLSearchParams) => Response) {
  const marketo = startMarketo({
    answer: ({ url, text }) => (url.search === '' ? undefined : read(new URLSearchParams(text))),
  })
  return {
    ...marketo,
    paths: () => marketo.calls.map(({ url }) => `${url.pathname}${url.search}`),
    /** Returns the records of the last call. */
    written: () => (JSON.parse(marketo.calls.at(-1)!.text) as { input: Record<string, unknown>[] }).input,
  }
}

describe('a form that sends attributes only where Marketo has no value', () => {
  it('looks the people of a call up by one call, and leaves out of each lead what Marketo has of its person', async () => {
    const { transport, paths, calls, written, problems } = start(() =>
      success([
        { id: 7, email: 'ANA@acme.example', company: 'Globex', phone: null },
        { id: 8, email: 'ben@acme.example', company: null, phone: '1' },
        { id: 9, email: 'ben@acme.example', company: 'Globex', phone: '' },
      ]),
    )

    const verdicts = await transport.deliver([guarded('ana'), guarded('ben'), guarded('cleo')], PERMITTED)

    expect(paths()).toEqual([READ, '/rest/v1/leads.json'])
    expect(Object.fromEntries(new URLSearchParams(calls[0]?.text))).toEqual({
      filterType: 'email',
      filterValues: 'ana@acme.example,ben@acme.example,cleo@acme.example',
      fields: 'id,email,company,phone',
    })
    expect(written()).toEqual([
      { email: 'ana@acme.example', firstName: 'ana', phone: '030 1' },
      { email: 'ben@acme.example', firstName: 'ben' },
      { email: 'cleo@acme.example', firstName: 'cleo', company: 'canary value', phone: '030 1' },
    ])
    expect(verdicts).toEqual([
      { kind: 'delivered', leadId: 700_001, note: noteOf('Company') },
      { kind: 'delivered', leadId: 700_002, note: noteOf('Company', 'Phone') },
      { kind: 'delivered', leadId: 700_003 },
    ])
    expect(problems).toEqual([])
  })

  it('takes two calls for 300 leads, with as many values in the first one', async () => {
    const asked: number[] = []
    const { transport, paths, written } = start((sent) => {
      const emails = sent.get('filterValues')!.split(',')
      asked.push(emails.length)
      return success(emails.map((email, at) => ({ id: at + 1, email, company: at % 2 ? 'Globex' : null, phone: null })))
    })
    const leads = Array.from({ length: 300 }, (_, at) => guarded(`p${at}`))

    const verdicts = await transport.deliver(leads, PERMITTED)

    expect(asked).toEqual([300])
    expect(paths()).toHaveLength(2)
    expect(verdicts.filter((verdict) => 'note' in verdict)).toHaveLength(150)
    expect(written().filter(({ company }) => company !== undefined)).toHaveLength(150)
  })

  it('makes no call for leads without such attributes, and lets them share no call with other forms', async () => {
    const { transport, paths } = start(() => success([]))
    const without = guarded('ana', { attributes: [{ name: 'FirstName', value: 'Ana' }] })

    await transport.deliver([without], PERMITTED)
    const mixed = await transport.deliver([guarded('ana'), leadOf('ben')], PERMITTED)

    expect(paths()).toEqual(['/rest/v1/leads.json'])
    expect(mixed).toMatchObject([
      { kind: 'failed', fault: 'batch' },
      { kind: 'failed', fault: 'batch' },
    ])
    expect(transport.batchKey(guarded('ana'))).toBe(transport.batchKey(without))
    expect(transport.batchKey(leadOf('ana'))).toBe('rest ["","email"]')
  })

  it('finds people by the lookup field of the form', async () => {
    const { transport, calls, written } = start(() =>
      success([
        { id: 7, Customer__c: 41, company: 'Globex' },
        { id: 8, Customer__c: 42, company: null },
      ]),
    )
    const lead = (name: string, number: string) => {
      const attributes = [
        { name: 'Customer__c', value: number },
        { name: 'Company', value: 'Acme' },
      ]
      return guarded(name, { lookup: 'Customer__c', attributes })
    }

    await transport.deliver([lead('ana', '41'), lead('ben', '42')], PERMITTED)

    expect(new URLSearchParams(calls[0]?.text).get('filterType')).toBe('Customer__c')
    expect(new URLSearchParams(calls[0]?.text).get('filterValues')).toBe('41,42')
    expect(written().map(({ company }) => company)).toEqual([undefined, 'Acme'])
  })

  it('overwrites nothing of a person whose value cannot be asked for, because it has a comma', async () => {
    const { transport, paths } = start(() => success([]))
    const attributes = [
      { name: 'Customer__c', value: 'a,b' },
      { name: 'Company', value: 'Acme' },
    ]

    const verdicts = await transport.deliver([guarded('ana', { lookup: 'Customer__c', attributes })], PERMITTED)

    expect(paths()).toEqual(['/rest/v1/leads.json'])
    expect(verdicts).toMatchObject([{ kind: 'delivered', note: noteOf('Company') }])
  })

  it.each<[string, () => Response]>([
    ['has a further page', () => Response.json({ success: true, result: [], nextPageToken: 'x' })],
    ['has a person of another address', () => success([{ id: 7, email: 'other@acme.example' }])],
  ])('sends no lead of a call whose answer %s, and tries a smaller one', async (_, read) => {
    const { transport, paths } = start(read)

    const verdicts = await transport.deliver([guarded('ana'), guarded('ben')], PERMITTED)

    const reason = `${NOT_KNOWN}: the answer does not tell whose they are`
    expect(verdicts).toEqual([1, 2].map(() => ({ kind: 'failed', fault: 'batch', arrived: 'yes', reason })))
    expect(paths()).toEqual([READ])
  })

  it.each([
    ['the rate is exceeded', '606', { kind: 'limited', limit: 'rate' }],
    ['Marketo has an error', '611', { kind: 'failed', fault: 'account' }],
    ['the user may not read', '603', { kind: 'park' }],
  ])('sends no lead where the look-up fails because %s', async (_, code, expected) => {
    const { transport, paths } = start(() => failure(code))

    const verdicts = await transport.deliver([guarded('ana'), guarded('ben')], PERMITTED)

    expect(verdicts).toMatchObject([expected, expected])
    expect(JSON.stringify(verdicts)).toContain(NOT_KNOWN)
    expect(CANARIES.filter((canary) => JSON.stringify(verdicts).includes(canary))).toEqual([])
    expect(paths()).toEqual([READ])
  })

  it('names the attribute that Marketo does not know, to the leads that have it', async () => {
    const { transport } = start(() => failure('1006', "Field 'company' not found"))
    const other = guarded('ben', { attributes: [{ name: 'Phone', value: '1' }] })

    expect(await transport.deliver([guarded('ana'), other], PERMITTED)).toMatchObject([
      { kind: 'rejected', attributes: ['Company'] },
      { kind: 'unaffected' },
    ])
  })

  it('sends no lead where the limits leave no call, or the attempt may make none', async () => {
    const { transport, paths } = start(() => success([]))

    const verdicts = await transport.deliver([guarded('ana')])

    expect(verdicts).toMatchObject([
      { kind: 'failed', fault: 'lead', arrived: 'no', reason: `${NOT_KNOWN}: the limits leave no call now` },
    ])
    expect(paths()).toEqual([])
  })
})

describe('a form that fills out a Marketo form', () => {
  const SUBMIT = '/rest/v1/leads/submitForm.json'
  const lead = guarded('ana', { marketoForm: 1029, receipt: 'Form_Sync_Id__c' })

  it('leaves out what Marketo has of the person', async () => {
    const { transport, calls, paths, problems } = start(() => success([{ id: 7, company: 'Globex' }]))

    expect(await transport.deliver([lead], PERMITTED)).toEqual([
      { kind: 'delivered', leadId: 700_001, note: noteOf('Company') },
    ])
    expect(paths()).toEqual([READ, SUBMIT])
    expect(calls[1]?.text).not.toContain('canary value')
    expect(calls[1]?.text).toContain('030 1')
    expect(problems).toEqual([])
  })

  it('is looked up once, for its receipt and for the values, where an answer was lost', async () => {
    const { transport, calls, paths } = start(() => success([{ id: 7, company: 'Globex', Form_Sync_Id__c: 'other' }]))

    await transport.deliver([lead], { ...PERMITTED, unanswered: 1 })

    expect(paths()).toEqual([READ, SUBMIT])
    expect(new URLSearchParams(calls[0]?.text).get('fields')).toBe('id,Form_Sync_Id__c,company,phone')
  })

  it('is not filled out where the look-up gets no answer, and that is told', async () => {
    const { transport, paths } = start(() => new Response('', { status: 502 }))

    const [verdict] = await transport.deliver([lead], PERMITTED)

    expect(verdict).toMatchObject({ kind: 'failed', arrived: 'yes' })
    expect(paths()).toEqual([READ])
  })
})
