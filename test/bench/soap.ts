/**
 * Measures one syncLead by our client and by the `soap` package, for the same envelope: 12 attributes, cookie, workspace.
 *
 * The network of both is a stub that answers at once with the same reply. Our client signs with its own signer, the
 * package's calls are signed with node:crypto, because it has no signer.
 */
import { XmlDocument, type XmlElement } from 'libxml2-wasm'
import { createMarketo, type SyncLead } from '../../relay/marketo/index.ts'
import { writeEnvelope } from '../../relay/marketo/soap/envelope.ts'
import { writeParams } from '../../relay/marketo/soap/operations/operation.ts'
import { syncLead } from '../../relay/marketo/soap/operations/sync-lead.ts'
import { createSigner, formatTimestamp } from '../../relay/marketo/soap/sign.ts'
import { sideBySide } from './side-by-side.ts'
import { openSoapPackage } from './soap-package.ts'

const ACCOUNT = {
  endpoint: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1',
  userId: 'acmeweb_0A1B2C3D4E5F60718293A4',
  secretKey: 'correct horse battery',
}
const WORKSPACE = 'Europe'
const LEAD: SyncLead = {
  email: 'ana@acme.example',
  attributes: [
    { name: 'FirstName', value: 'Ana' },
    { name: 'LastName', value: "O'Neil & Sons" },
    { name: 'Company', value: 'Acme & Co' },
    { name: 'Title', value: 'Head of Research' },
    { name: 'Phone', value: '+49 30 5550100' },
    { name: 'Country', value: 'Deutschland' },
    { name: 'City', value: 'Köln' },
    { name: 'LeadSource', value: 'Web' },
    { name: 'Website', value: 'https://www.acme.example/?a=1&b=2' },
    { name: 'Topics__c', value: 'Tides;Harbours' },
    { name: 'Message__c', value: 'Please call me in the afternoon. I would like to hear of <prices> and of "dates".' },
    { name: 'Last_Landing_Page__c', value: 'https://www.acme.example/pricing' },
  ],
  marketoCookie: 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321',
  workspace: WORKSPACE,
}
const REPLY = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><SOAP-ENV:Body><ns1:successSyncLead><result><leadId>700123</leadId><syncStatus><leadId>700123</leadId><status>UPDATED</status><error xsi:nil="true"/></syncStatus><leadRecord xsi:nil="true"/></result></ns1:successSyncLead></SOAP-ENV:Body></SOAP-ENV:Envelope>`

export const soapBench = {
  about: 'one syncLead beside the soap package, written and signed, and as a whole call',

  async run(print: (line: string) => void): Promise<boolean> {
    const theirs = await openSoapPackage(ACCOUNT, LEAD, REPLY)
    const sign = createSigner(ACCOUNT)
    const write = async () => {
      const timestamp = formatTimestamp(Date.now())
      const header = { userId: ACCOUNT.userId, timestamp, signature: await sign(timestamp), workspace: WORKSPACE }
      return writeEnvelope(header, writeParams(syncLead, LEAD))
    }
    const headers = { 'Content-Type': 'text/xml' }
    const marketo = createMarketo({ ...ACCOUNT, fetch: async () => new Response(REPLY, { headers }) })
    assertSameMessage(await write(), theirs.write())

    print('one syncLead, median µs       ours    soap   ratio')
    const results = [
      await sideBySide({ what: 'write and sign', ours: write, theirs: theirs.write, floor: 10 }),
      await sideBySide({ what: 'whole call', ours: () => marketo.syncLead(LEAD), theirs: theirs.call, floor: 2.5 }),
    ]
    for (const { what, ours, theirs: other, ratio } of results) {
      print(
        `${what.padEnd(24)}${ours.toFixed(1).padStart(10)}${other.toFixed(1).padStart(8)}${ratio.toFixed(1).padStart(7)} ×`,
      )
    }
    for (const { what, ratio, floor, pass } of results) {
      print(`${pass ? 'PASS' : 'FAIL'}  ${what}: soap takes ${ratio.toFixed(1)} × our time (floor ${floor} ×)`)
    }
    return results.every(({ pass }) => pass)
  },
}

/** Throws where the two messages differ in more than the time, the signature and the prefixes. */
function assertSameMessage(ours: string, theirs: string): void {
  if (valuesIn(ours) !== valuesIn(theirs)) throw new Error('the two sides do not write the same message')
}

function valuesIn(message: string): string {
  using document = XmlDocument.fromString(message)
  const leaves = document.find('//*[not(*)][not(starts-with(local-name(), "request"))]') as XmlElement[]
  return leaves.map(({ namespaceUri, name, content }) => `{${namespaceUri}}${name}=${content}`).join('\n')
}
