/** Node's soap: creates a lead, reads it, and is rejected with another key. See docs/simulator.md. */
import { createHmac } from 'node:crypto'
import { createClientAsync } from 'soap'

const [endpoint = '', user = '', secret = '', email, name] = process.argv.slice(2)
const client = await createClientAsync(`${endpoint}?WSDL`)

async function ask(operation: string, key: string, parameters: object): Promise<unknown> {
  const stamp = `${new Date().toISOString().slice(0, 19)}+00:00`
  const requestSignature = createHmac('sha1', key)
    .update(stamp + user)
    .digest('hex')
  const header = { mktowsUserId: user, requestSignature, requestTimestamp: stamp }
  client.clearSoapHeaders()
  client.addSoapHeader({ AuthenticationHeader: header }, '', 'tns', 'http://www.marketo.com/mktows/')
  const method = client[`${operation}Async`] as (parameters: object) => Promise<[unknown]>
  return (await method.call(client, parameters))[0]
}

interface Found {
  result: { leadRecordList: { leadRecord: { leadAttributeList: { attribute: { attrValue: string }[] } }[] } }
}

const created = (await ask('syncLead', secret, {
  leadRecord: { Email: email, leadAttributeList: { attribute: [{ attrName: 'LastName', attrValue: name }] } },
  returnLead: false,
})) as { result: { syncStatus: { status: string } } }
process.stdout.write(`${created.result.syncStatus.status}\n`)

const leadKey = { keyType: 'EMAIL', keyValue: email }
const found = (await ask('getLead', secret, { leadKey })) as Found
process.stdout.write(`${found.result.leadRecordList.leadRecord[0]?.leadAttributeList.attribute[0]?.attrValue}\n`)

try {
  await ask('getLead', 'another key', { leadKey })
} catch (error) {
  const { root } = error as {
    root: { Envelope: { Body: { Fault: { detail: { serviceException: { code: string } } } } } }
  }
  process.stdout.write(`${root.Envelope.Body.Fault.detail.serviceException.code}\n`)
}
