import { describe, expect, it } from 'vitest'
import { dense, message, openSimulator } from '../simulator-client.ts'

/** Reply of Marketo to a syncLead that created a lead. */
const CREATED = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SOAP-ENV:Body>
    <ns1:successSyncLead>
      <result>
        <leadId>700001</leadId>
        <syncStatus>
          <leadId>700001</leadId>
          <status>CREATED</status>
          <error xsi:nil="true"/>
        </syncStatus>
        <leadRecord xsi:nil="true"/>
      </result>
    </ns1:successSyncLead>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

/** Request with a cookie. The signature was computed with openssl for the account of these tests. */
const WITH_COOKIE = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Header>
    <ns1:AuthenticationHeader>
      <mktowsUserId>acmeweb_0A1B2C3D4E5F60718293A4</mktowsUserId>
      <requestSignature>275482698c811283885025c1004238581cb1ff56</requestSignature>
      <requestTimestamp>2026-11-23T09:30:01+00:00</requestTimestamp>
    </ns1:AuthenticationHeader>
  </SOAP-ENV:Header>
  <SOAP-ENV:Body>
    <ns1:paramsSyncLead>
      <leadRecord>
        <Email>ana@acme.example</Email>
        <leadAttributeList>
          <attribute>
            <attrName>FirstName</attrName>
            <attrValue>Ana</attrValue>
          </attribute>
          <attribute>
            <attrName>LastName</attrName>
            <attrValue>O&apos;Neil &amp; Sons &lt;x&gt;</attrValue>
          </attribute>
        </leadAttributeList>
      </leadRecord>
      <returnLead>false</returnLead>
      <marketoCookie>id:123-ABC-456&amp;token:_mch-acme.example-1764000000000-54321</marketoCookie>
    </ns1:paramsSyncLead>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

it('an attribute Email alone is the key of the lead', async () => {
  const simulator = openSimulator()
  await simulator.sync({ email: 'ana@acme.example' })

  const answer = await simulator.sync({ attributes: { Email: 'ANA@acme.example', City: 'Cork' } })

  expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
})

describe('the reply', () => {
  it('is CREATED for a new lead, in Marketo’s format', async () => {
    const simulator = openSimulator()

    const answer = await simulator.post(WITH_COOKIE)

    expect(answer).toMatchObject({ status: 200, type: 'text/xml; charset=utf-8' })
    expect(dense(answer.body)).toBe(dense(CREATED))
  })

  it('is UPDATED for an existing lead', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })

    const answer = await simulator.sync({ email: 'ana@acme.example' })

    expect(dense(answer.body)).toBe(dense(CREATED.replace('CREATED', 'UPDATED')))
  })

  it('contains the whole lead with returnLead, including attributes of earlier calls', async () => {
    const simulator = openSimulator()
    await simulator.sync({
      email: 'ana@acme.example',
      attributes: { Company: 'Acme & Co', Website: 'https://acme.example' },
    })

    const answer = await simulator.sync({ email: 'ana@acme.example', attributes: { Company: '' }, returnLead: 'true' })

    expect(dense(answer.body)).toContain(
      dense(`<leadRecord>
        <Id>700001</Id>
        <Email>ana@acme.example</Email>
        <ForeignSysPersonId xsi:nil="true"/>
        <ForeignSysType xsi:nil="true"/>
        <leadAttributeList>
          <attribute><attrName>Website</attrName><attrType>url</attrType><attrValue>https://acme.example</attrValue></attribute>
        </leadAttributeList>
      </leadRecord>`),
    )
  })

  it('contains escaped values', async () => {
    const simulator = openSimulator()

    const answer = await simulator.sync({
      foreignId: 'a<b',
      foreignType: 'CUSTOM',
      attributes: { City: '<&>' },
      returnLead: '1',
    })

    expect(answer.body).toContain(
      '<ForeignSysPersonId>a&lt;b</ForeignSysPersonId><ForeignSysType>CUSTOM</ForeignSysType>',
    )
    expect(answer.body).toContain('<attrValue>&lt;&amp;&gt;</attrValue>')
  })
})

describe('the lead', () => {
  it('is stored as sent', async () => {
    const simulator = openSimulator()

    await simulator.post(WITH_COOKIE)

    expect(await simulator.leads()).toEqual([
      {
        id: 700001,
        known: true,
        email: 'ana@acme.example',
        attributes: { FirstName: 'Ana', LastName: "O'Neil & Sons <x>" },
        foreignIds: [],
        cookies: ['id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'],
        workspace: 'Default',
        partition: 'Default',
        activities: [
          { type: 'known', at: '2026-11-23T09:30:00.000Z', call: 1 },
          {
            type: 'sync',
            at: '2026-11-23T09:30:00.000Z',
            call: 1,
            status: 'CREATED',
            attributes: ['FirstName', 'LastName'],
          },
        ],
        createdAt: '2026-11-23T09:30:00.000Z',
        updatedAt: '2026-11-23T09:30:00.000Z',
      },
    ])
  })

  it('keeps all Unicode characters', async () => {
    const simulator = openSimulator()
    const name = `Zoë O'Brien & <Söhne> "😀"`

    await simulator.sync({ email: 'zoe@acme.example', attributes: { LastName: name } })

    const [lead] = await simulator.leads()
    expect(lead?.attributes).toEqual({ LastName: name })
  })

  it('loses an attribute that is sent empty', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', attributes: { Phone: '1', City: 'Cork' } })

    await simulator.sync({ email: 'ana@acme.example', attributes: { Phone: '' } })

    const [lead] = await simulator.leads()
    expect(lead?.attributes).toEqual({ City: 'Cork' })
  })

  it('does not store a read-only field, although the reply is UPDATED', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })

    const answer = await simulator.sync({ email: 'ana@acme.example', attributes: { InferredCompany: 'Acme' } })

    const [lead] = await simulator.leads()
    expect(answer.done).toBe('UPDATED')
    expect(lead?.attributes).toEqual({})
  })

  it('accepts its e-mail address as an attribute', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'old@acme.example', attributes: { Email: 'new@acme.example' } })

    const answer = await simulator.sync({ email: 'new@acme.example' })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
  })
})

describe('like Marketo, the server accepts', () => {
  const lead = '<leadRecord><Email>ana@acme.example</Email></leadRecord><returnLead>false</returnLead>'

  it.each([
    ['any order of elements', '<returnLead>false</returnLead><leadRecord><Email>ana@acme.example</Email></leadRecord>'],
    [
      'elements in Marketo’s namespace',
      lead.replace('<leadRecord>', '<ns1:leadRecord>').replace('</lead', '</ns1:lead'),
    ],
    ['unknown elements', `${lead}<something><else/></something>`],
    ['an empty cookie', `${lead}<marketoCookie></marketoCookie>`],
    ['an invalid cookie', `${lead}<marketoCookie>chocolate</marketoCookie>`],
    ['a nil cookie', `${lead}<marketoCookie xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>`],
  ])('%s', async (_, params) => {
    const simulator = openSimulator()

    const answer = await simulator.post(message({ params }))

    expect(answer.done).toBe('CREATED')
  })

  it.each([
    ['an Id, so that a lead is created instead of updated', '<id>700001</id><Email>eva@acme.example</Email>'],
    ['a foreign id', '<foreignSysPersonId>-1</foreignSysPersonId><Email>eva@acme.example</Email>'],
  ])('and silently ignores the wrong case of %s', async (_, record) => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })

    const params = `<leadRecord>${record}</leadRecord><returnLead>true</returnLead>`
    const answer = await simulator.post(message({ params }))

    expect(answer).toMatchObject({ done: 'CREATED', leadId: 700002 })
    expect(answer.body).toContain('<ForeignSysPersonId xsi:nil="true"/>')
  })

  it.each(['', '""', '"http://www.marketo.com/mktows/syncLead"', 'http://www.marketo.com/mktows/syncLead'])(
    'the SOAPAction "%s"',
    async (action) => {
      const simulator = openSimulator()

      const answer = await simulator.post(message({ params: lead }), { SOAPAction: action })

      expect(answer.done).toBe('CREATED')
    },
  )

  it.each(['2_1', '2_7', '3_1'])('the version %s', async (version) => {
    const { app } = openSimulator()

    const response = await app.request(`/soap/mktows/${version}`, { method: 'POST', body: message({ params: lead }) })

    expect(response.status).toBe(200)
  })

  it('other prefixes and a default namespace', async () => {
    const simulator = openSimulator()
    const sent = message({ params: lead })
      .replaceAll('SOAP-ENV', 'soap')
      .replaceAll('ns1:paramsSyncLead', 'paramsSyncLead')
      .replace('<paramsSyncLead>', '<paramsSyncLead xmlns="http://www.marketo.com/mktows/">')

    const answer = await simulator.post(sent)

    expect(answer.done).toBe('CREATED')
  })
})
