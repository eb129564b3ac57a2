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
const DELIVERED = [11, 12, 13].map((leadId) => ({ kind: 'delivered', leadId }))

/** A failure of one lead, of the call, and of the account, each answered. */
const RETRIED = { kind: 'failed', fault: 'lead', arrived: 'yes' }
const REFUSED = { kind: 'failed', fault: 'batch', arrived: 'yes' }
const STOPPED = { kind: 'failed', fault: 'account', arrived: 'yes' }
const UNREAD = { ...STOPPED, gateway: true, maxAttempts: 8 }

const fault = (code: string, message?: string) => () => new Response(faultOf(code, message), { status: 500 })
const thrice = (verdict: unknown) => [verdict, verdict, verdict]

describe('several leads', () => {
  it('go in one call, in order, without the ids of the relay', async () => {
    const { verdicts, calls } = await verdictsOn(() => new Response(ALL_CREATED))

    const [request = '', ...others] = calls.map(({ body }) => body)
    using document = XmlDocument.fromString(request)
    const texts = (path: string) => document.find(path).map(({ content }) => content)
    expect(verdicts).toEqual(DELIVERED)
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
    ['at the start', [{ ...ANA, email: '' }, BEN, EVA], [0]],
    ['in the middle', [ANA, { ...BEN, email: ' ' }, { ...BEN, email: '' }, EVA], [1, 2]],
    ['at the end', [ANA, BEN, { ...EVA, email: '' }], [2]],
  ] as [string, Company, number[]][])('go without leads that have no key, %s', async (_where, leads, keyless) => {
    const { verdicts, calls } = await verdictsOn(
      () => new Response(statusesOf({ status: 'CREATED', leadId: '11' }, { status: 'CREATED', leadId: '12' })),
      leads,
    )

    const parked = { kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' }
    const ids = [11, 12]
    expect(verdicts).toEqual(
      leads.map((_, at) => (keyless.includes(at) ? parked : { kind: 'delivered', leadId: ids.shift() })),
    )
    expect(calls).toHaveLength(1)
    expect(calls[0]?.body.match(/<leadRecord>/g)).toHaveLength(2)
  })

  it('of which one has a key go as one lead, by syncLead', async () => {
    const { verdicts, calls } = await verdictsOn(() => new Response(CREATED), [{ ...ANA, email: '' }, BEN])

    expect(verdicts).toMatchObject([{ kind: 'park' }, { kind: 'delivered', leadId: 700123 }])
    expect(calls[0]?.headers.get('SOAPAction')).toBe('"http://www.marketo.com/mktows/syncLead"')
  })

  it('of which none has a key take no call', async () => {
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
  ])('go without a lead that has %s, which a call of several would lose', async (_what, needs) => {
    const { verdicts, calls } = await verdictsOn(
      () => new Response(statusesOf({ status: 'CREATED', leadId: '11' }, { status: 'CREATED', leadId: '13' })),
      [ANA, { ...BEN, ...needs }, EVA],
    )

    expect(verdicts).toEqual([
      DELIVERED[0],
      { ...REFUSED, arrived: 'no', reason: 'a cookie, a workspace or a look-up needs a call of its own' },
      DELIVERED[2],
    ])
    expect(calls[0]?.body).not.toContain('ben@acme.example')
  })

  it('of which one is broken in the store all fail as a batch, and nothing is sent', async () => {
    const broken = { ...BEN, attributes: [null] } as unknown as Lead

    const { verdicts, calls } = await verdictsOn(() => new Response(ALL_CREATED), [ANA, broken, EVA])

    expect(verdicts).toEqual(thrice({ ...REFUSED, maxAttempts: 5, reason: 'the attempt failed (TypeError)' }))
    expect(calls).toEqual([])
  })

  it('may be up to three hundred', async () => {
    const crowd = crowdOf(300)
    const created = crowd.map((_, at) => ({ status: 'CREATED', leadId: String(at + 1) }))

    const { verdicts } = await verdictsOn(() => new Response(statusesOf(...created)), crowd)

    expect(verdicts).toEqual(crowd.map((_, at) => ({ kind: 'delivered', leadId: at + 1 })))
  })
})

describe('a reply to a call of several leads', () => {
  it('has a verdict for each lead by its own status', async () => {
    const reply = statusesOf(
      { status: 'FAILED', error: 'Lead could not be saved' },
      { status: 'CREATED', leadId: '12' },
      { status: 'SKIPPED', error: 'Not now' },
    )

    expect((await verdictsOn(() => new Response(reply))).verdicts).toEqual([
      { ...RETRIED, maxAttempts: 5, reason: 'FAILED: Lead could not be saved' },
      { kind: 'delivered', leadId: 12 },
      { ...RETRIED, maxAttempts: 5, reason: 'unknown status SKIPPED: Not now' },
    ])
  })

  it('is no success for a lead of which it has no id', async () => {
    const reply = statusesOf(
      { status: 'CREATED', leadId: '11' },
      { status: 'UPDATED' },
      { status: 'CREATED', leadId: '13' },
    )

    const { verdicts } = await verdictsOn(() => new Response(reply))

    expect(verdicts).toEqual([DELIVERED[0], { ...RETRIED, reason: 'UPDATED without a lead id' }, DELIVERED[2]])
  })

  it.each([
    ['ana@acme.example is taken', 'FAILED'],
    ['Ana is taken', 'FAILED'],
    ['tides are no topic', 'FAILED'],
    ['green is no colour', 'FAILED: green is no colour'],
  ])('is quoted unless it may speak of the lead: %s', async (error, reason) => {
    const reply = statusesOf({ status: 'FAILED', error }, { status: 'CREATED', leadId: '12' })

    const { verdicts } = await verdictsOn(() => new Response(reply), [ANA, BEN])

    expect(verdicts[0]).toEqual({ ...RETRIED, maxAttempts: 5, reason })
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
    ['an empty one', ['CREATED', ' ', 'CREATED'].map((status) => ({ status, leadId: '11' }))],
  ])('is not recognised when it does not have one status for each lead: %s', async (_how, statuses) => {
    const { verdicts } = await verdictsOn(() => new Response(statusesOf(...statuses)))

    expect(verdicts).toEqual(thrice({ ...UNREAD, reason: `HTTP 200 from ${HOST}: not a reply to syncMultipleLeads` }))
  })

  it('is not recognised when it is a reply to syncLead', async () => {
    expect((await verdictsOn(() => new Response(CREATED))).verdicts).toEqual(
      thrice({ ...UNREAD, reason: `HTTP 200 from ${HOST}: not a reply to syncMultipleLeads` }),
    )
  })
})

describe('a failed call of several leads', () => {
  const matching = (reason: string) => expect.stringMatching(reason) as string

  it.each([
    ['20013', { kind: 'blocked' }],
    ['20014', { kind: 'blocked' }],
    ['20015', { kind: 'limited', limit: 'day', waitMs: 0 }],
    ['20016', { ...STOPPED, waitMs: 1_000 }],
    ['20023', { kind: 'limited', limit: 'rate', waitMs: 20_000 }],
    ['20024', { kind: 'limited', limit: 'concurrency', waitMs: 2_000 }],
    // An internal error of Marketo's: each lead waits as it would alone, and they stay together.
    ['20012', { kind: 'blocked', maxAttempts: 3 }],
    ['20017', { kind: 'blocked', maxAttempts: 3 }],
    ['20018', { kind: 'blocked', maxAttempts: 3 }],
    ['20019', { kind: 'blocked', maxAttempts: 3 }],
    ['10001', { ...STOPPED, maxAttempts: 20 }],
    ['20011', { ...STOPPED, maxAttempts: 20 }],
  ])('that no lead has caused has the verdict of a single lead for each: %s', async (code, expected) => {
    expect((await verdictsOn(fault(code))).verdicts).toEqual(thrice({ ...expected, reason: matching(`^${code} `) }))
  })

  it.each([
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
  ])('that one lead may have caused parks none: the batch fails: %s', async (code) => {
    const { verdicts } = await verdictsOn(fault(code))

    expect(verdicts).toEqual(thrice({ ...REFUSED, reason: matching(`^${code} `) }))
  })

  it('with a fault without a code is a failure of the batch', async () => {
    const { verdicts } = await verdictsOn(() => new Response(faultOf('x', ''), { status: 500 }))

    expect(verdicts).toEqual(thrice({ ...REFUSED, reason: 'a fault without a code' }))
  })

  it.each([413, 414])('that is too large parks no lead: the batch fails: HTTP %i', async (status) => {
    expect((await verdictsOn(() => new Response('', { status }))).verdicts).toEqual(
      thrice({ ...REFUSED, reason: `HTTP ${status} from ${HOST}: the request is too large` }),
    )
  })

  it.each([
    [400, '', UNREAD, 'empty'],
    [200, PAGE, UNREAD, 'an HTML page'],
    [500, PAGE, UNREAD, 'an HTML page'],
    [502, PAGE, { ...UNREAD, arrived: 'maybe' }, 'an HTML page'],
    [503, '', UNREAD, 'empty'],
    [504, '', { ...UNREAD, arrived: 'maybe' }, 'empty'],
    [429, '', { kind: 'limited', limit: 'rate', waitMs: 20_000 }, 'empty'],
    [401, '', { kind: 'blocked', gateway: true, maxAttempts: 3 }, 'empty; a gateway before the API refuses access'],
  ])(
    'with a response that is not Marketo’s has the verdict of a single lead for each: HTTP %i',
    async (status, body, expected, cause) => {
      const { verdicts } = await verdictsOn(() => new Response(body, { status }))

      expect(verdicts).toEqual(thrice({ ...expected, reason: `HTTP ${status} from ${HOST}: ${cause}` }))
    },
  )

  it('that is not answered in time is a failure of the batch, which may have arrived', async () => {
    const { verdicts } = await verdictsOn(() => new Promise<Response>(() => {}), THREE, { timeout: 10 })

    expect(verdicts).toEqual(thrice({ ...REFUSED, arrived: 'maybe', reason: `no reply from ${HOST} within 0.01 s` }))
  })

  it.each([
    ['ECONNREFUSED', 'no'],
    ['ECONNRESET', 'maybe'],
  ])('without a connection is a failure of the account: %s', async (code, arrived) => {
    const { verdicts } = await verdictsOn(() => Promise.reject(Object.assign(new Error('x'), { code })))

    const expected = arrived === 'no' ? STOPPED : UNREAD
    expect(verdicts).toEqual(thrice({ ...expected, arrived, reason: `cannot reach ${HOST} (${code})` }))
  })

  it.each(['10001', '20014', '20023', '20109', '20105', '20999'])(
    'quotes nothing of the message, which may speak of any lead: %s',
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
  const unaffected = { kind: 'unaffected', reason: '20105 Lead Attribute Bad (in another lead of the call)' }

  it('are rejected for the leads that have them, as the form spells them; other leads are unaffected', async () => {
    const { verdicts } = await verdictsOn(unknown('topics__c, colour__c'))

    expect(verdicts).toEqual([
      { kind: 'rejected', attributes: ['Topics__c'], reason: '20105 Lead Attribute Bad: Topics__c' },
      unaffected,
      {
        kind: 'rejected',
        attributes: ['Colour__c', 'Topics__c'],
        reason: '20105 Lead Attribute Bad: Colour__c, Topics__c',
      },
    ])
  })

  it('may be named beside attributes that no lead has', async () => {
    const { verdicts } = await verdictsOn(unknown('nosuchfield, company'))

    expect(verdicts).toEqual([
      unaffected,
      { kind: 'rejected', attributes: ['Company'], reason: '20105 Lead Attribute Bad: Company' },
      unaffected,
    ])
  })

  it.each([['nosuchfield'], ['ana@acme.example'], ['Ana'], ['']])(
    'that no lead has are a failure of the batch: %j',
    async (names) => {
      const { verdicts } = await verdictsOn(unknown(names))

      expect(verdicts).toEqual(thrice({ ...REFUSED, reason: '20105 Lead Attribute Bad' }))
    },
  )

  it('are found in one reading of the message, however long it is', async () => {
    // The message has 3 MB: read again for each lead it would take minutes.
    const { verdicts } = await verdictsOn(unknown(`${'x,'.repeat(1_500_000)}firstname`), crowdOf(300))

    expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['rejected']))
  })
})

describe('the simulator', () => {
  /** Creates a transport to a simulated Marketo, which shares no code with the relay. */
  function createSimulated() {
    const now = () => Date.parse('2026-11-23T09:30:01.789Z')
    const { app } = createSimulator({ now, account: { ...ACCOUNT, munchkinId: '123-ABC-456' } })
    const endpoint = 'http://simulator.example/soap/mktows/3_1'
    const transport = createSoapTransport({
      ...ACCOUNT,
      endpoint,
      now,
      fetch: async (url, init) => app.request(url, init),
    })
    const ask = async (path: string) => (await app.request(path)).json() as Promise<Record<string, unknown>[]>
    return { transport, ask }
  }

  it('takes several leads in one call and returns the id of each', async () => {
    const { transport, ask } = createSimulated()
    const leads: Company = [leadOf('ana', { FirstName: 'Ana' }), leadOf('ben', { Company: 'Moorings & Sons' })]

    const first = await transport.deliver(leads)
    const second = await transport.deliver([...leads, leadOf('eva', { FirstName: 'Eva' })])

    const people = await ask('/sim/leads')
    const ids = ['ana', 'ben', 'eva'].map(
      (name) => people.find(({ email }) => email === `${name}@acme.example`)?.['id'],
    )
    const delivered = ids.map((leadId) => ({ kind: 'delivered', leadId }))
    expect(people).toHaveLength(3)
    expect(first).toEqual(delivered.slice(0, 2))
    expect(second).toEqual(delivered)
    expect(await ask('/sim/calls')).toHaveLength(2)
  })

  it('refuses the call for an attribute of one lead, and takes it without', async () => {
    const { transport } = createSimulated()
    const [ana, ben] = [leadOf('ana', { FirstName: 'Ana' }), leadOf('ben', { Company: 'x', NoSuchField: 'y' })]

    const refused = await transport.deliver([ana, ben])
    const edited = await transport.deliver([ana, leadOf('ben', { Company: 'x' })])

    expect(refused).toMatchObject([{ kind: 'unaffected' }, { kind: 'rejected', attributes: ['NoSuchField'] }])
    expect(edited).toMatchObject([{ kind: 'delivered' }, { kind: 'delivered' }])
  })

  it('rejects a value that it does not take by the name of its attribute, and takes the other lead', async () => {
    const { transport } = createSimulated()

    const verdicts = await transport.deliver([
      leadOf('ana', { FirstName: 'Ana' }),
      leadOf('ben', { LeadScore: 'a lot' }),
    ])

    expect(verdicts).toMatchObject([{ kind: 'delivered' }, { kind: 'rejected', attributes: ['LeadScore'] }])
  })
})
