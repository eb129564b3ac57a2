import { describe, expect, it } from 'vitest'
import { createLeadMarketo } from '../../../../relay/marketo/index.ts'
import { validateMessage } from '../../../support/schema/validator.ts'
import { marketoOf, replyOf, requestOf, SAMPLES, type Sample } from './calls.ts'
import { ACCOUNT, COOKIE, ENDPOINT, faultOf } from './samples.ts'

const withoutIndent = (xml: string) => xml.replaceAll(/>\s+</g, '><').trim()

describe('a call of the client', () => {
  it.each(SAMPLES)('of $operation writes the request that the WSDL defines', async ({ operation, ask, params }) => {
    const { marketo, requests } = marketoOf(() => new Response(''))

    await ask(marketo).catch(() => {})

    const [request] = requests
    const root = `ns1:params${operation.charAt(0).toUpperCase()}${operation.slice(1)}`
    expect(request?.body).toContain(`<SOAP-ENV:Body><${root}>${withoutIndent(params)}</${root}></SOAP-ENV:Body>`)
    expect(request?.headers.get('SOAPAction')).toBe(`"http://www.marketo.com/mktows/${operation}"`)
    expect(request?.url).toBe(ENDPOINT)
    expect(validateMessage(request?.body ?? '')).toEqual([])
  })

  it.each(SAMPLES)('of $operation returns what Marketo answers', async ({ operation, ask, result, expected }) => {
    const reply = replyOf(operation, result)
    const { marketo, requests } = marketoOf(() => new Response(reply))

    expect(await ask(marketo)).toEqual(expected)
    expect(requests).toHaveLength(1)
    expect(validateMessage(reply)).toEqual([])
  })

  it.each([
    ['the default of the client', {}, 'Europe'],
    ['the one of the lead', { workspace: 'R&D' }, 'R&amp;D'],
    ['none for an empty one of the lead', { workspace: '' }, undefined],
  ])('of syncLead names the right workspace: %s', async (_which, lead, workspace) => {
    const { marketo, requests } = marketoOf(() => new Response(''), { workspace: 'Europe' })

    await marketo.syncLead({ email: 'ana@acme.example', ...lead }).catch(() => {})

    expect(/<targetWorkspace>(.*)<\/targetWorkspace>/.exec(requests[0]?.body ?? '')?.[1]).toBe(workspace)
  })

  it.each(SAMPLES.filter(({ operation }) => operation !== 'syncLead'))(
    'of $operation names no workspace, because the operation accepts none',
    async ({ ask }) => {
      const { marketo, requests } = marketoOf(() => new Response(''), { workspace: 'Europe' })

      await ask(marketo).catch(() => {})

      expect(requests[0]?.body).toContain('AuthenticationHeader')
      expect(requests[0]?.body).not.toContain('Workspace')
    },
  )

  it('of getLead returns a count of 0 when Marketo finds no lead', async () => {
    const { marketo } = marketoOf(() => new Response(faultOf('20103', 'No lead found'), { status: 500 }))

    expect(await marketo.getLead({ id: 1 })).toEqual({ count: 0, leadRecords: [] })
  })

  it.each([
    [{ id: 42 }, 'IDNUM', '42'],
    [{ email: 'a@b.example' }, 'EMAIL', 'a@b.example'],
    [{ cookie: COOKIE }, 'COOKIE', COOKIE.replace('&', '&amp;')],
    [{ keyType: 'SFDCCONTACTID', keyValue: '003' }, 'SFDCCONTACTID', '003'],
    [{ keyType: 'LEADOWNEREMAIL', keyValue: 'o@b.example' }, 'LEADOWNEREMAIL', 'o@b.example'],
  ] as const)('of getLead sends the key %j', async (key, keyType, keyValue) => {
    const request = await requestOf((marketo) => marketo.getLead(key))

    expect(request).toContain(`<leadKey><keyType>${keyType}</keyType><keyValue>${keyValue}</keyValue></leadKey>`)
  })

  it('of syncLead returns the same from the client with syncLead alone', async () => {
    const [sample] = SAMPLES
    let request: unknown
    const marketo = createLeadMarketo({
      ...ACCOUNT,
      endpoint: ENDPOINT,
      workspace: 'Europe',
      fetch: async (_url, { body }) => {
        request = body
        return new Response(replyOf('syncLead', sample?.result ?? ''))
      },
    })

    expect(await marketo.syncLead({ id: 700123 })).toEqual(sample?.expected)
    expect(request).toContain('<targetWorkspace>Europe</targetWorkspace>')
  })

  it('of syncLead returns an unknown status as text', async () => {
    const result = '<leadId>7</leadId><syncStatus><leadId>7</leadId><status>SKIPPED</status></syncStatus>'
    const { marketo } = marketoOf(() => new Response(replyOf('syncLead', result)))

    expect(await marketo.syncLead({ id: 7 })).toMatchObject({ leadId: 7, status: 'SKIPPED', leadRecord: null })
  })

  it('of syncLead returns the status FAILED, and does not throw', async () => {
    const result =
      '<leadId>0</leadId><syncStatus><leadId>0</leadId><status>FAILED</status><error>Out of space</error></syncStatus>'
    const { marketo } = marketoOf(() => new Response(replyOf('syncLead', result)))

    const lead = await marketo.syncLead({ email: 'ana@acme.example' })

    expect(lead).toEqual({ leadId: null, status: 'FAILED', error: 'Out of space', leadRecord: null })
  })
})

/** Other spellings of the same reply. */
const SPELLINGS: [how: string, rewrite: (reply: string) => string][] = [
  ['on one line', withoutIndent],
  [
    'with other prefixes',
    (reply) => reply.replaceAll('SOAP-ENV', 'S').replaceAll('ns1', 'mkt-ws').replaceAll('xsi', 'i'),
  ],
  [
    'with default namespaces',
    (reply) =>
      withoutIndent(reply)
        .replaceAll(/(<\/?)SOAP-ENV:/g, '$1')
        .replace('xmlns:SOAP-ENV', 'xmlns')
        .replaceAll(/(<\/?)ns1:/g, '$1')
        .replace(/<(success\w+)>/, '<$1 xmlns="http://www.marketo.com/mktows/">')
        .replace('<result>', '<result xmlns="">'),
  ],
  [
    'with one default namespace for the whole reply',
    (reply) =>
      withoutIndent(reply)
        .replaceAll(/(<\/?)ns1:/g, '$1')
        .replace(/<(success\w+)>/, '<$1 xmlns="http://www.marketo.com/mktows/">'),
  ],
  ['with CDATA', (reply) => withoutIndent(reply).replaceAll(/>([^<&]+)</g, '><![CDATA[$1]]><')],
  [
    'with character references',
    (reply) => withoutIndent(reply).replaceAll(/>([A-Za-z0-9])/g, (_, c: string) => `>&#${c.charCodeAt(0)};`),
  ],
  [
    'with comments',
    (reply) => withoutIndent(reply).replaceAll('><', '><!-- <x> & -- -->'.replace(' -- ', ' - ') + '<'),
  ],
  ['with comments inside texts', (reply) => withoutIndent(reply).replaceAll(/>([A-Za-z0-9])/g, '>$1<!-- x -->')],
  ['with CRLF line ends', (reply) => reply.replaceAll('\n', '\r\n')],
  ['with a byte-order mark', (reply) => `\uFEFF${reply}`],
  ['without a declaration', (reply) => reply.replace(/^<\?xml.*\?>\n/, '')],
  [
    'with attributes in another order, in single quotes, among others',
    (reply) =>
      reply
        .replaceAll('xsi:nil="true"', `id='1' xsi:nil = '1' xsi:type="xsd:string"`)
        .replace(/ (xmlns:SOAP-ENV="[^"]*") (xmlns:ns1="[^"]*") (xmlns:xsi="[^"]*")/, '\n$3\n$2\t$1'),
  ],
  [
    'with a header',
    (reply) => reply.replace('<SOAP-ENV:Body>', '<SOAP-ENV:Header><x/></SOAP-ENV:Header><SOAP-ENV:Body>'),
  ],
  [
    'with unknown elements',
    (reply) =>
      reply.replaceAll(/<\/(result|syncStatus|leadRecord|metadata|field|leadStatus)>/g, '<later>x</later></$1>'),
  ],
]

describe.each(SAMPLES)('a reply to $operation', ({ operation, ask, result, expected }: Sample) => {
  it.each(SPELLINGS)('is read %s', async (_how, rewrite) => {
    const reply = rewrite(replyOf(operation, result))
    const { marketo } = marketoOf(() => new Response(reply))

    expect(reply).not.toBe(replyOf(operation, result))
    expect(await ask(marketo)).toEqual(expected)
  })

  it.each([
    ['an empty body', '', 'empty'],
    ['a truncated reply', replyOf(operation, result).slice(0, -60), 'malformed XML'],
    ['an HTML page', '<html><body>It works!</body></html>', 'an HTML page'],
    ['a reply to another operation', replyOf('getCampaignsForSource', result), `not a reply to ${operation}`],
    [
      'a reply without a result',
      replyOf(operation, result).replaceAll('result>', 'results>'),
      `not a reply to ${operation}`,
    ],
    ['an entity bomb', `<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]>${replyOf(operation, '&c;')}`, 'a DOCTYPE'],
    ['an external entity', `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, 'a DOCTYPE'],
    ['a bare ampersand', replyOf(operation, '&b;').replace('&b;', '&b'), 'malformed XML'],
    ['deep nesting', '<a>'.repeat(100_000) + '</a>'.repeat(100_000), 'nested deeper than 32 elements'],
  ])('is rejected: %s', async (_what, text, cause) => {
    const body = text.replace(/^(<!DOCTYPE.*\]>)(<\?xml.*\?>)/, '$2$1')
    const { marketo } = marketoOf(() => new Response(body))

    const error: unknown = await ask(marketo).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'unreadable', operation, retryable: true, uncertain: true, status: 200 })
    expect(String(error)).toContain(`MarketoError: ${operation}: HTTP 200 from 123-abc-456.mktoapi.example: ${cause}`)
  })
})

describe('an incomplete reply', () => {
  it.each([
    [
      'one status too few',
      '<syncStatusList><syncStatus><leadId>1</leadId><status>CREATED</status></syncStatus></syncStatusList>',
    ],
    [
      'an empty status',
      '<syncStatusList><syncStatus><leadId>1</leadId><status>CREATED</status></syncStatus><syncStatus/></syncStatusList>',
    ],
    ['no list', ''],
  ])('to syncMultipleLeads is rejected as a whole: %s', async (_what, result) => {
    const { marketo } = marketoOf(() => new Response(replyOf('syncMultipleLeads', result)))

    const leads = [{ id: 1 }, { id: 2 }]

    await expect(marketo.syncMultipleLeads({ leads })).rejects.toMatchObject({ code: 'unreadable', uncertain: true })
  })

  it.each([
    ['getLead', '<leadRecordList/>'],
    ['describeMObject', '<metadata><name>LeadRecord</name></metadata>'],
    ['describeMObject', '<metadata><fieldList/></metadata>'],
    ['requestCampaign', '<success>maybe</success>'],
    ['listOperation', '<statusList/>'],
    ['listOperation', '<success>true</success><statusList><leadStatus><status>true</status></leadStatus></statusList>'],
  ])('to %s is rejected: %s', async (operation, result) => {
    const { marketo } = marketoOf(() => new Response(replyOf(operation, result)))
    const ask = SAMPLES.find((sample) => sample.operation === operation)?.ask

    await expect(ask?.(marketo)).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('to getLead has null for values that are nil or absent', async () => {
    const nil = 'xsi:nil="true"'
    const record = `<leadRecord><Id ${nil}/><Email ${nil}/><ForeignSysPersonId ${nil}/><ForeignSysType ${nil}/><leadAttributeList ${nil}/></leadRecord>`
    const bare = '<leadRecord/>'
    const result = `<count>3</count><leadRecordList>${record}${bare}<leadRecord ${nil}/></leadRecordList>`
    const { marketo } = marketoOf(() => new Response(replyOf('getLead', result)))

    const empty = { id: null, email: null, foreignSysPersonId: null, foreignSysType: null, attributes: [] }
    expect(await marketo.getLead({ id: 1 })).toEqual({ count: 3, leadRecords: [empty, empty] })
  })

  it('to getLead has no records if the list is nil', async () => {
    const result = '<count>0</count><leadRecordList xsi:nil="true"/>'
    const { marketo } = marketoOf(() => new Response(replyOf('getLead', result)))

    expect(await marketo.getLead({ id: 1 })).toEqual({ count: 0, leadRecords: [] })
  })
})
