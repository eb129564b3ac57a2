import { describe, expect, it } from 'vitest'
import { COOKIE, dense, leadKey, openSimulator, texts, TOKEN, type SimulatorClient } from '../simulator-client.ts'

const FOUND = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Body>
    <ns1:successGetLead>
      <result>
        <count>1</count>
        <leadRecordList>
          <leadRecord>
            <Id>700001</Id>
            <Email>ana@acme.example</Email>
            <ForeignSysPersonId>00Q1</ForeignSysPersonId>
            <ForeignSysType>SFDC</ForeignSysType>
            <leadAttributeList>
              <attribute><attrName>City</attrName><attrType>string</attrType><attrValue>Cork</attrValue></attribute>
              <attribute><attrName>LeadScore</attrName><attrType>integer</attrType><attrValue>7</attrValue></attribute>
              <attribute><attrName>Website</attrName><attrType>url</attrType><attrValue>acme.example</attrValue></attribute>
            </leadAttributeList>
          </leadRecord>
        </leadRecordList>
      </result>
    </ns1:successGetLead>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

describe('getLead', () => {
  it.each([
    ['IDNUM', '700001'],
    ['COOKIE', COOKIE],
    ['EMAIL', 'Ana@ACME.example'],
    ['SFDCLEADID', '00Q1'],
    ['SFDCCONTACTID', '00Q1'],
  ])('finds a lead by %s and returns the whole record in Marketo’s format', async (type, value) => {
    const simulator = await withAna()

    const answer = await simulator.ask('GetLead', leadKey(type, value))

    expect(answer.status).toBe(200)
    expect(dense(answer.body)).toBe(dense(FOUND))
  })

  it('returns the attributes in alphabetical order, with the website that was sent', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', attributes: { Website: 'acme.com', City: 'Cork', Title: 'Dr' } })

    const answer = await simulator.ask('GetLead', leadKey('IDNUM', 700001))

    expect(texts(answer.body, 'attrName')).toEqual(['City', 'Title', 'Website'])
    expect(texts(answer.body, 'attrValue')).toEqual(['Cork', 'Dr', 'acme.com'])
  })

  it('returns both leads with the same address', async () => {
    const simulator = await withAna()
    await simulator.sync({ foreignId: 'F2', foreignType: 'CUSTOM', email: 'eva@acme.example' })
    await simulator.sync({ foreignId: 'F2', foreignType: 'CUSTOM', email: 'ana@acme.example' })

    const answer = await simulator.ask('GetLead', leadKey('EMAIL', 'ana@acme.example'))

    expect(texts(answer.body, 'count')).toEqual(['2'])
    expect(texts(answer.body, 'Id')).toEqual(['700001', '700002'])
  })

  it.each([
    ['IDNUM', '42'],
    ['IDNUM', 'me'],
    ['EMAIL', 'eva@acme.example'],
    ['COOKIE', TOKEN],
    ['SFDCLEADID', '00Q2'],
    ['SFDCOPPTYID', '006'],
    ['SFDCACCOUNTID', '001'],
  ])('answers 20103 with the captured text if nobody has %s = %s', async (type, value) => {
    const simulator = await withAna()

    const answer = await simulator.ask('GetLead', leadKey(type, value))

    expect(answer).toMatchObject({ status: 500, code: '20103' })
    expect(answer.body).toContain('<faultstring>20103 - Lead not found</faultstring>')
    expect(answer.body).toContain(`<message>No lead found with ${type} = ${value} (20103)</message>`)
  })

  it('does not find a lead by a cookie of another account', async () => {
    const simulator = await withAna()

    const answer = await simulator.ask('GetLead', leadKey('COOKIE', `id:999-XYZ-999&token:${TOKEN}`))

    expect(answer.code).toBe('20103')
  })

  it('does not find an anonymous visitor', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')

    const answers = [
      await simulator.ask('GetLead', leadKey('COOKIE', COOKIE)),
      await simulator.ask('GetLead', leadKey('IDNUM', 700001)),
    ]

    expect(answers.map(({ code }) => code)).toEqual(['20103', '20103'])
  })

  it.each(['LEADOWNEREMAIL', 'SFDCLEADOWNERID'])(
    'answers 20108 to %s, because leads have no owner here',
    async (type) => {
      const simulator = await withAna()

      const answer = await simulator.ask('GetLead', leadKey(type, 'sales@acme.example'))

      expect(answer.code).toBe('20108')
    },
  )

  it.each([
    ['20101 without a key', ''],
    ['20101 with an empty key', '<leadKey><keyType>EMAIL</keyType><keyValue/></leadKey>'],
    ['20102 with an unknown type of key', leadKey('PHONE', '1')],
  ])('answers %s', async (title, params) => {
    const simulator = await withAna()

    const answer = await simulator.ask('GetLead', params)

    expect(answer.code).toBe(title.slice(0, 5))
  })
})

async function withAna(): Promise<SimulatorClient> {
  const simulator = openSimulator()
  await simulator.sync({
    email: 'ana@acme.example',
    foreignId: '00Q1',
    foreignType: 'SFDC',
    cookie: COOKIE,
    attributes: { City: 'Cork', LeadScore: '7' },
  })
  return simulator
}
