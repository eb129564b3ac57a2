/** Every code of the contract with its verdict, as an answer to one lead, to several, of a record, and to Associate. */
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../../relay/delivery/transport.ts'
import { CANARIES, COOKIE, failure, leadOf, skipped, startMarketo, success, verdictsOn } from './fake.ts'

type Expected = { kind: Verdict['kind'] } & Record<string, unknown>

const BLOCKED = { kind: 'blocked' } as const
/** The account is blocked, unless another lead gets through: then this one is at fault. */
const NOT_UNDERSTOOD = { kind: 'blocked', maxAttempts: 3 } as const
const EVERYONE = { kind: 'failed', fault: 'account', arrived: 'yes' } as const
/** Counted against the lead only while others get through. */
const INTERNAL = { kind: 'failed', fault: 'account', arrived: 'yes', maxAttempts: 20 } as const
const IN_DOUBT = { kind: 'failed', fault: 'account', arrived: 'maybe', maxAttempts: 20 } as const
const TIMED_OUT = { kind: 'failed', fault: 'lead', arrived: 'maybe' } as const
const BUSY = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 20 } as const
const DOUBTFUL = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5 } as const
const PARK = { kind: 'park' } as const
const SPLIT = { kind: 'failed', fault: 'batch', arrived: 'yes' } as const
const SPLIT_LATER = { kind: 'failed', fault: 'batch', arrived: 'maybe' } as const

/** Code, beginning of the reason, verdict on a lead that went alone, and on each lead of several. */
const CALL_CODES: [code: string, reason: string, alone: Expected, several: Expected][] = [
  ['500', '500 Internal server error', INTERNAL, INTERNAL],
  ['502', '502 Bad gateway', IN_DOUBT, IN_DOUBT],
  ['603', '603 Access denied', BLOCKED, BLOCKED],
  ['604', '604 Request timed out', TIMED_OUT, SPLIT_LATER],
  ['605', '605 HTTP method not supported', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  [
    '606',
    '606 Max rate limit exceeded',
    { kind: 'limited', limit: 'rate', waitMs: 20_000 },
    { kind: 'limited', limit: 'rate', waitMs: 20_000 },
  ],
  [
    '607',
    '607 Daily quota reached',
    { kind: 'limited', limit: 'day', waitMs: 0 },
    { kind: 'limited', limit: 'day', waitMs: 0 },
  ],
  ['608', '608 API temporarily unavailable', EVERYONE, EVERYONE],
  ['609', '609 Invalid JSON', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['610', '610 Requested resource not found', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['611', '611 System error', INTERNAL, INTERNAL],
  ['612', '612 Invalid content type', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['613', '613 Invalid multipart request', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['614', '614 Invalid subscription', EVERYONE, EVERYONE],
  [
    '615',
    '615 Concurrent access limit reached',
    { kind: 'limited', limit: 'concurrency', waitMs: 2_000 },
    { kind: 'limited', limit: 'concurrency', waitMs: 2_000 },
  ],
  ['616', '616 Invalid subscription type', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['713', '713 Transient error', INTERNAL, INTERNAL],
  ['719', '719 Lock wait timeout', INTERNAL, INTERNAL],
  ['1004', '1004 Lead not found', PARK, SPLIT],
  ['1012', '1012 Invalid cookie value', PARK, SPLIT],
  ['1029', '1029 Too many jobs in queue', BUSY, SPLIT],
  ['799', '799 unknown error', DOUBTFUL, SPLIT],
  ['1999', '1999 unknown error', DOUBTFUL, SPLIT],
]

/** Code, beginning of the reason, and verdict on the record that has it, when the message names no field. */
const RECORD_CODES: [code: string, reason: string, verdict: Expected][] = [
  ['1001', '1001 Invalid value', PARK],
  ['1002', '1002 Missing value', PARK],
  ['1003', '1003 Invalid data', PARK],
  ['1004', '1004 Lead not found', PARK],
  ['1005', '1005 Lead already exists', PARK],
  ['1006', '1006 Field not found', PARK],
  [
    '1007',
    '1007 Multiple leads match the lookup (two or more people have this address: merge them in Marketo, then replay)',
    PARK,
  ],
  ['1008', '1008 No access to partition: "partition": "Europe"', PARK],
  ['1009', '1009 Partition must be specified: "partition": "Europe"', PARK],
  ['1010', '1010 Lead is in another partition: "partition": "Europe"', PARK],
  ['1011', '1011 Lookup field not supported', PARK],
  ['1013', '1013 Object not found', PARK],
  ['1016', '1016 Too many imports', BUSY],
  ['1017', '1017 Object already exists', PARK],
  ['1018', '1018 CRM enabled', PARK],
  ['1019', '1019 Import in progress', BUSY],
  ['1020', '1020 Too many clones', BUSY],
  ['1021', '1021 Company update not allowed', PARK],
  ['1022', '1022 Object in use', BUSY],
  ['1029', '1029 Too many jobs in queue', BUSY],
  ['1036', '1036 Duplicate object in input', PARK],
  ['1077', '1077 Value exceeds the maximum length', PARK],
  ['1999', '1999 unknown error', DOUBTFUL],
]

const startsWith = (reason: string) =>
  expect.stringMatching(new RegExp(`^${reason.replaceAll(/[()]/g, '\\$&')}`)) as string
const told = (verdicts: unknown) => CANARIES.filter((canary) => JSON.stringify(verdicts).includes(canary))

describe('an error of the whole call', () => {
  it.each(CALL_CODES)('%s means: %s', async (code, reason, alone, several) => {
    const leads = [leadOf('a'), leadOf('b'), leadOf('c')]

    const one = await verdictsOn(() => failure(code), [leadOf('a')])
    const three = await verdictsOn(() => failure(code), leads)

    expect(one).toEqual([{ ...alone, reason: startsWith(reason) }])
    expect(three).toEqual(leads.map(() => ({ ...several, reason: startsWith(reason) })))
    expect(told([one, three])).toEqual([])
  })

  it.each(CALL_CODES)(
    '%s means the same as a number, with HTTP 400 and with an empty list of results: %s',
    async (code, reason, alone) => {
      const numeric = await verdictsOn(() => failure(Number(code)))
      const bad = await verdictsOn(() => failure(code, 'canary value', { status: 400 }))

      expect([...numeric, ...bad]).toEqual([numeric, bad].map(() => ({ ...alone, reason: startsWith(reason) })))
    },
  )

  it.each(CALL_CODES)('%s means the same for a cookie that is owed: %s', async (code, reason, alone) => {
    const { transport } = startMarketo({ answer: () => failure(code, `Invalid cookie value '${COOKIE}'`) })

    const verdict = await transport.associate({
      id: 'a',
      leadId: 7,
      email: 'canary@acme.example',
      cookie: COOKIE,
      acceptedAt: 0,
    })

    expect(verdict).toEqual({ ...alone, reason: startsWith(reason) })
    expect(told(verdict)).toEqual([])
  })

  it.each([
    ['without a list of errors', { requestId: 'a', success: false }],
    ['with an empty list', { requestId: 'a', success: false, errors: [] }],
    ['with an error that is a text', { requestId: 'a', success: false, errors: ['canary value'] }],
    ['whose code is a text', { requestId: 'a', success: false, errors: [{ code: 'canary value', message: 'x' }] }],
    ['whose code is no code', { requestId: 'a', success: false, errors: [{ code: { a: 1 } }] }],
    [
      'beside success',
      { requestId: 'a', success: true, errors: [{ message: 'x' }], result: [{ id: 1, status: 'created' }] },
    ],
  ])('%s is retried a few times', async (_, body) => {
    const verdicts = await verdictsOn(() => Response.json(body))

    expect(verdicts).toEqual([{ ...DOUBTFUL, reason: 'an error without a code' }])
  })
})

describe('a reason of one record', () => {
  it.each(RECORD_CODES)('%s means: %s', async (code, reason, verdict) => {
    const leads = ['a', 'b', 'c'].map((name) => leadOf(name, { partition: 'Europe' }))
    const result = [{ id: 1, status: 'created' }, skipped(code), { id: 3, status: 'updated' }]

    const verdicts = await verdictsOn(() => success(result), leads)

    expect(verdicts).toEqual([
      { kind: 'delivered', leadId: 1 },
      { ...verdict, reason: startsWith(reason) },
      { kind: 'delivered', leadId: 3 },
    ])
    expect(told(verdicts)).toEqual([])
  })

  it.each([
    ['1008', { kind: 'park', reason: startsWith('1008 No access to partition: "partition": "Europe"') }],
    ['1009', { kind: 'park', reason: startsWith('1009 Partition must be specified: "partition": "Europe"') }],
    // It may be about any of the leads.
    ['1010', { ...SPLIT, reason: startsWith('1010 Lead is in another partition') }],
  ])('that concerns the partition may come for the whole call: %s', async (code, verdict) => {
    const leads = ['a', 'b'].map((name) => leadOf(name, { partition: 'Europe' }))

    const two = await verdictsOn(() => failure(code), leads)
    const one = await verdictsOn(() => failure(code), leads.slice(1))

    expect(two).toEqual([verdict, verdict])
    expect(one).toEqual([{ kind: 'park', reason: expect.stringContaining('"partition": "Europe"') as string }])
  })

  it('says that the form has no partition, when Marketo wants one', async () => {
    const verdicts = await verdictsOn(() => success([skipped('1009')]))

    expect(verdicts).toEqual([
      { kind: 'park', reason: startsWith('1009 Partition must be specified: the form contact has no "partition"') },
    ])
  })
})
