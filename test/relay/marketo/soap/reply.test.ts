import { describe, expect, it } from 'vitest'
import { CREATED, FAILED, fault, faultOf, reply, verdictOn } from './samples.ts'

const HOST = '123-abc-456.mktoapi.example'
const DELIVERED = { kind: 'delivered', leadId: 700123 }
const RETRIED = { kind: 'failed', fault: 'lead', arrived: 'yes' }
/** Something on the way has answered: to all leads, or to what this one holds. */
const UNREAD = { kind: 'failed', fault: 'account', arrived: 'yes', gateway: true, maxAttempts: 8 }

/** The reply on one line, from which the tests make variants. */
const PLAIN = CREATED.replaceAll(/>\s+</g, '><').trim()
const NIL = 'xsi:nil="true"'

describe('a reply of success', () => {
  it.each([
    ['in the captured form', CREATED],
    ['on one line', PLAIN],
    ['of an update', reply('UPDATED')],
    ['with other prefixes', CREATED.replaceAll('SOAP-ENV', 's').replaceAll('ns1', 'mkt-ws')],
    [
      'with default namespaces',
      `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><successSyncLead xmlns="http://www.marketo.com/mktows/">
       <result xmlns=""><leadId>700123</leadId><syncStatus><leadId>700123</leadId><status>CREATED</status></syncStatus></result>
       </successSyncLead></Body></Envelope>`,
    ],
    [
      'with one default namespace for the whole reply',
      `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><successSyncLead xmlns="http://www.marketo.com/mktows/">
       <result><leadId>700123</leadId><syncStatus><leadId>700123</leadId><status>CREATED</status></syncStatus></result>
       </successSyncLead></Body></Envelope>`,
    ],
    [
      'with namespaces declared on inner elements, in single quotes, among other attributes',
      PLAIN.replace(/ xmlns:(ns1|xsi)="[^"]*"/g, '')
        .replace('<ns1:successSyncLead>', `<ns1:successSyncLead id='1'\n xmlns:ns1 = 'http://www.marketo.com/mktows/'>`)
        .replaceAll(` ${NIL}`, ''),
    ],
    ['with a header', PLAIN.replace('<SOAP-ENV:Body>', '<SOAP-ENV:Header><x/></SOAP-ENV:Header><SOAP-ENV:Body>')],
    ['with CDATA', PLAIN.replace('>CREATED<', '><![CDATA[CREATED]]><')],
    ['with entities', PLAIN.replace('>CREATED<', '>&#67;REATE&#x44;<')],
    ['with comments', PLAIN.replaceAll('><', '><!-- x --><').replace('700123', '70<!-- -->0123')],
    ['with white space around its values', PLAIN.replaceAll('700123', ' 700123\n').replace('CREATED', '\tCREATED ')],
    ['with a byte-order mark', `\uFEFF${CREATED}`],
    ['without a declaration', CREATED.replace(/^<\?xml.*\?>\n/, '')],
    ['without optional elements', PLAIN.replace(/<error.*?\/>/, '').replace(/<leadRecord.*?\/>/, '')],
    ['with the returned record', PLAIN.replace(`<leadRecord ${NIL}/>`, '<leadRecord><Id>0071</Id></leadRecord>')],
    [
      'with every optional element of the record nil',
      PLAIN.replace(
        `<leadRecord ${NIL}/>`,
        `<leadRecord><Id ${NIL}/><Email ${NIL}/><ForeignSysPersonId ${NIL}/><ForeignSysType ${NIL}/><leadAttributeList ${NIL}/></leadRecord>`,
      ),
    ],
  ])('is accepted %s', async (_how, text) => {
    expect(await verdictOn(text)).toEqual(DELIVERED)
  })
})

describe('an unrecognised reply', () => {
  const notMarketo = 'not a reply to syncLead'
  const notOneBody = 'a SOAP envelope without exactly one body element'

  it.each([
    ['an empty body', '', 'empty'],
    ['a truncated reply', CREATED.slice(0, 400), 'malformed XML'],
    ['an HTML page', '<html><body>It works!</body></html>', 'an HTML page'],
    ['a DOCTYPE before the reply', CREATED.replace('?>', '?><!DOCTYPE x>'), 'a DOCTYPE'],
    ['other XML', '<leads/>', 'not a SOAP envelope'],
    [
      'an envelope of SOAP 1.2',
      PLAIN.replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
      'not a SOAP envelope',
    ],
    ['an envelope of no namespace', '<Envelope><Body/></Envelope>', 'not a SOAP envelope'],
    ['no SOAP body', PLAIN.replaceAll('SOAP-ENV:Body', 'SOAP-ENV:Header'), notOneBody],
    ['an empty SOAP body', PLAIN.replace(/<ns1:.*<\/ns1:successSyncLead>/, ''), notOneBody],
    ['two SOAP bodies', PLAIN.replace('<SOAP-ENV:Body>', '<SOAP-ENV:Body/><SOAP-ENV:Body>'), notOneBody],
    ['two elements in the SOAP body', PLAIN.replace('<SOAP-ENV:Body>', '<SOAP-ENV:Body><x/>'), notOneBody],
    ['a reply to another operation', PLAIN.replaceAll('successSyncLead', 'successGetLead'), notMarketo],
    ['the request itself', PLAIN.replaceAll('successSyncLead', 'paramsSyncLead'), notMarketo],
    [
      'the right name in another namespace',
      PLAIN.replace('http://www.marketo.com/mktows/', 'http://example.com/'),
      notMarketo,
    ],
    ['the right name in no namespace', PLAIN.replaceAll('ns1:successSyncLead', 'successSyncLead'), notMarketo],
    ['the right name in another case', PLAIN.replaceAll('successSyncLead', 'SuccessSyncLead'), notMarketo],
    [
      'the right name too deep',
      PLAIN.replace('<ns1:', '<x><ns1:').replace('</SOAP-ENV:Body>', '</x></SOAP-ENV:Body>'),
      notMarketo,
    ],
    ['a reply without a result', PLAIN.replaceAll('result>', 'results>'), notMarketo],
    ['two results', PLAIN.replace('<result>', '<result/><result>'), notMarketo],
    ['no status', PLAIN.replace('<status>CREATED</status>', ''), notMarketo],
    ['an empty status', PLAIN.replace('CREATED', ' '), notMarketo],
    ['two statuses', PLAIN.replace('<status>', '<status>FAILED</status><status>'), notMarketo],
    ['a status in another namespace', PLAIN.replaceAll('status>', 'ns1:status>'), notMarketo],
  ])('is retried: %s', async (_what, text, cause) => {
    expect(await verdictOn(text)).toEqual({ ...UNREAD, reason: `HTTP 200 from ${HOST}: ${cause}` })
  })

  it.each(['', 'abc', '7.5', '-1', '0', '0x1F', '1e3', '7 0', '9'.repeat(20)])(
    'is retried if its lead id is not a positive whole number: "%s"',
    async (leadId) => {
      expect(await verdictOn(reply('CREATED', { leadId }))).toEqual({
        ...RETRIED,
        reason: 'CREATED without a lead id',
      })
    },
  )

  it('is retried if it has an HTTP error status, even with the body of a success', async () => {
    expect(await verdictOn(CREATED, { status: 500 })).toEqual({
      ...UNREAD,
      reason: `HTTP 500 from ${HOST}: ${notMarketo}`,
    })
  })
})

describe('a reply with a status other than success', () => {
  it.each([
    ['in the captured form', FAILED, 'FAILED: Lead could not be saved'],
    ['without an error text', reply('FAILED'), 'FAILED'],
    ['without a lead id', reply('FAILED', { leadId: '' }), 'FAILED'],
    ['with an unknown status', reply('SKIPPED'), 'unknown status SKIPPED'],
    ['with a status in another case', reply('Created'), 'unknown status Created'],
  ])('is retried at most five times: %s', async (_how, text, reason) => {
    expect(await verdictOn(text)).toEqual({ ...RETRIED, maxAttempts: 5, reason })
  })
})

describe('a fault', () => {
  const parked = { kind: 'park', reason: '20109 Parameter Required: Something is wrong' }

  it.each([
    ['in the captured form', faultOf('20109')],
    ['with other prefixes', faultOf('20109').replaceAll('SOAP-ENV', 's').replaceAll('ns1', 'm')],
    [
      'with default namespaces',
      `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Fault><faultcode>Client</faultcode><faultstring>x</faultstring><detail>
       <serviceException xmlns="http://www.marketo.com/mktows/"><code>20109</code><message>Something is wrong (20109)</message></serviceException>
       </detail></Fault></Body></Envelope>`,
    ],
    ['with a code that contradicts its faultstring', faultOf('20109').replace('20109 - Some', '20014 - Some')],
    [
      'with a code that contradicts its faultcode',
      faultOf('20109').replace('SOAP-ENV:Client', 'SOAP-ENV:Server.20014'),
    ],
    ['with CDATA', faultOf('20109').replace('<code>20109<', '<code><![CDATA[20109]]><')],
    ['with an empty cause', faultOf('20109').replace('<code>', '<cause/>\n<code>')],
  ])('is identified by the code in its detail: %s', async (_how, text) => {
    expect(await verdictOn(text, { status: 500 })).toEqual(parked)
  })

  it.each([200, 400, 403, 404, 500, 503])('is accepted with HTTP %i', async (status) => {
    expect(await verdictOn(faultOf('20109'), { status })).toEqual(parked)
  })

  it('without a detail is identified by the number in its faultstring', async () => {
    const bare = faultOf('20014').replace(/<detail>[^]*<\/detail>/, '')

    expect(await verdictOn(bare, { status: 500 })).toMatchObject({ kind: 'blocked' })
  })

  it('without any number is retried at most five times, and its faultcode is ignored', async () => {
    const text = fault('Parameter required', '<message>No selection criteria</message>').replace(
      'Client',
      'Client.20014',
    )

    expect(await verdictOn(text, { status: 500 })).toEqual({
      ...RETRIED,
      maxAttempts: 5,
      reason: 'a fault without a code: No selection criteria',
    })
  })

  it('without a message gives its faultstring as the reason', async () => {
    expect(await verdictOn(fault('Parameter required', ''), { status: 500 })).toMatchObject({
      reason: 'a fault without a code: Parameter required',
    })
  })

  it('with a code but no number in its faultstring is identified by the code', async () => {
    const text = fault(
      'Parameter required',
      '<message>No selection criteria found in request</message><cause/><code>10001</code>',
    )

    expect(await verdictOn(text, { status: 500 })).toEqual({
      kind: 'failed',
      fault: 'account',
      arrived: 'yes',
      maxAttempts: 20,
      reason: '10001 Internal Error: No selection criteria found in request',
    })
  })

  it('in another namespace than Marketo’s is retried at most five times', async () => {
    const text = faultOf('20109')
      .replace('http://www.marketo.com/mktows/', 'http://example.com/')
      .replace('20109 - ', '')

    expect(await verdictOn(text, { status: 500 })).toMatchObject({ ...RETRIED, maxAttempts: 5 })
  })
})
