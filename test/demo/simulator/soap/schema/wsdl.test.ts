/** Checks the WSDL, and all replies against it, with an independent schema validator. */
import { XmlDocument, XmlElement, XmlValidateError, XsdValidator } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import { leadKey, message, openSimulator } from '../../simulator-client.ts'

const EMAIL = '<Email>ana@acme.example</Email>'
const SYNC = `<leadRecord>${EMAIL}</leadRecord><returnLead>true</returnLead>`

describe('the WSDL', () => {
  it.each(['WSDL', 'wsdl', 'Wsdl='])('is served at ?%s and contains the requested address', async (query) => {
    const { app } = openSimulator()

    const response = await app.request(`http://marketo.acme.example:8090/soap/mktows/2_7?${query}`)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8')
    expect(await response.text()).toContain(
      '<soap:address location="http://marketo.acme.example:8090/soap/mktows/2_7"/>',
    )
  })

  it.each([
    ['https', 'https://marketo.acme.example'],
    ['https, http', 'https://marketo.acme.example'],
    ['http', 'http://marketo.acme.example'],
    ['gopher', 'http://marketo.acme.example'],
  ])('has an https address only if a proxy received the request by https: %s', async (protocol, origin) => {
    const { app } = openSimulator()

    const response = await app.request('http://marketo.acme.example/soap/mktows/3_1/?WSDL', {
      headers: { 'X-Forwarded-Proto': protocol },
    })

    expect(await response.text()).toContain(`<soap:address location="${origin}/soap/mktows/3_1/"/>`)
  })

  it('is well-formed for an address with special characters', async () => {
    const { app } = openSimulator()

    const response = await app.request('http://localhost/soap/mktows/a&b?WSDL')

    using document = XmlDocument.fromString(await response.text())
    expect(document.root.get('//soap:address/@location', NAMESPACES)?.content).toBe('http://localhost/soap/mktows/a&b')
  })

  it('uses Marketo’s names for service, port, binding and port type', async () => {
    using document = XmlDocument.fromString(await wsdl())

    const names = ['service', 'port', 'binding', 'portType'].map(
      (element) => document.root.get(`//wsdl:${element}/@name`, NAMESPACES)?.content,
    )

    expect(names).toEqual(['MktMktowsApiService', 'MktowsApiSoapPort', 'MktowsApiSoapBinding', 'MktowsPort'])
  })

  it('is document/literal, with authentication headers and, for syncLead only, a context header', async () => {
    using document = XmlDocument.fromString(await wsdl())
    const inputs = document.root.find('//wsdl:binding/wsdl:operation/wsdl:input', NAMESPACES)

    const headers = inputs.map((input) => input.find('soap:header/@message', NAMESPACES).map(({ content }) => content))

    const authenticated = Array.from({ length: 22 }, () => ['tns:AuthenticationHeader'])
    expect(headers).toEqual([['tns:AuthenticationHeader', 'tns:MktowsContextHeader'], ...authenticated])
    expect(document.root.find('//soap:binding[@style="document"]', NAMESPACES)).toHaveLength(1)
    expect(document.root.find('//soap:body[@use="literal"]', NAMESPACES)).toHaveLength(46)
    expect(document.root.find('//soap:operation/@soapAction', NAMESPACES)[0]?.content).toBe(
      'http://www.marketo.com/mktows/syncLead',
    )
  })
})

describe('the schema in the WSDL', () => {
  it.each([
    ['accepts a syncLead', '', SYNC],
    ['accepts a syncLead with a cookie', '', `${SYNC}<marketoCookie>x</marketoCookie>`],
    [
      'rejects another order',
      'Expected is ( leadRecord )',
      `<returnLead>true</returnLead><leadRecord>${EMAIL}</leadRecord>`,
    ],
    [
      'rejects a qualified child',
      'leadRecord',
      SYNC.replace('<leadRecord>', '<ns1:leadRecord>').replace('</l', '</ns1:l'),
    ],
    [
      'rejects a key in the wrong case',
      'foreignSysPersonId',
      SYNC.replace(EMAIL, '<foreignSysPersonId>1</foreignSysPersonId>'),
    ],
    ['rejects a missing returnLead', 'paramsSyncLead', `<leadRecord>${EMAIL}</leadRecord>`],
  ])('%s, like Marketo’s schema', async (_, expected, params) => {
    const problem = await problemOf(message({ params }))

    if (expected === '') expect(problem).toBeUndefined()
    else expect(problem).toContain(expected)
  })

  it.each([
    ['syncLead', 'SyncLead', SYNC],
    [
      'syncMultipleLeads',
      'SyncMultipleLeads',
      `<leadRecordList><leadRecord>${EMAIL}</leadRecord><leadRecord/></leadRecordList>`,
    ],
    ['getLead', 'GetLead', leadKey('EMAIL', 'ana@acme.example')],
    ['listMObjects', 'ListMObjects', ''],
    ['describeMObject of a lead', 'DescribeMObject', '<objectName>LeadRecord</objectName>'],
    ['describeMObject of another object', 'DescribeMObject', '<objectName>OpportunityPersonRole</objectName>'],
    [
      'requestCampaign',
      'RequestCampaign',
      `<source>MKTOWS</source><campaignId>1001</campaignId><leadList>${leadKey('IDNUM', 700001)}</leadList>`,
    ],
    [
      'listOperation',
      'ListOperation',
      `<listOperation>ADDTOLIST</listOperation><listKey><keyType>MKTOLISTNAME</keyType><keyValue>Newsletter</keyValue></listKey><listMemberList>${leadKey('IDNUM', 700001)}${leadKey('IDNUM', 1)}</listMemberList>`,
    ],
  ])('accepts the reply of %s', async (_, name, params) => {
    const simulator = openSimulator()
    await simulator.sync({
      email: 'ana@acme.example',
      foreignId: 'F',
      foreignType: 'SFDC',
      attributes: { City: 'Cork' },
    })

    const answer = await simulator.ask(name, params)

    expect(answer.status).toBe(200)
    expect(await problemOf(answer.body)).toBeUndefined()
  })
})

const NAMESPACES = {
  wsdl: 'http://schemas.xmlsoap.org/wsdl/',
  soap: 'http://schemas.xmlsoap.org/wsdl/soap/',
  xs: 'http://www.w3.org/2001/XMLSchema',
  env: 'http://schemas.xmlsoap.org/soap/envelope/',
}

async function wsdl(): Promise<string> {
  const { app } = openSimulator()
  return (await app.request('/soap/mktows/3_1?WSDL')).text()
}

/** Validates the body of a message. Returns the validator's message, or undefined if the body is valid. */
async function problemOf(envelope: string): Promise<string | undefined> {
  using xsd = XmlDocument.fromString(partOf(await wsdl(), '//xs:schema'))
  using validator = XsdValidator.fromDoc(xsd)
  using body = XmlDocument.fromString(partOf(envelope, '//env:Body/*'))
  try {
    validator.validate(body)
    return undefined
  } catch (error) {
    if (error instanceof XmlValidateError) return error.message
    throw error
  }
}

/** Returns one element as a document of its own, with the namespaces that are in scope. */
function partOf(text: string, path: string): string {
  using document = XmlDocument.fromString(text)
  const part = document.root.get(path, NAMESPACES)
  if (!(part instanceof XmlElement)) throw new Error(`${path} matches no element.`)
  return part.canonicalizeToString()
}
