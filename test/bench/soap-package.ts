/** The `soap` package as a client of Marketo, set up as its documentation says, with a function as the network. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClientAsync, type Client, type IHttpClient } from 'soap'
import type { SyncLead } from '../../relay/marketo/index.ts'

const MKTOWS = 'http://www.marketo.com/mktows/'

export interface Account {
  endpoint: string
  userId: string
  secretKey: string
}

export interface SoapPackage {
  /** Returns the envelope that would be sent. */
  write(): string
  /** Makes a whole call: signs, writes, sends and reads. */
  call(): Promise<unknown>
}

/** Opens a client that repeats one syncLead, and computes the signature for each call. */
export async function openSoapPackage(account: Account, lead: SyncLead, reply: string): Promise<SoapPackage> {
  let sent = ''
  let answer = true
  const httpClient: IHttpClient = {
    request(_url, data, callback) {
      sent = String(data)
      if (answer) callback(null, { statusCode: 200, headers: { 'content-type': 'text/xml' } }, reply)
      return undefined as never
    },
  }
  const client = await createClientAsync(wsdl(), { httpClient, endpoint: account.endpoint, envelopeKey: 'SOAP-ENV' })
  const input = inputOf(lead)
  const send = client.syncLead as (input: unknown, callback: (error: unknown, result: unknown) => void) => void

  return {
    write() {
      answer = false
      addHeaders(client, account, lead.workspace)
      send(input, () => {})
      return sent
    },
    call() {
      answer = true
      addHeaders(client, account, lead.workspace)
      return new Promise((resolve, reject) => {
        send(input, (error, result) => (error ? reject(error) : resolve(result)))
      })
    },
  }
}

function addHeaders(client: Client, { userId, secretKey }: Account, workspace: string | undefined): void {
  const stamp = `${new Date().toISOString().slice(0, 19)}+00:00`
  const requestSignature = createHmac('sha1', secretKey)
    .update(stamp + userId)
    .digest('hex')
  client.clearSoapHeaders()
  client.addSoapHeader(
    { 'ns1:AuthenticationHeader': { mktowsUserId: userId, requestSignature, requestTimestamp: stamp } },
    '',
    'ns1',
    MKTOWS,
  )
  if (workspace) client.addSoapHeader({ 'ns1:MktowsContextHeader': { targetWorkspace: workspace } }, '', 'ns1', MKTOWS)
}

function inputOf({ email, attributes, marketoCookie }: SyncLead): unknown {
  const list = Array.isArray(attributes) ? (attributes as { name: string; value: string }[]) : []
  return {
    leadRecord: {
      Email: email,
      leadAttributeList: { attribute: list.map(({ name, value }) => ({ attrName: name, attrValue: value })) },
    },
    returnLead: false,
    marketoCookie,
  }
}

/** Returns a WSDL with syncLead alone, around the schema of the tests. */
function wsdl(): string {
  const schema = readFileSync(join(import.meta.dirname, '../support/schema/mktows.xsd'), 'utf8').replace(
    /^<\?xml.*\?>/,
    '',
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:ns1="${MKTOWS}" targetNamespace="${MKTOWS}">
  <wsdl:types>${schema}</wsdl:types>
  <wsdl:message name="paramsSyncLead"><wsdl:part name="params" element="ns1:paramsSyncLead"/></wsdl:message>
  <wsdl:message name="successSyncLead"><wsdl:part name="result" element="ns1:successSyncLead"/></wsdl:message>
  <wsdl:portType name="Port">
    <wsdl:operation name="syncLead"><wsdl:input message="ns1:paramsSyncLead"/><wsdl:output message="ns1:successSyncLead"/></wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="Binding" type="ns1:Port">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="syncLead">
      <soap:operation soapAction="${MKTOWS}syncLead"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="Service"><wsdl:port name="Port" binding="ns1:Binding"><soap:address location="http://127.0.0.1/"/></wsdl:port></wsdl:service>
</wsdl:definitions>`
}
