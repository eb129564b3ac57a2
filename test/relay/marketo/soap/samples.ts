/** An account, a lead and replies of Marketo's, in the form of captured replies but with invented values. */
import type { Lead } from '../../../../relay/intake/lead.ts'
import type { Transport, Verdict } from '../../../../relay/delivery/transport.ts'
import { createSoapTransport, type SoapOptions } from '../../../../relay/marketo/soap/transport.ts'

export const ACCOUNT = { userId: 'acmeweb_0A1B2C3D4E5F60718293A4', secretKey: 'correct horse battery' }
export const ENDPOINT = 'https://123-abc-456.mktoapi.example/soap/mktows/3_1'
export const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

export const ANA: Lead = {
  id: '5f0c2f64-6f7a-4a7e-9d5b-0d8f0f0b1c11' as Lead['id'],
  form: 'contact',
  person: 'ana@acme.example' as Lead['person'],
  email: 'ana@acme.example',
  attributes: [
    { name: 'FirstName', value: 'Ana' },
    { name: 'LastName', value: "O'Neil & Sons <x>" },
    { name: 'Company', value: 'Acme' },
  ],
  cookie: COOKIE,
  acceptedAt: 0,
  notes: [],
}

/** Writes a reply to syncLead. */
export function reply(status: string, { leadId = '700123', error = '<error xsi:nil="true"/>' } = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SOAP-ENV:Body>
    <ns1:successSyncLead>
      <result>
        <leadId>${leadId}</leadId>
        <syncStatus>
          <leadId>${leadId}</leadId>
          <status>${status}</status>
          ${error}
        </syncStatus>
        <leadRecord xsi:nil="true"/>
      </result>
    </ns1:successSyncLead>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
`
}

export const CREATED = reply('CREATED')
export const FAILED = reply('FAILED', { leadId: '0', error: '<error>Lead could not be saved</error>' })

/** Writes a fault. `exception` is the content of `serviceException` as XML. */
export function fault(faultstring: string, exception: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">
  <SOAP-ENV:Body>
    <SOAP-ENV:Fault>
      <faultcode>SOAP-ENV:Client</faultcode>
      <faultstring>${faultstring}</faultstring>
      <detail>
        <ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/">
          <name>mktServiceException</name>
          ${exception}
        </ns1:serviceException>
      </detail>
    </SOAP-ENV:Fault>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
`
}

/** Writes a fault with code and message both in `faultstring` and in `serviceException`. */
export function faultOf(code: string, message = 'Something is wrong', short = 'Some problem'): string {
  return fault(`${code} - ${short}`, `<message>${message} (${code})</message>\n          <code>${code}</code>`)
}

interface Call {
  url: string
  headers: Headers
  body: string
  init: RequestInit
}

/** Creates a transport whose Marketo is a function, and lists the calls that it makes. */
export function transportTo(marketo: () => Response | Promise<Response>, options: Partial<SoapOptions> = {}) {
  const calls: Call[] = []
  const transport = createSoapTransport({
    ...ACCOUNT,
    endpoint: ENDPOINT,
    now: () => Date.parse('2026-11-23T09:30:01.789Z'),
    fetch: async (url, init) => {
      calls.push({
        url,
        headers: new Headers(init.headers),
        body: typeof init.body === 'string' ? init.body : '',
        init,
      })
      return marketo()
    },
    ...options,
  })
  return { transport, calls }
}

/** Delivers one lead in a call of its own and returns its verdict. */
export async function deliverAlone(transport: Transport, lead: Lead = ANA): Promise<Verdict> {
  const [verdict, ...others] = await transport.deliver([lead])
  if (!verdict || others.length > 0) throw new Error('one lead must have one verdict')
  return verdict
}

/** Returns the body of the request that delivers a lead. */
export async function requestFor(lead: Lead): Promise<string> {
  const { transport, calls } = transportTo(() => new Response(CREATED))
  await transport.deliver([lead])
  return calls[0]?.body ?? ''
}

/** Returns the verdict on a lead if Marketo answers so. */
export function verdictOn(text: string | null, init: ResponseInit = {}, lead = ANA): Promise<Verdict> {
  return deliverAlone(transportTo(() => new Response(text, init)).transport, lead)
}
