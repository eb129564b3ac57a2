import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { validateMessage, createValidator, type Validate } from '../../../support/schema/validator.ts'
import { replyOf, requestOf, SAMPLES } from './calls.ts'
import { ANA, CREATED, FAILED, faultOf, requestFor, verdictOn } from './samples.ts'

const WHOLE = await requestFor({ ...ANA, workspace: 'Europe' })
const { cookie: _cookie, ...BARE } = { ...ANA, attributes: [] }
const MINIMAL = await requestFor(BARE)

/** Requests and replies of every operation. */
const REQUESTS = await Promise.all(SAMPLES.map(({ ask }) => requestOf(ask)))
const REPLIES = SAMPLES.map(({ operation, result }) => replyOf(operation, result))

/** Changes that make a syncLead request invalid. */
const INVALID_SYNC_LEAD: [what: string, from: RegExp | string, to: string][] = [
  ['the cookie before returnLead', /(<returnLead>.*<\/returnLead>)(<marketoCookie>.*<\/marketoCookie>)/, '$2$1'],
  [
    'the cookie inside the record',
    /(<\/leadRecord>)(<returnLead>.*<\/returnLead>)(<marketoCookie>.*<\/marketoCookie>)/,
    '$3$1$2',
  ],
  ['the value before the name', /(<attrName>FirstName<\/attrName>)(<attrValue>Ana<\/attrValue>)/, '$2$1'],
  ['a name in lower case', /(<\/?)Email>/g, '$1email>'],
  ['a foreign id in lower case', '</Email>', '</Email><foreignSysPersonId>1</foreignSysPersonId>'],
  ['children in a namespace', /(<\/?)leadRecord>/g, '$1ns1:leadRecord>'],
  [
    'children under a default namespace',
    '<ns1:paramsSyncLead>',
    '<ns1:paramsSyncLead xmlns="http://www.marketo.com/mktows/">',
  ],
  ['a body root without its namespace', /(<\/?)ns1:paramsSyncLead>/g, '$1paramsSyncLead>'],
  ['no returnLead', /<returnLead>.*<\/returnLead>/, ''],
  ['returnLead that is no boolean', '<returnLead>false', '<returnLead>no'],
  ['no signature', /<requestSignature>.*<\/requestSignature>/, ''],
  [
    'the stamp before the signature',
    /(<requestSignature>.*<\/requestSignature>)(<requestTimestamp>.*<\/requestTimestamp>)/,
    '$2$1',
  ],
  ['a partner id', '</requestTimestamp>', '</requestTimestamp><partnerId>x</partnerId>'],
  ['an empty workspace header', /<targetWorkspace>.*<\/targetWorkspace>/, ''],
  ['two elements in the body', '</ns1:paramsSyncLead>', '</ns1:paramsSyncLead><ns1:paramsSyncLead/>'],
  [
    'the body before the header',
    /(<SOAP-ENV:Header>.*<\/SOAP-ENV:Header>)(<SOAP-ENV:Body>.*<\/SOAP-ENV:Body>)/,
    '$2$1',
  ],
  ['an envelope of SOAP 1.2', 'http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'],
]

/** Changes that make the requests of other operations invalid; each applies to every request that it matches. */
const INVALID_OTHERS: [what: string, from: RegExp | string, to: string][] = [
  ['an id that is no number', /<Id>7<\/Id>/, '<Id>x</Id>'],
  ['an attribute type after the value', /(<attrType>string<\/attrType>)(<attrValue>Ana<\/attrValue>)/, '$2$1'],
  ['an unknown foreign system', '<ForeignSysType>SFDC', '<ForeignSysType>sfdc'],
  [
    'dedupEnabled before the records',
    /(<leadRecordList>.*<\/leadRecordList>)(<dedupEnabled>.*?<\/dedupEnabled>)/,
    '$2$1',
  ],
  ['a key without its type', /<keyType>EMAIL<\/keyType>(?!.*listKey)/, ''],
  ['an unknown key type', '<keyType>SFDCLEADID', '<keyType>PHONE'],
  ['a campaign without a source', '<source>MKTOWS</source>', ''],
  [
    'a campaign by its name before its program',
    /(<programName>.*<\/programName>)(<campaignName>.*<\/campaignName>)/,
    '$2$1',
  ],
  ['a list without its key', /<listKey>.*<\/listKey>/, ''],
  ['an unknown list operation', '<listOperation>ADDTOLIST', '<listOperation>addtolist'],
  ['strict before the members', /(<listMemberList>.*<\/listMemberList>)(<strict>.*<\/strict>)/, '$2$1'],
  ['an object without a name', /<objectName>.*<\/objectName>/, ''],
  ['an input for listMObjects', '<ns1:paramsListMObjects>', '<ns1:paramsListMObjects><x/>'],
]

function expectValid(validate: Validate): void {
  for (const message of [WHOLE, MINIMAL, ...REQUESTS, ...REPLIES]) expect(validate(message), message).toEqual([])
}

function expectInvalid(validate: Validate): void {
  for (const [what, from, to] of INVALID_SYNC_LEAD) {
    const changed = WHOLE.replace(from, to)
    expect(changed, what).not.toBe(WHOLE)
    expect(validate(changed), what).not.toEqual([])
  }
  for (const [what, from, to] of INVALID_OTHERS) {
    const changed = REQUESTS.map((request) => request.replace(from, to)).filter(
      (message, at) => message !== REQUESTS[at],
    )
    expect(changed, what).not.toEqual([])
    for (const message of changed) expect(validate(message), what).not.toEqual([])
  }
}

describe('the project’s schema', () => {
  it('accepts every request and every sample reply', () => expectValid(validateMessage))

  it.each(INVALID_SYNC_LEAD)('rejects %s', (_what, from, to) => {
    const changed = WHOLE.replace(from, to)

    expect(changed).not.toBe(WHOLE)
    expect(validateMessage(changed)).not.toEqual([])
  })

  it('rejects invalid requests of every operation', () => expectInvalid(validateMessage))

  it.each([
    ['created', CREATED],
    ['failed', FAILED],
    ['a fault', faultOf('20014', 'Authentication failed')],
  ])('accepts the replies of the other tests: %s', (_which, reply) => {
    expect(validateMessage(reply)).toEqual([])
  })
})

/** Marketo's own files, which are beside a checkout and not in it. In CI they are required. */
const CONTRACT = join(import.meta.dirname, '../../../../../shared/contract')
const shouldRun = existsSync(CONTRACT) || process.env.CI !== undefined

describe.runIf(shouldRun)("Marketo's own schema", () => {
  it.each(['marketo_2_1.wsdl', 'marketo_2_7.reconstructed.xsd', 'marketo_2_7.reconstructed.wsdl'])(
    'accepts valid messages and rejects invalid requests: %s',
    (file) => {
      const validate = createValidator(join(CONTRACT, file))

      expectValid(validate)
      expectInvalid(validate)
      expect(validate(CREATED)).toEqual([])
      expect(validate(FAILED)).toEqual([])
    },
  )

  it.each([
    ['syncLead.request.minimal.xml', BARE],
    ['syncLead.request.cookie.xml', ANA],
  ])('has a sample request that equals ours except for its signature: %s', async (file, lead) => {
    const request = await requestFor(lead)
    const sample = readFileSync(join(CONTRACT, 'soap', file), 'utf8')

    expect(unsigned(request)).toBe(unsigned(sample.replaceAll(/>\s+</g, '><').trim()))
  })

  it('has a sample of describeMObject that equals ours except for its signature', async () => {
    const request = await requestOf((marketo) => marketo.describeMObject({ objectName: 'LeadRecord' }))
    const sample = readFileSync(join(CONTRACT, 'soap/describeMObject.request.xml'), 'utf8')

    expect(unsigned(request)).toBe(unsigned(sample.replaceAll(/>\s+</g, '><').trim()))
  })

  it.each([
    ['syncLead.response.created.xml', { kind: 'delivered', leadId: 700123 }],
    ['syncLead.response.failed.xml', { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5 }],
    ['fault.20014.auth.xml', { kind: 'blocked' }],
    ['fault.20023.rate.xml', { kind: 'limited', limit: 'rate', waitMs: 20_000 }],
    ['fault.20105.unknownField.xml', { kind: 'park' }],
  ])('has a sample reply with the right verdict: %s', async (file, verdict) => {
    expect(await verdictOn(readFileSync(join(CONTRACT, 'soap', file), 'utf8'))).toMatchObject(verdict)
  })
})

/** Removes the signature and the timestamp. */
function unsigned(request: string): string {
  return request.replace(/(<requestSignature>).*(<\/requestTimestamp>)/, '$1$2')
}
