/** Leads of a form that writes the newest of several people with one address. */
import { describe, expect, it } from 'vitest'
import type { DeliveryContext } from '../../../../relay/delivery/transport.ts'
import { CANARIES, failure, leadOf, skipped, startMarketo, success } from './fake.ts'

const NEWEST = { duplicates: 'newest', attributes: [{ name: 'FirstName', value: 'canary value' }] } as const
const ANA = leadOf('ana', { ...NEWEST, attributes: [...NEWEST.attributes] })
const MERGE =
  '1007 Multiple leads match the lookup (two or more people have this address: merge them in Marketo, then replay)'
const PERMITTED: DeliveryContext = { unanswered: 0, step: (call) => call(10_000) }
const PEOPLE = [
  { id: 7, updatedAt: '2026-11-02T09:30:00Z' },
  { id: 9, updatedAt: '2026-11-20T09:30:00Z' },
  { id: 8, updatedAt: '2026-11-20T08:30:00+0000' },
  { id: 6 },
]

/** Starts a Marketo with several people of one address. It answers the read, and the update of one of them. */
function start(read: () => Response, update: () => Response = () => success([{ id: 9, status: 'updated' }])) {
  const marketo = startMarketo({
    answer: ({ url, text }) => {
      if (url.search === '?_method=GET') return read()
      const { action, input } = JSON.parse(text) as { action: string; input: { email: string }[] }
      if (action === 'updateOnly') return update()
      return success(
        input.map(({ email }, at) =>
          email.startsWith('ana') ? skipped('1007', 'canary value') : { id: at + 1, status: 'created' },
        ),
      )
    },
  })
  return { ...marketo, paths: () => marketo.calls.map(({ url }) => `${url.pathname}${url.search}`) }
}

describe('several people with the address of a lead', () => {
  it('are read once, and the one that was updated last is written by its id', async () => {
    const { transport, calls, paths } = start(() => success(PEOPLE))

    const verdicts = await transport.deliver([ANA], PERMITTED)

    expect(verdicts).toEqual([{ kind: 'delivered', leadId: 9 }])
    expect(paths()).toEqual(['/rest/v1/leads.json', '/rest/v1/leads.json?_method=GET', '/rest/v1/leads.json'])
    expect(Object.fromEntries(new URLSearchParams(calls[1]?.text))).toEqual({
      filterType: 'email',
      filterValues: 'ana@acme.example',
      fields: 'id,updatedAt',
    })
    expect(JSON.parse(calls[2]!.text)).toEqual({
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: 9, firstName: 'canary value', email: 'ana@acme.example' }],
    })
  })

  it('do not concern the other leads of the call, nor those of other forms', async () => {
    const parked = leadOf('ana2')
    const { transport } = start(() => success(PEOPLE))

    const verdicts = await transport.deliver([leadOf('ben'), ANA, parked], PERMITTED)

    expect(verdicts).toEqual([
      { kind: 'delivered', leadId: 1 },
      { kind: 'delivered', leadId: 9 },
      { kind: 'park', reason: MERGE },
    ])
  })

  it('who are gone meanwhile leave the lead parked as without the setting', async () => {
    const { transport, calls } = start(() => success([]))

    expect(await transport.deliver([ANA], PERMITTED)).toEqual([{ kind: 'park', reason: MERGE }])
    expect(calls).toHaveLength(2)
  })

  it('who may not be read leave the lead parked, with the right that is missing', async () => {
    const { transport } = start(() => failure('603'))

    expect(await transport.deliver([ANA], PERMITTED)).toEqual([
      {
        kind: 'park',
        reason: expect.stringContaining('the role of the API user needs the right "Read-Only Lead"') as string,
      },
    ])
  })

  it('who are not updated leave the verdict of the update', async () => {
    const refused = start(
      () => success(PEOPLE),
      () => success([skipped('1006', "Field 'firstName' not found")]),
    )
    const limited = start(
      () => success(PEOPLE),
      () => failure('606'),
    )

    const verdicts = [
      ...(await refused.transport.deliver([ANA], PERMITTED)),
      ...(await limited.transport.deliver([ANA], PERMITTED)),
    ]

    expect(verdicts).toMatchObject([
      { kind: 'rejected', attributes: ['FirstName'] },
      { kind: 'limited', limit: 'rate' },
    ])
    expect(CANARIES.filter((canary) => JSON.stringify(verdicts).includes(canary))).toEqual([])
  })

  it.each([0, 1])('wait for another attempt where the limits leave %i more calls', async (calls) => {
    let left = calls
    const { transport } = start(() => success(PEOPLE))

    const verdicts = await transport.deliver([ANA], {
      unanswered: 0,
      step: async (call) => (left-- > 0 ? call(10_000) : undefined),
    })

    const reason = 'it is not known who of several people with the address is the newest: the limits leave no call now'
    expect(verdicts).toEqual([{ kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 20, reason }])
  })
})
