/** Every answer with its verdict: to Sync Leads with one lead and with several, to Associate, and to Submit Form. */
import { describe, expect, it } from 'vitest'
import { ANSWER_TABLE, askAll } from './answer-table.ts'
import { CANARIES, failure, leadOf, skipped, startMarketo, success, token, verdictsOn } from './fake.ts'

const startsWith = (reason: string) =>
  expect.stringMatching(new RegExp(`^${reason.replaceAll(/[()]/g, '\\$&')}`)) as string
const DOUBTFUL = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5 } as const
const SPLIT = { kind: 'failed', fault: 'batch', arrived: 'yes' } as const
const told = (verdicts: unknown) => CANARIES.filter((canary) => JSON.stringify(verdicts).includes(canary))

it.each(ANSWER_TABLE.map((row) => [row.name, row] as const))('every call comes to its verdict: %s', async (_, row) => {
  const verdicts = await askAll(row)

  expect(verdicts).toEqual(row.verdicts)
  expect(told(verdicts)).toEqual([])
})

describe('an error of the whole call', () => {
  it.each(
    ANSWER_TABLE.flatMap(({ name, code, verdicts }) => (name.endsWith('of the call') ? [[code, verdicts.sync]] : [])),
  )('%s means the same as a number, and with HTTP 400', async (code, verdict) => {
    const identity = (n: number) => token(`canary-token-${n}`, 3_599)
    const verdictOn = (answer: () => Response) => startMarketo({ identity, answer }).transport.deliver([leadOf('a')])

    const numeric = await verdictOn(() => failure(Number(code)))
    const bad = await verdictOn(() => failure(code, 'canary value', { status: 400 }))

    expect([...numeric, ...bad]).toEqual([verdict, verdict])
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
