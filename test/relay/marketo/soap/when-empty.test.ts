/** Leads of a form that sends some attributes only where Marketo has no value, by SOAP. */
import { describe, expect, it } from 'vitest'
import type { DeliveryContext } from '../../../../relay/delivery/transport.ts'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { ANA, COOKIE, CREATED, faultOf, transportTo } from './samples.ts'
import { replyOf } from './calls.ts'

const PERMITTED: DeliveryContext = { unanswered: 0, step: (call) => call(10_000) }
const { cookie: _, ...WITHOUT_COOKIE } = ANA
const LEAD: Lead = { ...WITHOUT_COOKIE, whenEmpty: ['Company', 'LastName'] }
const UNKNOWN = faultOf('20103', 'No lead found with EMAIL = canary@acme.example', 'Lead not found')

function recordOf(attributes: Record<string, string>): string {
  const list = Object.entries(attributes).map(
    ([name, value]) =>
      `<attribute><attrName>${name}</attrName><attrType>string</attrType><attrValue>${value}</attrValue></attribute>`,
  )
  return `<leadRecord><Id>7</Id><Email>ana@acme.example</Email><leadAttributeList>${list.join('')}</leadAttributeList></leadRecord>`
}

const found = (...people: Record<string, string>[]) =>
  replyOf('getLead', `<count>${people.length}</count><leadRecordList>${people.map(recordOf).join('')}</leadRecordList>`)

/** Delivers a lead to a Marketo that answers the look-up so. */
async function deliver(
  read: string | readonly string[],
  leads: readonly Lead[] = [LEAD],
  context: DeliveryContext = PERMITTED,
) {
  const answers = [read, CREATED].flat()
  const { transport, calls } = transportTo(() => new Response(answers.shift()))
  const verdicts = await transport.deliver(leads, context)
  const operations = calls.map(({ body }) => /ns1:params(\w+)/.exec(body)?.[1])
  const sent = [...(calls.at(-1)?.body ?? '').matchAll(/<attrName>(\w+)</g)].map(([, name]) => name)
  return { verdicts, operations, sent, transport, calls }
}

describe('a form that sends attributes only where Marketo has no value', () => {
  it('looks the person up by the address, and leaves out what Marketo has', async () => {
    const { verdicts, operations, sent, calls } = await deliver(found({ Company: 'Globex' }))

    expect(operations).toEqual(['GetLead', 'SyncLead'])
    expect(calls[0]?.body).toContain('<keyType>EMAIL</keyType><keyValue>ana@acme.example</keyValue>')
    expect(sent).toEqual(['FirstName', 'LastName'])
    expect(verdicts).toEqual([
      { kind: 'delivered', leadId: 700_123, note: 'left out, because Marketo has a value: Company' },
    ])
  })

  it('leaves out what any of several people with the address has', async () => {
    const { sent } = await deliver(found({ Company: '' }, { LastName: 'Other' }, { Company: 'Globex' }))

    expect(sent).toEqual(['FirstName'])
  })

  it('leaves out what the person with the cookie has, because Marketo finds people by it first', async () => {
    const read = [UNKNOWN, found({ Company: 'Globex' })]
    const { operations, sent, calls } = await deliver(read, [{ ...LEAD, cookie: COOKIE }])

    expect(operations).toEqual(['GetLead', 'GetLead', 'SyncLead'])
    expect(calls[1]?.body).toContain('<keyType>COOKIE</keyType>')
    expect(sent).toEqual(['FirstName', 'LastName'])
  })

  it('sends everything where Marketo does not know the person', async () => {
    const { verdicts, sent } = await deliver(UNKNOWN)

    expect(sent).toEqual(['FirstName', 'LastName', 'Company'])
    expect(verdicts).toEqual([{ kind: 'delivered', leadId: 700_123 }])
  })

  it.each([
    ['the daily quota is spent', '20015', { kind: 'limited', limit: 'day' }],
    ['the key is wrong', '20014', { kind: 'blocked' }],
    ['Marketo has an error', '20011', { kind: 'failed', fault: 'account' }],
  ])('sends nothing where the look-up fails because %s', async (_, code, expected) => {
    const { verdicts, operations } = await deliver(faultOf(code))

    expect(verdicts).toMatchObject([expected])
    expect(JSON.stringify(verdicts)).toContain('it is not known which values Marketo has')
    expect(operations).toEqual(['GetLead'])
  })

  it('makes one call for a lead without such attributes', async () => {
    const without = { ...LEAD, attributes: [{ name: 'FirstName', value: 'Ana' }] }

    const { operations } = await deliver(CREATED, [without])

    expect(operations).toEqual(['SyncLead'])
  })

  it('sends nothing where the limits leave no call', async () => {
    const { verdicts, operations } = await deliver(UNKNOWN, [LEAD], { unanswered: 0, step: async () => undefined })

    expect(verdicts).toMatchObject([{ kind: 'failed', fault: 'lead', arrived: 'no' }])
    expect(operations).toEqual([])
  })

  it('goes alone', async () => {
    const { transport, verdicts, operations } = await deliver(UNKNOWN, [LEAD, { ...LEAD, email: 'ben@acme.example' }])

    expect(transport.batchKey(LEAD)).toBeNull()
    expect(transport.batchKey(WITHOUT_COOKIE)).toBe('soap')
    expect(verdicts).toMatchObject([
      { kind: 'failed', fault: 'batch', arrived: 'no' },
      { kind: 'failed', fault: 'batch', arrived: 'no' },
    ])
    expect(operations).toEqual([])
  })
})
