import { describe, expect, it, vi, afterEach } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { CANARIES, COOKIE, failure, HOST, leadOf, skipped, startMarketo, success, verdictsOn } from './fake.ts'

const ANA = leadOf('ana')
const BEN = leadOf('ben')
const EVA = leadOf('eva')
const DOUBTFUL = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5 }

afterEach(() => vi.useRealTimers())

describe('a Sync Leads call', () => {
  it('has one record for each lead, with REST names and typed values', async () => {
    const lead = leadOf('ana', {
      attributes: [
        { name: 'FirstName', value: 'Ana' },
        { name: 'SICCode', value: '0071' },
        { name: 'MarketoSocialGender', value: 'f' },
        { name: 'Topics__c', value: 'tides;winds' },
        { name: 'DateofBirth', value: '1990-05-17' },
        { name: 'Unsubscribed', value: '1', type: 'boolean' },
        { name: 'DoNotCall', value: '0', type: 'boolean' },
        { name: 'Floors__c', value: '1' },
        { name: 'Company', value: '' },
      ],
      cookie: COOKIE,
      workspace: 'Europe',
    })
    const { transport, bodies, problems } = startMarketo()

    await transport.deliver([lead])

    expect(bodies()).toEqual([
      {
        action: 'createOrUpdate',
        lookupField: 'email',
        input: [
          {
            email: 'ana@acme.example',
            firstName: 'Ana',
            sicCode: '0071',
            gender: 'f',
            Topics__c: 'tides;winds',
            dateOfBirth: '1990-05-17',
            unsubscribed: true,
            doNotCall: false,
            Floors__c: '1',
            company: null,
          },
        ],
      },
    ])
    expect(problems).toEqual([])
  })

  it('never has the cookie of a lead', async () => {
    const { transport, calls } = startMarketo()

    await transport.deliver([leadOf('ana', { cookie: COOKIE })])

    expect(calls).toHaveLength(1)
    expect(`${calls[0]?.url.href} ${calls[0]?.text}`).not.toContain('_mch')
  })

  it('has the partition and the lookup field of its leads', async () => {
    const of = (name: string) =>
      leadOf(name, {
        partition: 'Europe',
        lookup: 'Customer__c',
        attributes: [{ name: 'Customer__c', value: `c-${name}` }],
      })
    const { transport, bodies, problems } = startMarketo()

    const verdicts = await transport.deliver([of('a'), of('b')])

    expect(verdicts.map(({ kind }) => kind)).toEqual(['delivered', 'delivered'])
    expect(bodies()[0]).toMatchObject({ partitionName: 'Europe', lookupField: 'Customer__c' })
    expect(problems).toEqual([])
  })

  it('replaces no address by an attribute, and no lone surrogate spoils it', async () => {
    const attributes = [
      { name: 'email', value: 'other@acme.example' },
      { name: 'LastName', value: 'a\uD800b' },
      { name: '__proto__', value: 'x' },
    ]
    const { transport, calls } = startMarketo()

    await transport.deliver([leadOf('ana', { attributes })])

    expect(calls[0]?.text).toContain('"input":[{"email":"ana@acme.example","lastName":"a�b","__proto__":"x"}]')
  })

  it('takes 300 leads, and more are divided before anything is sent', async () => {
    const crowd = Array.from({ length: 301 }, (_, at) => leadOf(`p${at}`))
    const { transport, calls } = startMarketo()

    const all = await transport.deliver(crowd)
    const some = await transport.deliver(crowd.slice(1))

    const reason = 'the request is too large: more than 1 MB or 300 leads'
    expect(new Set(all.map((verdict) => JSON.stringify(verdict)))).toEqual(
      new Set([JSON.stringify({ kind: 'failed', fault: 'batch', arrived: 'no', reason })]),
    )
    expect(some.every(({ kind }) => kind === 'delivered')).toBe(true)
    expect(calls).toHaveLength(1)
  })

  it('counts its size in bytes, and parks a lead that is too large alone', async () => {
    const large = (name: string, length: number): Lead =>
      leadOf(name, { attributes: [{ name: 'Notes__c', value: 'ä'.repeat(length) }] })
    const { transport, calls } = startMarketo()

    const two = await transport.deliver([large('a', 270_000), large('b', 270_000)])
    const one = await transport.deliver([large('a', 530_000)])
    const fits = await transport.deliver([large('a', 500_000)])

    expect(two).toMatchObject([
      { kind: 'failed', fault: 'batch', arrived: 'no' },
      { kind: 'failed', fault: 'batch', arrived: 'no' },
    ])
    expect(one).toMatchObject([{ kind: 'park', reason: expect.stringContaining('too large') as string }])
    expect(fits).toMatchObject([{ kind: 'delivered' }])
    expect(calls).toHaveLength(1)
  })

  it('never mixes partitions, even if it is asked to', async () => {
    const { transport, calls } = startMarketo()

    const verdicts = await transport.deliver([ANA, leadOf('ben', { partition: 'Europe' })])

    expect(verdicts).toMatchObject([
      { kind: 'failed', fault: 'batch', arrived: 'no' },
      { kind: 'failed', fault: 'batch', arrived: 'no' },
    ])
    expect(calls).toEqual([])
  })

  it('is not made without a lead', async () => {
    const { transport, calls } = startMarketo()

    expect(await transport.deliver([])).toEqual([])
    expect(calls).toEqual([])
  })
})

describe('the batch key', () => {
  const { transport } = startMarketo()

  it('is the same for leads of one partition and lookup field, whatever their cookie, form and workspace', () => {
    const keys = [
      ANA,
      leadOf('b', { cookie: COOKIE }),
      leadOf('c', { form: 'pilot', workspace: 'Europe' }),
      leadOf('d', { lookup: 'email' }),
      leadOf('e', { lookup: 'Email' }),
    ].map(transport.batchKey)

    expect(new Set(keys)).toEqual(new Set(['rest ["","email"]']))
    expect(transport.cookies).toBe('after-lead')
    expect(transport.name).toBe('rest')
  })

  it('differs by partition and by lookup field', () => {
    const keys = [
      ANA,
      leadOf('b', { partition: 'Europe' }),
      leadOf('c', { partition: 'Asia' }),
      leadOf('d', { lookup: 'Customer__c' }),
    ].map(transport.batchKey)

    expect(new Set(keys).size).toBe(4)
  })
})

describe('a success', () => {
  it.each([
    ['created', 700_123, 700_123],
    ['updated', 700_123, 700_123],
    ['created', '700123', 700_123],
  ])('is %s with the id %j', async (status, id, leadId) => {
    expect(await verdictsOn(() => success([{ id, status }]))).toEqual([{ kind: 'delivered', leadId }])
  })

  it('may have an empty list of reasons, errors, warnings, and a byte-order mark before a text/html body', async () => {
    const body = {
      success: true,
      errors: [],
      warnings: ['canary'],
      result: [{ id: 7, status: 'created', reasons: [] }],
    }
    const answer = () => new Response(`\uFEFF${JSON.stringify(body)}`, { headers: { 'Content-Type': 'text/html' } })

    expect(await verdictsOn(answer)).toEqual([{ kind: 'delivered', leadId: 7 }])
  })

  it.each<[string, unknown, string]>([
    ['skipped without reasons', { id: 7, status: 'skipped' }, 'skipped without a reason'],
    ['skipped with an empty list', { id: 7, status: 'skipped', reasons: [] }, 'skipped without a reason'],
    ['a missing status', { id: 7 }, 'a result of unknown status'],
    ['another status', { id: 7, status: 'canary value' }, 'a result of unknown status'],
    ['another case', { id: 7, status: 'CREATED' }, 'a result of unknown status'],
    ['a status that is no text', { id: 7, status: true }, 'a result of unknown status'],
    ['created without an id', { status: 'created' }, 'a result without a lead id'],
    ['created with the id 0', { id: 0, status: 'created' }, 'a result without a lead id'],
    ['created with a fraction', { id: 1.5, status: 'created' }, 'a result without a lead id'],
    ['created with another text', { id: '7x', status: 'created' }, 'a result without a lead id'],
    ['null', null, 'a result that is not an object'],
    ['a text', 'created', 'a result that is not an object'],
    ['a list', [{ id: 7, status: 'created' }], 'a result that is not an object'],
    ['updated with an unknown reason', { id: 7, status: 'updated', reasons: [{ code: '1999' }] }, '1999 unknown error'],
    ['an id and reasons without a status', { id: 7, reasons: [{ code: '1998', message: 'x' }] }, '1998 unknown error'],
    ['a lone reason', { id: 7, status: 'created', reason: { code: 1997, message: 'x' } }, '1997 unknown error'],
    ['a reason that is a text', { id: 7, status: 'created', reasons: ['canary value'] }, 'an error without a code'],
  ])('is not %s', async (_, entry, reason) => {
    expect(await verdictsOn(() => success([entry]))).toEqual([{ ...DOUBTFUL, reason }])
  })

  it.each<[string, unknown, number]>([
    ['no result', undefined, 0],
    ['an empty one', [], 0],
    ['one that is too short', [{ id: 1, status: 'created' }], 1],
    ['one that is too long', Array.from({ length: 4 }, (_, at) => ({ id: at + 1, status: 'created' })), 4],
    ['one that is no list', { id: 1, status: 'created' }, 0],
  ])('is nobody’s with %s: the leads are sent again in smaller calls', async (_, result, entries) => {
    const three = await verdictsOn(() => success(result), [ANA, BEN, EVA])

    const reason = `${entries} results for 3 leads`
    expect(three).toEqual([ANA, BEN, EVA].map(() => ({ kind: 'failed', fault: 'batch', arrived: 'yes', reason })))
  })

  it('is not a result of two for a lead that went alone', async () => {
    const result = [1, 2].map((id) => ({ id, status: 'created' }))

    expect(await verdictsOn(() => success(result))).toEqual([{ ...DOUBTFUL, reason: '2 results for 1 leads' }])
  })
})

describe('an attribute that a reason names', () => {
  const lead = leadOf('ana', {
    attributes: [
      { name: 'FirstName', value: 'canary value' },
      { name: 'Hat__c', value: 'red' },
      { name: 'SICCode', value: 'many' },
      { name: 'Company', value: 'Acme' },
      { name: 'NumberOfEmployees', value: 'a few' },
      { name: 'Agreed__c', value: '1', type: 'boolean' },
    ],
  })

  it.each([
    ['1006', "Field 'Hat__c' not found", ['Hat__c'], '1006 Field not found: Hat__c'],
    ['1006', "Field 'hat__C' not found", ['Hat__c'], '1006 Field not found: Hat__c'],
    ['1006', "Field 'firstName' not found", ['FirstName'], '1006 Field not found: FirstName'],
    ['1003', "Value for 'sicCode' is not valid", ['SICCode'], '1003 Invalid data: SICCode'],
    ['1002', 'Value required for field Hat__c', ['Hat__c'], '1002 Missing value: Hat__c'],
    ['1011', "Field 'Hat__c' is not supported", ['Hat__c'], '1011 Lookup field not supported: Hat__c'],
    ['1077', 'Value for field Hat__c exceeds max length', ['Hat__c'], '1077 Value exceeds the maximum length: Hat__c'],
    ['1001', "Invalid value 'many'. Required of type 'integer'", ['SICCode'], '1001 Invalid value: SICCode'],
    ['1001', "Invalid value 'canary value'. Required of type 'date'", ['FirstName'], '1001 Invalid value: FirstName'],
    ['1001', 'Invalid value "true". Required of type "date"', ['Agreed__c'], '1001 Invalid value: Agreed__c'],
  ])('%s is left out, and the rest goes at once: %s', async (code, message, attributes, reason) => {
    const one = await verdictsOn(() => success([skipped(code, message)]), [lead])
    const whole = await verdictsOn(() => failure(code, message), [lead])
    const bad = await verdictsOn(() => failure(Number(code), message, { status: 400 }), [lead])

    const verdict = { kind: 'rejected', attributes, reason }
    expect([one, whole, bad]).toEqual([[verdict], [verdict], [verdict]])
    expect(CANARIES.filter((canary) => JSON.stringify([one, whole, bad]).includes(canary))).toEqual([])
  })

  it('is each of the company’s, when Marketo refuses its update', async () => {
    const message = 'Company update not allowed during syncLead'

    const verdicts = await verdictsOn(() => success([skipped('1021', message)]), [lead])

    expect(verdicts).toEqual([
      {
        kind: 'rejected',
        attributes: ['SICCode', 'Company', 'NumberOfEmployees'],
        reason: '1021 Company update not allowed: SICCode, Company, NumberOfEmployees',
      },
    ])
  })

  it('affects no other lead of the call', async () => {
    const verdicts = await verdictsOn(() => failure('1006', "Field 'Hat__c' not found"), [ANA, lead, BEN])

    const reason = '1006 Field not found, in another lead of the call'
    expect(verdicts).toEqual([
      { kind: 'unaffected', reason },
      { kind: 'rejected', attributes: ['Hat__c'], reason: '1006 Field not found: Hat__c' },
      { kind: 'unaffected', reason },
    ])
  })

  it('in one record of 300 leaves the others delivered', async () => {
    const crowd = Array.from({ length: 300 }, (_, at) =>
      leadOf(`p${at}`, at === 7 ? { attributes: lead.attributes } : {}),
    )
    const result = crowd.map((_, at) =>
      at === 7 ? skipped('1006', "Field 'Hat__c' not found") : { id: at + 1, status: 'created' },
    )

    const verdicts = await verdictsOn(() => success(result), crowd)

    expect(verdicts[7]).toEqual({ kind: 'rejected', attributes: ['Hat__c'], reason: '1006 Field not found: Hat__c' })
    expect(verdicts.flatMap((verdict) => (verdict.kind === 'delivered' ? [verdict.leadId] : []))).toEqual(
      crowd.map((_, at) => at + 1).toSpliced(7, 1),
    )
  })

  it('may be one of several, in several reasons', async () => {
    const reasons = [
      { code: '1006', message: "Field 'Hat__c' not found" },
      { code: 1001, message: "Invalid value 'many'. Required of type 'integer'" },
    ]

    const verdicts = await verdictsOn(() => success([{ status: 'skipped', reasons }]), [lead])

    const reason = '1006 Field not found: Hat__c, SICCode; 1001 Invalid value: Hat__c, SICCode'
    expect(verdicts).toEqual([{ kind: 'rejected', attributes: ['Hat__c', 'SICCode'], reason }])
  })

  it('is looked for in the first 2,000 characters of a message, however long it is', async () => {
    const near = await verdictsOn(() => success([skipped('1006', `${'x '.repeat(990)}'Hat__c'`)]), [lead])
    const far = await verdictsOn(() => success([skipped('1006', `${'x '.repeat(1_000)}'Hat__c'`)]), [lead])

    expect(near).toMatchObject([{ kind: 'rejected', attributes: ['Hat__c'] }])
    expect(far).toEqual([{ kind: 'park', reason: '1006 Field not found' }])
  })

  it('does not hide a reason that is about the whole lead', async () => {
    const reasons = [
      { code: '1006', message: "Field 'Hat__c' not found" },
      { code: '1007', message: 'Multiple lead match lookup criteria' },
    ]

    const verdicts = await verdictsOn(() => success([{ status: 'skipped', reasons }]), [lead])

    expect(verdicts).toMatchObject([{ kind: 'park', reason: expect.stringMatching(/^1007/) as string }])
  })

  it('is the one by which people are found: then the lead is parked, and the setting named', async () => {
    const known = leadOf('ana', { lookup: 'gender', attributes: [{ name: 'MarketoSocialGender', value: 'f' }] })

    const whole = await verdictsOn(() => failure('1006', "Lookup field 'gender' not found"), [known])
    const record = await verdictsOn(() => success([skipped('1003', "'gender' is not valid")]), [known])

    expect(whole).toEqual([{ kind: 'park', reason: '1006 Field not found: "lookup": "gender" of the form contact' }])
    expect(record).toEqual([{ kind: 'park', reason: '1003 Invalid data: MarketoSocialGender' }])
  })
})

describe('an answer that is not Marketo’s', () => {
  /** Something on the way answers for all leads, or for what this one holds. Marketo may have the call. */
  const LOST = { kind: 'failed', fault: 'account', arrived: 'maybe', gateway: true, maxAttempts: 20 }
  const GATEWAY = { ...LOST, maxAttempts: 8 }
  const REFUSED = { kind: 'blocked', gateway: true, maxAttempts: 3 }
  const PAGE = '<!doctype html><html><body>canary value</body></html>'
  const half = '{"requestId":"a","success":true,"result":[{"id":1,"stat'

  it.each<[string, () => Response, object]>([
    ['an HTML page with 200', () => new Response(PAGE), { ...LOST, reason: `HTTP 200 from ${HOST}: an HTML page` }],
    ['nothing', () => new Response(''), { ...LOST, reason: `HTTP 200 from ${HOST}: empty` }],
    ['no body', () => new Response(null, { status: 204 }), { ...LOST, reason: `HTTP 204 from ${HOST}: empty` }],
    ['half a JSON', () => new Response(half), { ...LOST, reason: `HTTP 200 from ${HOST}: malformed JSON` }],
    ['null', () => new Response('null'), { ...LOST, reason: `HTTP 200 from ${HOST}: not a JSON object` }],
    ['a list', () => new Response('[]'), { ...LOST, reason: `HTTP 200 from ${HOST}: not a JSON object` }],
    ['a byte-order mark alone', () => new Response('\uFEFF'), { ...LOST, reason: `HTTP 200 from ${HOST}: empty` }],
    [
      'another object',
      () => Response.json({ message: 'canary value' }),
      { ...LOST, reason: `HTTP 200 from ${HOST}: not a reply of the REST API` },
    ],
    [
      'a success with 500',
      () => Response.json({ success: true, result: [{ id: 1, status: 'created' }] }, { status: 500 }),
      { ...LOST, reason: `HTTP 500 from ${HOST}: not a reply of the REST API` },
    ],
    [
      'bytes that are no UTF-8',
      () => new Response(new Uint8Array([0x7b, 0xff, 0x7d])),
      { ...LOST, reason: `HTTP 200 from ${HOST}: not UTF-8` },
    ],
    [
      '500 with a page',
      () => new Response(PAGE, { status: 500 }),
      { ...LOST, reason: `HTTP 500 from ${HOST}: an HTML page` },
    ],
    [
      '502 with a page',
      () => new Response(PAGE, { status: 502 }),
      { ...GATEWAY, reason: `HTTP 502 from ${HOST}: an HTML page` },
    ],
    [
      '503 with a time',
      () => new Response(PAGE, { status: 503, headers: { 'Retry-After': '7' } }),
      { ...GATEWAY, waitMs: 7_000, reason: `HTTP 503 from ${HOST}: an HTML page` },
    ],
    [
      '504 with nothing',
      () => new Response('', { status: 504 }),
      { ...GATEWAY, reason: `HTTP 504 from ${HOST}: empty` },
    ],
    [
      '401',
      () => new Response('', { status: 401 }),
      { ...REFUSED, reason: `HTTP 401 from ${HOST}: empty; a gateway before the API refuses access` },
    ],
    [
      '403',
      () => new Response(PAGE, { status: 403 }),
      { ...REFUSED, reason: `HTTP 403 from ${HOST}: an HTML page; a gateway before the API refuses access` },
    ],
    [
      '404',
      () => new Response(PAGE, { status: 404 }),
      { ...REFUSED, reason: `HTTP 404 from ${HOST}: an HTML page; there is no REST API at this endpoint` },
    ],
    [
      'a redirect',
      () => new Response('', { status: 302, headers: { Location: 'https://login.example/?canary value' } }),
      { ...REFUSED, reason: `HTTP 302 from ${HOST}: a redirect to login.example` },
    ],
    [
      'a redirect that the runtime hides',
      () => Response.error(),
      { ...REFUSED, reason: `HTTP 0 from ${HOST}: a redirect to elsewhere` },
    ],
    [
      '429 with a time',
      () => new Response('', { status: 429, headers: { 'Retry-After': '9' } }),
      { kind: 'limited', limit: 'rate', waitMs: 9_000, reason: `HTTP 429 from ${HOST}: empty` },
    ],
    [
      '429 with an envelope',
      () => failure('606', 'x', { status: 429 }),
      { kind: 'limited', limit: 'rate', waitMs: 20_000, reason: `HTTP 429 from ${HOST}: too many requests` },
    ],
  ])('is told apart, and every lead of the call fails: %s', async (_, answer, verdict) => {
    const one = await verdictsOn(answer)
    const two = await verdictsOn(answer, [ANA, BEN])

    expect(one).toEqual([verdict])
    expect(two).toEqual([verdict, verdict])
  })

  it.each([413, 414])('%i parks a lead that went alone, and halves a batch', async (status) => {
    const answer = () => new Response('', { status })

    const one = await verdictsOn(answer)
    const two = await verdictsOn(answer, [ANA, BEN])

    const reason = `HTTP ${status} from ${HOST}: the request is too large`
    expect(one).toEqual([{ kind: 'park', reason }])
    expect(two).toEqual([ANA, BEN].map(() => ({ kind: 'failed', fault: 'batch', arrived: 'yes', reason })))
  })

  it('is unreadable when it is longer than a million bytes', async () => {
    const verdicts = await verdictsOn(() => new Response(' '.repeat(1_000_001)))

    expect(verdicts).toEqual([{ ...LOST, reason: `HTTP 200 from ${HOST}: longer than 1000000 bytes` }])
  })
})

describe('a call without an answer', () => {
  const error = (code: string) =>
    new TypeError('canary value', { cause: Object.assign(new Error('canary value'), { code }) })

  it('may have arrived when the connection broke', async () => {
    const verdicts = await verdictsOn(() => Promise.reject(error('ECONNRESET')))

    expect(verdicts).toEqual([
      {
        kind: 'failed',
        fault: 'account',
        arrived: 'maybe',
        gateway: true,
        maxAttempts: 8,
        reason: `cannot reach ${HOST} (ECONNRESET)`,
      },
    ])
  })

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED'])(
    'was never sent when there was no connection: %s',
    async (code) => {
      const verdicts = await verdictsOn(() => Promise.reject(error(code)))

      const reason = `cannot reach ${HOST} (${code})`
      expect(verdicts).toEqual([{ kind: 'failed', fault: 'account', arrived: 'no', reason }])
    },
  )

  it('may have arrived after the time-out, and a batch is halved', async () => {
    vi.useFakeTimers()
    const { transport } = startMarketo({ answer: () => new Promise(() => {}) })

    const both = Promise.all([transport.deliver([ANA]), transport.deliver([BEN, EVA])])
    await vi.advanceTimersByTimeAsync(90_000)
    const [one, two] = await both

    const reason = `no reply from ${HOST} within 90 s`
    expect(one).toEqual([{ kind: 'failed', fault: 'lead', arrived: 'maybe', reason }])
    expect(two).toEqual([BEN, EVA].map(() => ({ kind: 'failed', fault: 'batch', arrived: 'maybe', reason })))
  })
})

it('a lead that is broken in the store fails alone, and nothing is sent', async () => {
  const broken = { ...ANA, attributes: undefined } as unknown as Lead
  const { transport, calls } = startMarketo()

  const verdicts = await transport.deliver([broken])

  expect(verdicts).toEqual([{ ...DOUBTFUL, reason: 'the attempt failed (TypeError)' }])
  expect(calls).toEqual([])
})
