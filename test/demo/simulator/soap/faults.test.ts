import { describe, expect, it } from 'vitest'
import { dense, message, openSimulator } from '../simulator-client.ts'

/** Captured from Marketo, except for the name of the field. */
const UNKNOWN_FIELD = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">
  <SOAP-ENV:Body>
    <SOAP-ENV:Fault>
      <faultcode>SOAP-ENV:Client</faultcode>
      <faultstring>20105 - Unknown lead field</faultstring>
      <detail>
        <ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/">
          <name>mktServiceException</name>
          <message>syncLead operation failed: unknown fields for import: nosuchfield (20105)</message>
          <code>20105</code>
        </ns1:serviceException>
      </detail>
    </SOAP-ENV:Fault>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

const AUTHENTICATION = UNKNOWN_FIELD.replace('20105 - Unknown lead field', '20014 - Authentication failed')
  .replace('syncLead operation failed: unknown fields for import: nosuchfield (20105)', 'Authentication failed (20014)')
  .replace('<code>20105', '<code>20014')

const EMAIL = '<Email>ana@acme.example</Email>'
const NO_RETURN = '<returnLead>false</returnLead>'

describe('the fault', () => {
  it('for an unknown attribute equals the one captured from Marketo', async () => {
    const simulator = openSimulator()

    const answer = await simulator.sync({ email: 'ana@acme.example', attributes: { nosuchfield: '1' } })

    expect(answer).toMatchObject({ status: 500, type: 'text/xml; charset=utf-8' })
    expect(dense(answer.body)).toBe(dense(UNKNOWN_FIELD))
  })

  it('for a wrong signature equals the one captured from Marketo', async () => {
    const simulator = openSimulator()

    const answer = await simulator.post(message({ secretKey: 'another key' }))

    expect(answer.status).toBe(500)
    expect(dense(answer.body)).toBe(dense(AUTHENTICATION))
  })
})

describe('a call is rejected', () => {
  it.each([
    ['20012 if it is not XML', 'hello'],
    ['20012 if it is not SOAP', '<a/>'],
    ['20012 if its envelope has another namespace', message({}).replaceAll('SOAP-ENV:Envelope', 'ns1:Envelope')],
    [
      '20012 if it is SOAP 1.2',
      message({}).replace('schemas.xmlsoap.org/soap/envelope/', 'www.w3.org/2003/05/soap-envelope'),
    ],
    ['20012 if its body is empty', message({}).replace(/<ns1:params[^]*paramsSyncLead>/, '')],
    [
      '20012 if its body has another namespace',
      message({}).replace('xmlns:ns1="http://www.marketo.com/mktows/"', 'xmlns:ns1="urn:a"'),
    ],
    ['20012 if its body is not a request', message({ root: 'successSyncLead' })],
    ['20019 if the operation is unknown', message({ root: 'paramsFlyToTheMoon' })],
    ['20101 without a key', message({ params: `<leadRecord/>${NO_RETURN}` })],
    ['20101 with blank keys', message({ params: `<leadRecord><Id/><Email> </Email></leadRecord>${NO_RETURN}` })],
    [
      '20101 with an invalid cookie as the only key',
      message({ params: `<leadRecord/>${NO_RETURN}<marketoCookie>x</marketoCookie>` }),
    ],
    ['20102 with an Id that is not a number', message({ params: `<leadRecord><Id>me</Id></leadRecord>${NO_RETURN}` })],
    [
      '20103 with an Id that nobody has',
      message({ params: `<leadRecord><Id>42</Id>${EMAIL}</leadRecord>${NO_RETURN}` }),
    ],
    ['20104 without a lead record', message({ params: NO_RETURN })],
    ['20104 with a mis-cased lead record', message({ params: `<LeadRecord>${EMAIL}</LeadRecord>${NO_RETURN}` })],
    ['20109 without returnLead', message({ params: `<leadRecord>${EMAIL}</leadRecord>` })],
    [
      '20110 with an invalid returnLead',
      message({ params: `<leadRecord>${EMAIL}</leadRecord><returnLead>maybe</returnLead>` }),
    ],
    [
      '20109 with a foreign id without its type',
      message({ params: `<leadRecord><ForeignSysPersonId>1</ForeignSysPersonId></leadRecord>${NO_RETURN}` }),
    ],
    [
      '20110 with an unknown foreign system',
      message({
        params: `<leadRecord><ForeignSysPersonId>1</ForeignSysPersonId><ForeignSysType>SAP</ForeignSysType></leadRecord>${NO_RETURN}`,
      }),
    ],
    [
      '20109 with an attribute without a value',
      message({
        params: `<leadRecord>${EMAIL}<leadAttributeList><attribute><attrName>City</attrName></attribute></leadAttributeList></leadRecord>${NO_RETURN}`,
      }),
    ],
    [
      '20109 with an attribute without a name',
      message({
        params: `<leadRecord>${EMAIL}<leadAttributeList><attribute><attrValue>Cork</attrValue></attribute></leadAttributeList></leadRecord>${NO_RETURN}`,
      }),
    ],
  ])('with %s', async (title, sent) => {
    const simulator = openSimulator()

    const answer = await simulator.post(sent)

    expect(answer).toMatchObject({ status: 500, code: title.slice(0, 5) })
    expect(answer.body).toMatch(new RegExp(`<message>[^<]+ \\(${answer.code}\\)</message>`))
    expect(await simulator.leads()).toEqual([])
  })

  it('with 20019 if the SOAPAction names an unknown operation', async () => {
    const simulator = openSimulator()
    const sent = message({ params: `<leadRecord>${EMAIL}</leadRecord>${NO_RETURN}` })

    const answer = await simulator.post(sent, { SOAPAction: '"http://www.marketo.com/mktows/flyToTheMoon"' })

    expect(answer.code).toBe('20019')
  })

  it('with 20105 and the names of all unknown attributes, each once', async () => {
    const simulator = openSimulator()
    const names = ['Firstname', 'City', 'Favourite_Tide__c', 'Firstname']
    const attributes = names.map(
      (name) => `<attribute><attrName>${name}</attrName><attrValue>x</attrValue></attribute>`,
    )
    const record = `<leadRecord>${EMAIL}<leadAttributeList>${attributes.join('')}</leadAttributeList></leadRecord>`

    const answer = await simulator.post(message({ params: record + NO_RETURN }))

    expect(answer.body).toContain('unknown fields for import: Firstname, Favourite_Tide__c (20105)')
    expect(await simulator.leads()).toEqual([])
  })

  it('with 413 if the body is larger than 16 MB', async () => {
    const simulator = openSimulator()

    const answer = await simulator.post('x'.repeat(16 * 1024 * 1024 + 1))

    expect(answer.status).toBe(413)
    expect(await simulator.calls()).toEqual([])
  })

  it.each([
    ['gzip', '/soap/mktows/3_1'],
    ['br', '/webevents/visitWebPage'],
    ['deflate', '/sim/faults'],
  ])('with 415 if it is encoded with %s: %s', async (encoding, path) => {
    const { app } = openSimulator()

    const response = await app.request(path, {
      method: 'POST',
      headers: { 'Content-Encoding': encoding },
      body: 'x',
    })

    expect(response.status).toBe(415)
    expect(await response.text()).toBe('Content-Encoding is not supported. Send the body without it.\n')
  })

  it('with 405 if it is not sent by POST', async () => {
    const { app } = openSimulator()

    const response = await app.request('/soap/mktows/3_1')

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })
})

describe('a call is accepted', () => {
  it.each(['identity', 'Identity', ''])('with the Content-Encoding "%s"', async (encoding) => {
    const simulator = openSimulator()

    const answer = await simulator.post(message({ params: `<leadRecord>${EMAIL}</leadRecord>${NO_RETURN}` }), {
      'Content-Encoding': encoding,
    })

    expect(answer.done).toBe('CREATED')
  })

  it('with a trailing slash in the address', async () => {
    const { app } = openSimulator()

    const response = await app.request('/soap/mktows/3_1/', {
      method: 'POST',
      body: message({ params: `<leadRecord>${EMAIL}</leadRecord>${NO_RETURN}` }),
    })

    expect(response.status).toBe(200)
  })
})
