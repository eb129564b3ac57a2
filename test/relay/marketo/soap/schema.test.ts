import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { validateMessage, validatorOf, type Validate } from '../../../support/schema/validator.ts'
import { replyOf, requestOf, SAMPLES } from './calls.ts'
import { ANA, CREATED, FAILED, faultOf, requestFor, verdictOn } from './samples.ts'

const WHOLE = await requestFor({ ...ANA, workspace: 'Europe' })
const { cookie: _cookie, ...BARE } = { ...ANA, attributes: [] }
const MINIMAL = await requestFor(BARE)

/** A request of every operation, and a reply to it. */
const REQUESTS = await Promise.all(SAMPLES.map(({ ask }) => requestOf(ask)))
const REPLIES = SAMPLES.map(({ operation, result }) => replyOf(operation, result))

/** Messages that a validator must refuse, each made of a valid one by one change. */
const SPOILT: [what: string, from: RegExp | string, to: string][] = [
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
  ['a body of two', '</ns1:paramsSyncLead>', '</ns1:paramsSyncLead><ns1:paramsSyncLead/>'],
  [
    'the body before the header',
    /(<SOAP-ENV:Header>.*<\/SOAP-ENV:Header>)(<SOAP-ENV:Body>.*<\/SOAP-ENV:Body>)/,
    '$2$1',
  ],
  ['another envelope', 'http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'],
]

/** The same of the other operations: whichever request holds it is spoilt. */
const SPOILT_ELSEWHERE: [what: string, from: RegExp | string, to: string][] = [
  ['an id that is no number', /<Id>7<\/Id>/, '<Id>x</Id>'],
  ['an attribute type after the value', /(<attrType>string<\/attrType>)(<attrValue>Ana<\/attrValue>)/, '$2$1'],
  ['a foreign system that is none', '<ForeignSysType>SFDC', '<ForeignSysType>sfdc'],
  [
    'dedupEnabled before the records',
    /(<leadRecordList>.*<\/leadRecordList>)(<dedupEnabled>.*?<\/dedupEnabled>)/,
    '$2$1',
  ],
  ['a key without its type', /<keyType>EMAIL<\/keyType>(?!.*listKey)/, ''],
  ['a key of no kind', '<keyType>SFDCLEADID', '<keyType>PHONE'],
  ['a campaign without a source', '<source>MKTOWS</source>', ''],
  [
    'a campaign by its name before its program',
    /(<programName>.*<\/programName>)(<campaignName>.*<\/campaignName>)/,
    '$2$1',
  ],
  ['a list without its key', /<listKey>.*<\/listKey>/, ''],
  ['a list operation that is none', '<listOperation>ADDTOLIST', '<listOperation>addtolist'],
  ['strict before the people', /(<listMemberList>.*<\/listMemberList>)(<strict>.*<\/strict>)/, '$2$1'],
  ['an object without a name', /<objectName>.*<\/objectName>/, ''],
  ['a question where none is asked', '<ns1:paramsListMObjects>', '<ns1:paramsListMObjects><x/>'],
]

function acceptsWhatWeSend(validate: Validate): void {
  for (const message of [WHOLE, MINIMAL, ...REQUESTS, ...REPLIES]) expect(validate(message), message).toEqual([])
}

function refusesWhatIsSpoilt(validate: Validate): void {
  for (const [what, from, to] of SPOILT) {
    const spoilt = WHOLE.replace(from, to)
    expect(spoilt, what).not.toBe(WHOLE)
    expect(validate(spoilt), what).not.toEqual([])
  }
  for (const [what, from, to] of SPOILT_ELSEWHERE) {
    const spoilt = REQUESTS.map((request) => request.replace(from, to)).filter(
      (message, at) => message !== REQUESTS[at],
    )
    expect(spoilt, what).not.toEqual([])
    for (const message of spoilt) expect(validate(message), what).not.toEqual([])
  }
}

describe('our schema', () => {
  it('accepts what we send', () => acceptsWhatWeSend(validateMessage))

  it.each(SPOILT)('refuses %s', (_what, from, to) => {
    const spoilt = WHOLE.replace(from, to)

    expect(spoilt).not.toBe(WHOLE)
    expect(validateMessage(spoilt)).not.toEqual([])
  })

  it('refuses what is spoilt of every operation', () => refusesWhatIsSpoilt(validateMessage))

  it.each([
    ['created', CREATED],
    ['failed', FAILED],
    ['a fault', faultOf('20014', 'Authentication failed')],
  ])('accepts the replies that the tests are made with: %s', (_which, reply) => {
    expect(validateMessage(reply)).toEqual([])
  })
})

/** Marketo's own files stand beside a checkout and not in it. Where tests run unattended they must be there. */
const CONTRACT = join(import.meta.dirname, '../../../../../shared/contract')
const isThere = existsSync(CONTRACT) || process.env.CI !== undefined

describe.runIf(isThere)("Marketo's own schema", () => {
  it.each(['marketo_2_1.wsdl', 'marketo_2_7.reconstructed.xsd', 'marketo_2_7.reconstructed.wsdl'])(
    'accepts what we send and refuses what is spoilt: %s',
    (file) => {
      const validate = validatorOf(join(CONTRACT, file))

      acceptsWhatWeSend(validate)
      refusesWhatIsSpoilt(validate)
      expect(validate(CREATED)).toEqual([])
      expect(validate(FAILED)).toEqual([])
    },
  )

  it.each([
    ['syncLead.request.minimal.xml', BARE],
    ['syncLead.request.cookie.xml', ANA],
  ])('stands with a sample that says the same but for its signature: %s', async (file, lead) => {
    const request = await requestFor(lead)
    const sample = readFileSync(join(CONTRACT, 'soap', file), 'utf8')

    expect(unsigned(request)).toBe(unsigned(sample.replaceAll(/>\s+</g, '><').trim()))
  })

  it('stands with a sample of describeMObject that says the same but for its signature', async () => {
    const request = await requestOf((marketo) => marketo.describeMObject({ objectName: 'LeadRecord' }))
    const sample = readFileSync(join(CONTRACT, 'soap/describeMObject.request.xml'), 'utf8')

    expect(unsigned(request)).toBe(unsigned(sample.replaceAll(/>\s+</g, '><').trim()))
  })

  it.each([
    ['syncLead.response.created.xml', { kind: 'sent', leadId: 700123 }],
    ['syncLead.response.failed.xml', { kind: 'retry', atMost: 5 }],
    ['fault.20014.auth.xml', { kind: 'blocked' }],
    ['fault.20023.rate.xml', { kind: 'limited', limit: 'rate', after: 20_000 }],
    ['fault.20105.unknownField.xml', { kind: 'park' }],
  ])('stands with a reply that is understood: %s', async (file, verdict) => {
    expect(await verdictOn(readFileSync(join(CONTRACT, 'soap', file), 'utf8'))).toMatchObject(verdict)
  })
})

function unsigned(request: string): string {
  return request.replace(/(<requestSignature>).*(<\/requestTimestamp>)/, '$1$2')
}
