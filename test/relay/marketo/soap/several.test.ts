import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import { createSimulator } from '../../../../demo/simulator/index.ts'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { createSoapTransport } from '../../../../relay/marketo/soap/transport.ts'
import { validateMessage } from '../../../support/schema/validator.ts'
import { ANA, BEN, crowdOf, EVA, leadOf, statusesOf, THREE, verdictsOn, type Company } from './company.ts'
import { ACCOUNT, COOKIE, CREATED, faultOf } from './samples.ts'

const HOST = '123-abc-456.mktoapi.example'
const PAGE = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'
const ALL_CREATED = statusesOf(
  { status: 'CREATED', leadId: '11' },
  { status: 'UPDATED', leadId: '12' },
  { status: 'CREATED', leadId: '13' },
)
const SENT = [11, 12, 13].map((leadId) => ({ kind: 'sent', leadId }))

const fault = (code: string, message?: string) => () => new Response(faultOf(code, message), { status: 500 })
const thrice = (verdict: unknown) => [verdict, verdict, verdict]

describe('several leads', () => {
  it('go in one call, in their order, without what is ours', async () => {
    const { verdicts, calls } = await verdictsOn(() => new Response(ALL_CREATED))

    const [request = '', ...others] = calls.map(({ body }) => body)
    using document = XmlDocument.fromString(request)
    const texts = (path: string) => document.find(path).map(({ content }) => content)
    expect(verdicts).toEqual(SENT)
    expect(others).toEqual([])
    expect(calls[0]?.headers.get('SOAPAction')).toBe('"http://www.marketo.com/mktows/syncMultipleLeads"')
    expect(validateMessage(request)).toEqual([])
    expect(texts('//leadRecord/Email')).toEqual(['ana@acme.example', 'ben@acme.example', 'eva@acme.example'])
    expect(texts('//leadRecord[2]//attrName')).toEqual(['FirstName', 'Company'])
    expect(texts('//leadRecord[2]//attrValue')).toEqual(['Ben', 'Moorings & Sons'])
    expect(texts('//dedupEnabled')).toEqual(['true'])
    expect(texts('//Id')).toEqual([])
    for (const { id } of THREE) expect(request).not.toContain(id)
  })

  it.each([
    ['at their start', [{ ...ANA, email: '' }, BEN, EVA], [0]],
    ['among them', [ANA, { ...BEN, email: ' ' }, { ...BEN, email: '' }, EVA], [1, 2]],
    ['at their end', [ANA, BEN, { ...EVA, email: '' }], [2]],
  ] as [string, Company, number[]][])('go without one that has no key, %s', async (_where, leads, keyless) => {
    const { verdicts, calls } = await verdictsOn(
      () => new Response(statusesOf({ status: 'CREATED', leadId: '11' }, { status: 'CREATED', leadId: '12' })),
      leads,
    )

    const parked = { kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' }
    const ids = [11, 12]
    expect(verdicts).toEqual(
      leads.map((_, at) => (keyless.includes(at) ? parked : { kind: 'sent', leadId: ids.shift() })),
    )
    expect(calls).toHaveLength(1)
    expect(calls[0]?.body.match(/<leadRecord>/g)).toHaveLength(2)
  })

  it('of which one is left go as one', async () => {
    const { verdicts, calls } = await verdictsOn(() => new Response(CREATED), [{ ...ANA, email: '' }, BEN])

    expect(verdicts).toMatchObject([{ kind: 'park' }, { kind: 'sent', leadId: 700123 }])
    expect(calls[0]?.headers.get('SOAPAction')).toBe('"http://www.marketo.com/mktows/syncLead"')
  })

  it('of which none is left spend no call', async () => {
    const { verdicts, calls } = await verdictsOn(
      () => new Response(CREATED),
      [
        { ...ANA, email: '' },
        { ...BEN, email: '' },
      ],
    )

    expect(verdicts).toMatchObject([{ kind: 'park' }, { kind: 'park' }])
    expect(calls).toEqual([])
  })

  it.each([
    ['a cookie', { cookie: COOKIE }],
    ['a workspace', { workspace: 'Europe' }],
  ])('go without one that has %s, which would be lost in their call', async (_what, needs) => {
    const { verdicts, calls } = await verdictsOn(
      () => new Response(statusesOf({ status: 'CREATED', leadId: '11' }, { status: 'CREATED', leadId: '13' })),
      [ANA, { ...BEN, ...needs }, EVA],
    )

    expect(verdicts).toEqual([
      SENT[0],
      { kind: 'again', apart: true, reason: 'a cookie or a workspace needs a call of its own' },
      SENT[2],
    ])
    expect(calls[0]?.body).not.toContain('ben@acme.example')
  })

  it('of which one is broken in the store go apart, and nothing is sent', async () => {
    const broken = { ...BEN, attributes: [null] } as unknown as Lead

    const { verdicts, calls } = await verdictsOn(() => new Response(ALL_CREATED), [ANA, broken, EVA])

    expect(verdicts).toEqual(thrice({ kind: 'again', apart: true, reason: 'the attempt failed (TypeError)' }))
    expect(calls).toEqual([])
  })

  it('may be three hundred', async () => {
    const crowd = crowdOf(300)
    const created = crowd.map((_, at) => ({ status: 'CREATED', leadId: String(at + 1) }))

    const { verdicts } = await verdictsOn(() => new Response(statusesOf(...created)), crowd)

    expect(verdicts).toEqual(crowd.map((_, at) => ({ kind: 'sent', leadId: at + 1 })))
  })
})

describe('an answer to a call of several', () => {
  it('settles each by its own status', async () => {
    const reply = statusesOf(
      { status: 'FAILED', error: 'Lead could not be saved' },
      { status: 'CREATED', leadId: '12' },
      { status: 'SKIPPED', error: 'Not now' },
    )

    expect((await verdictsOn(() => new Response(reply))).verdicts).toEqual([
      { kind: 'retry', atMost: 5, reason: 'FAILED: Lead could not be saved' },
      { kind: 'sent', leadId: 12 },
      { kind: 'retry', atMost: 5, reason: 'unknown status SKIPPED: Not now' },
    ])
  })

  it('is no success for one whose id it lacks', async () => {
    const reply = statusesOf(
      { status: 'CREATED', leadId: '11' },
      { status: 'UPDATED' },
      { status: 'CREATED', leadId: '13' },
    )

    const { verdicts } = await verdictsOn(() => new Response(reply))

    expect(verdicts).toEqual([SENT[0], { kind: 'retry', reason: 'UPDATED without a lead id' }, SENT[2]])
  })

  it.each([
    ['ana@acme.example is taken', 'FAILED'],
    ['Ana is taken', 'FAILED'],
    ['tides are no topic', 'FAILED'],
    ['green is no colour', 'FAILED: green is no colour'],
  ])('is quoted unless it may speak of the lead it is about: %s', async (error, reason) => {
    const reply = statusesOf({ status: 'FAILED', error }, { status: 'CREATED', leadId: '12' })

    const { verdicts } = await verdictsOn(() => new Response(reply), [ANA, BEN])

    expect(verdicts[0]).toEqual({ kind: 'retry', atMost: 5, reason })
  })

  it.each([
    [
      'two of three',
      [
        { status: 'CREATED', leadId: '11' },
        { status: 'CREATED', leadId: '12' },
      ],
    ],
    ['none', []],
    ['four', ['11', '12', '13', '14'].map((leadId) => ({ status: 'CREATED', leadId }))],
    ['one that says nothing', ['CREATED', ' ', 'CREATED'].map((status) => ({ status, leadId: '11' }))],
  ])('is believed for nobody when it has not a status for each: %s', async (_how, statuses) => {
    const { verdicts } = await verdictsOn(() => new Response(statusesOf(...statuses)))

    expect(verdicts).toEqual(
      thrice({ kind: 'retry', reason: `HTTP 200 from ${HOST}: not a reply to syncMultipleLeads` }),
    )
  })

  it('is believed for nobody when it is one to syncLead', async () => {
    expect((await verdictsOn(() => new Response(CREATED))).verdicts).toEqual(
      thrice({ kind: 'retry', reason: `HTTP 200 from ${HOST}: not a reply to syncMultipleLeads` }),
    )
  })
})

describe('a call of several that came to nothing', () => {
  const why = (reason: string) => expect.stringMatching(reason) as string

  it.each([
    ['20013', { kind: 'blocked' }],
    ['20014', { kind: 'blocked' }],
    ['20015', { kind: 'limited', limit: 'day', after: 0 }],
    ['20016', { kind: 'retry', everyone: true, after: 1_000 }],
    ['20023', { kind: 'limited', limit: 'rate', after: 20_000 }],
    ['20024', { kind: 'limited', limit: 'concurrency', after: 2_000 }],
    // A stumble of Marketo's: each waits as it would alone, and they stay together.
    ['10001', { kind: 'retry', atMost: 20 }],
    ['20011', { kind: 'retry', atMost: 20 }],
  ])('for what is nobody’s doing leaves each as it would alone: %s', async (code, fate) => {
    expect((await verdictsOn(fault(code))).verdicts).toEqual(thrice({ ...fate, reason: why(`^${code} `) }))
  })

  it.each([
    '20012',
    '20017',
    '20018',
    '20019',
    '20022',
    '20101',
    '20102',
    '20103',
    '20104',
    '20106',
    '20107',
    '20108',
    '20109',
    '20110',
    '20111',
    '20113',
    '20114',
    '20122',
    '20123',
    '20999',
  ])('for what one lead may have done parks nobody, and they go apart: %s', async (code) => {
    const { verdicts } = await verdictsOn(fault(code))

    expect(verdicts).toEqual(thrice({ kind: 'again', apart: true, reason: why(`^${code} `) }))
  })

  it('for a fault without a code makes them go apart', async () => {
    const { verdicts } = await verdictsOn(() => new Response(faultOf('x', ''), { status: 500 }))

    expect(verdicts).toEqual(thrice({ kind: 'again', apart: true, reason: 'a fault without a code' }))
  })

  it.each([413, 414])('for its size parks nobody, and they go apart: HTTP %i', async (status) => {
    expect((await verdictsOn(() => new Response('', { status }))).verdicts).toEqual(
      thrice({ kind: 'again', apart: true, reason: `HTTP ${status} from ${HOST}: the request is too large` }),
    )
  })

  it.each([
    [400, '', { kind: 'retry' }, 'empty'],
    [200, PAGE, { kind: 'retry' }, 'an HTML page'],
    [500, PAGE, { kind: 'retry' }, 'an HTML page'],
    [502, PAGE, { kind: 'retry', everyone: true, uncertain: true }, 'an HTML page'],
    [503, '', { kind: 'retry', everyone: true }, 'empty'],
    [504, '', { kind: 'retry', everyone: true, uncertain: true }, 'empty'],
    [429, '', { kind: 'limited', limit: 'rate', after: 20_000 }, 'empty'],
    [401, '', { kind: 'blocked' }, 'empty; the door before the API is shut'],
  ])(
    'for an answer that is not Marketo’s leaves each as it would alone: HTTP %i',
    async (status, body, fate, cause) => {
      const { verdicts } = await verdictsOn(() => new Response(body, { status }))

      expect(verdicts).toEqual(thrice({ ...fate, reason: `HTTP ${status} from ${HOST}: ${cause}` }))
    },
  )

  it('for want of time leaves each uncertain', async () => {
    const { verdicts } = await verdictsOn(() => new Promise<Response>(() => {}), THREE, { timeout: 10 })

    expect(verdicts).toEqual(thrice({ kind: 'retry', uncertain: true, reason: `no reply from ${HOST} within 0.01 s` }))
  })

  it.each([
    ['ECONNREFUSED', { neverArrived: true }],
    ['ECONNRESET', { uncertain: true }],
  ])('for want of a connection makes all wait: %s', async (code, more) => {
    const { verdicts } = await verdictsOn(() => Promise.reject(Object.assign(new Error('x'), { code })))

    expect(verdicts).toEqual(
      thrice({ kind: 'retry', everyone: true, ...more, reason: `cannot reach ${HOST} (${code})` }),
    )
  })

  it.each(['10001', '20014', '20023', '20109', '20105', '20999'])(
    'quotes nothing of the message, which may speak of any of them: %s',
    async (code) => {
      const { verdicts } = await verdictsOn(fault(code, 'Zanzibar is no place for: somebody, somewhere'))

      expect(JSON.stringify(verdicts)).toContain(code)
      expect(JSON.stringify(verdicts)).not.toMatch(/Zanzibar|some/)
    },
  )
})

describe('attributes that Marketo does not know', () => {
  const unknown = (names: string) =>
    fault('20105', `syncMultipleLeads operation failed: unknown fields for import: ${names}`)
  const bystander = { kind: 'again', reason: '20105 Lead Attribute Bad (in another lead of the call)' }

  it('are each lead’s own, as its form spells them; the others go again', async () => {
    const { verdicts } = await verdictsOn(unknown('topics__c, colour__c'))

    expect(verdicts).toEqual([
      { kind: 'refused', attributes: ['Topics__c'], reason: '20105 Lead Attribute Bad: Topics__c' },
      bystander,
      {
        kind: 'refused',
        attributes: ['Colour__c', 'Topics__c'],
        reason: '20105 Lead Attribute Bad: Colour__c, Topics__c',
      },
    ])
  })

  it('may be of one lead, and others unknown to all', async () => {
    const { verdicts } = await verdictsOn(unknown('nosuchfield, company'))

    expect(verdicts).toEqual([
      bystander,
      { kind: 'refused', attributes: ['Company'], reason: '20105 Lead Attribute Bad: Company' },
      bystander,
    ])
  })

  it.each([['nosuchfield'], ['ana@acme.example'], ['Ana'], ['']])(
    'that no lead has make all go apart: %j',
    async (names) => {
      const { verdicts } = await verdictsOn(unknown(names))

      expect(verdicts).toEqual(thrice({ kind: 'again', apart: true, reason: '20105 Lead Attribute Bad' }))
    },
  )

  it('are looked for in time, however long the message is', async () => {
    // Bounded by the test's own limit: read anew for each lead it would take minutes.
    const { verdicts } = await verdictsOn(unknown(`${'x,'.repeat(1_500_000)}firstname`), crowdOf(300))

    expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['refused']))
  })
})

describe('the simulator', () => {
  /** A Marketo that shares no line with the relay. */
  function simulated() {
    const now = () => Date.parse('2026-11-23T09:30:01.789Z')
    const { app } = createSimulator({ now, account: { ...ACCOUNT, munchkinId: '123-ABC-456' } })
    const endpoint = 'http://simulator.example/soap/mktows/3_1'
    const transport = createSoapTransport({
      ...ACCOUNT,
      endpoint,
      now,
      fetch: async (url, init) => app.request(url, init),
    })
    const told = async (path: string) => (await app.request(path)).json() as Promise<Record<string, unknown>[]>
    return { transport, told }
  }

  it('takes several at once and tells each one’s id', async () => {
    const { transport, told } = simulated()
    const leads: Company = [leadOf('ana', { FirstName: 'Ana' }), leadOf('ben', { Company: 'Moorings & Sons' })]

    const first = await transport.deliver(leads)
    const second = await transport.deliver([...leads, leadOf('eva', { FirstName: 'Eva' })])

    const people = await told('/sim/leads')
    const ids = ['ana', 'ben', 'eva'].map(
      (name) => people.find(({ email }) => email === `${name}@acme.example`)?.['id'],
    )
    const sent = ids.map((leadId) => ({ kind: 'sent', leadId }))
    expect(people).toHaveLength(3)
    expect(first).toEqual(sent.slice(0, 2))
    expect(second).toEqual(sent)
    expect(await told('/sim/calls')).toHaveLength(2)
  })

  it('refuses all for what one has, and takes them without it', async () => {
    const { transport } = simulated()
    const [ana, ben] = [leadOf('ana', { FirstName: 'Ana' }), leadOf('ben', { Company: 'x', NoSuchField: 'y' })]

    const refused = await transport.deliver([ana, ben])
    const mended = await transport.deliver([ana, leadOf('ben', { Company: 'x' })])

    expect(refused).toMatchObject([{ kind: 'again' }, { kind: 'refused', attributes: ['NoSuchField'] }])
    expect(mended).toMatchObject([{ kind: 'sent' }, { kind: 'sent' }])
  })

  it('fails one whose value it does not take, and takes the other', async () => {
    const { transport } = simulated()

    const verdicts = await transport.deliver([
      leadOf('ana', { FirstName: 'Ana' }),
      leadOf('ben', { LeadScore: 'a lot' }),
    ])

    expect(verdicts).toMatchObject([{ kind: 'sent' }, { kind: 'retry', atMost: 5 }])
  })
})
