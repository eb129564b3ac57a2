import { describe, expect, it } from 'vitest'
import { dense, openSimulator, texts } from '../simulator-client.ts'

const OBJECTS = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Body>
    <ns1:successListMObjects>
      <result>
        <objects>ActivityRecord</objects>
        <objects>LeadRecord</objects>
        <objects>Opportunity</objects>
        <objects>OpportunityPersonRole</objects>
      </result>
    </ns1:successListMObjects>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

const FIRST_NAME = `<field>
  <name>FirstName</name>
  <description xsi:nil="true"/>
  <displayName>First Name</displayName>
  <sourceObject>Lead</sourceObject>
  <dataType>string</dataType>
  <size>255</size>
  <isReadonly>false</isReadonly>
  <isUpdateBlocked>false</isUpdateBlocked>
  <isName xsi:nil="true"/>
  <isPrimaryKey>false</isPrimaryKey>
  <isCustom>false</isCustom>
  <isDynamic>false</isDynamic>
  <dynamicFieldRef xsi:nil="true"/>
  <updatedAt>2026-01-15T09:00:00+00:00</updatedAt>
</field>`

describe('listMObjects', () => {
  it('lists the four objects', async () => {
    const simulator = openSimulator()

    const answer = await simulator.ask('ListMObjects', '')

    expect(dense(answer.body)).toBe(dense(OBJECTS))
  })
})

describe('describeMObject', () => {
  it('describes every property of a field, nil if there is no value', async () => {
    const fields = await leadFields()

    expect(fields.get('FirstName')).toBe(dense(FIRST_NAME))
  })

  it('describes the standard fields and the custom ones', async () => {
    const fields = await leadFields()

    const custom = [...fields.values()].filter((field) => field.includes('<isCustom>true</isCustom>'))
    expect(fields.size - custom.length).toBeGreaterThan(60)
    expect(custom).toHaveLength(16)
    expect([...fields.keys()].filter((name) => name.endsWith('__c'))).toHaveLength(16)
  })

  it.each([
    ['Id', 'integer', undefined, 'isPrimaryKey'],
    ['ForeignSysPersonId', 'string', '50', ''],
    ['Email', 'email', '255', ''],
    ['Address', 'text', '30000', ''],
    ['Phone', 'phone', '255', ''],
    ['Website', 'url', '255', ''],
    ['DateofBirth', 'date', undefined, ''],
    ['Unsubscribed', 'boolean', undefined, ''],
    ['NumberOfEmployees', 'integer', undefined, ''],
    ['AnnualRevenue', 'currency', undefined, ''],
    ['LeadScore', 'score', undefined, ''],
    ['InferredCompany', 'string', '255', 'isReadonly'],
    ['Berths__c', 'integer', undefined, 'isCustom'],
  ])('describes %s with the type %s and the size %s', async (name, type, size, flag) => {
    const fields = await leadFields()

    const field = fields.get(name) ?? ''
    expect(texts(field, 'dataType')).toEqual([type])
    expect(texts(field, 'size')).toEqual(size === undefined ? [] : [size])
    if (flag !== '') expect(texts(field, flag)).toEqual(['true'])
  })

  it.each(['ActivityRecord', 'Opportunity', 'OpportunityPersonRole'])('describes the object %s', async (object) => {
    const simulator = openSimulator()

    const answer = await simulator.ask('DescribeMObject', `<objectName>${object}</objectName>`)

    expect(texts(answer.body, 'name')[0]).toBe(object)
    expect(texts(answer.body, 'name')).toContain('Id')
  })

  it('answers 20110 for an unknown object, with the captured text', async () => {
    const simulator = openSimulator()

    const answer = await simulator.ask('DescribeMObject', '<objectName>leadrecord</objectName>')

    expect(answer.body).toContain('<faultstring>20110 - Input error</faultstring>')
    expect(answer.body).toContain('<message>Object name is not valid (20110)</message>')
  })

  it('answers 20109 without an object name', async () => {
    const simulator = openSimulator()

    const answer = await simulator.ask('DescribeMObject', '')

    expect(answer.code).toBe('20109')
  })
})

describe('syncLead uses the fields of describeMObject: it', () => {
  it('accepts every described field and stores all but the read-only ones', async () => {
    const simulator = openSimulator()
    const fields = await leadFields()
    const described = [...fields].filter(([name]) => !['Id', 'ForeignSysPersonId', 'ForeignSysType'].includes(name))
    const attributes = Object.fromEntries(
      described.map(([name, field]) => [name, sampleOf(texts(field, 'dataType')[0])]),
    )

    const answer = await simulator.sync({ email: 'ana@acme.example', attributes })

    const [lead] = await simulator.leads()
    const readOnly = [...fields].filter(([, field]) => field.includes('<isReadonly>true')).map(([name]) => name)
    expect(answer.done).toBe('CREATED')
    expect(readOnly).toEqual(['Id', 'AnonymousIP', 'InferredCompany', 'InferredCountry'])
    expect(Object.keys(lead?.attributes ?? {})).toEqual(
      described.map(([name]) => name).filter((name) => name !== 'Email' && !readOnly.includes(name)),
    )
  })

  it.each([
    ['a string of 255 characters with more bytes', { City: '😀'.repeat(255) }],
    ['a text of 30,000 bytes', { Message__c: 'ö'.repeat(15_000) }],
    ['a website without a protocol, as Marketo stores it', { Website: 'acme.example' }],
    ['a boolean as a number', { Unsubscribed: '1' }],
    ['a boolean as a word', { Unsubscribed: 'True' }],
    ['an amount', { AnnualRevenue: '-12.50' }],
    ['a leap day', { DateofBirth: '2024-02-29' }],
    ['a date with time', { MarketoSocialLastReferredVisit: '2026-11-23T09:30:00+00:00' }],
    ['a read-only field, which is not stored', { InferredCompany: 'x'.repeat(256) }],
    ['an empty value, which clears the field', { Berths__c: '' }],
  ])('accepts %s', async (_, attributes) => {
    const simulator = openSimulator()

    const answer = await simulator.sync({ email: 'ana@acme.example', attributes })

    expect(answer.done).toBe('CREATED')
  })

  it.each([
    ['a string of 256 characters', { City: 'x'.repeat(256) }, 'City is longer than 255 characters'],
    ['a text of 30,001 bytes', { Message__c: `x${'ö'.repeat(15_000)}` }, 'Message__c is longer than 30000 bytes'],
    ['text for a number', { Berths__c: 'many' }, 'Berths__c is not a valid integer'],
    ['a fraction for a whole number', { NumberOfEmployees: '1.5' }, 'NumberOfEmployees is not a valid integer'],
    ['an amount with a currency sign', { AnnualRevenue: '$1' }, 'AnnualRevenue is not a valid currency'],
    ['an invalid boolean', { Unsubscribed: 'maybe' }, 'Unsubscribed is not a valid boolean'],
    ['a date that does not exist', { DateofBirth: '2026-02-29' }, 'DateofBirth is not a valid date'],
    ['a date in another format', { DateofBirth: '23.11.2026' }, 'DateofBirth is not a valid date'],
    [
      'an address of 256 characters',
      { Email: `${'x'.repeat(243)}@acme.example` },
      'Email is longer than 255 characters',
    ],
  ])('rejects %s with 20110', async (_, attributes, problem) => {
    const simulator = openSimulator()

    const answer = await simulator.sync({ email: 'ana@acme.example', attributes })

    expect(answer).toMatchObject({ status: 500, code: '20110' })
    expect(answer.body).toContain(`<message>${problem} (20110)</message>`)
    expect(await simulator.leads()).toEqual([])
  })

  it('rejects a foreign id of 51 characters with 20110', async () => {
    const simulator = openSimulator()

    const answers = [
      await simulator.sync({ foreignId: 'x'.repeat(51), foreignType: 'CUSTOM' }),
      await simulator.sync({ foreignId: 'x'.repeat(50), foreignType: 'CUSTOM' }),
    ]

    expect(answers.map(({ code, done }) => code ?? done)).toEqual(['20110', 'CREATED'])
  })
})

/** Reads the XML of each field, by name. */
async function leadFields(): Promise<Map<string, string>> {
  const answer = await openSimulator().ask('DescribeMObject', '<objectName>LeadRecord</objectName>')
  const fields = answer.body.match(/<field>[^]*?<\/field>/g) ?? []
  return new Map(fields.map((field) => [texts(field, 'name')[0] ?? '', field]))
}

function sampleOf(type = ''): string {
  const samples: Record<string, string> = { boolean: 'true', date: '2026-11-23', datetime: '2026-11-23T09:30:00+00:00' }
  return samples[type] ?? '1'
}
