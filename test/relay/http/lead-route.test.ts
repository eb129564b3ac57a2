import { describe, expect, it } from 'vitest'
import type { ShownLead } from '../../../relay/admin/lead-details.ts'
import { AS_OPERATOR } from '../../support/operator.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'
import { claimBatch, lead, park, settleBatch, T } from '../../suites/outbox/leads.ts'

/** Asks a new relay, whose outbox has a parked and a delivered lead. */
async function ask(path: string) {
  const { app, outbox } = relayUnderTest()
  await park(outbox, [lead('parked')])
  await outbox.add([lead('delivered')], NOW)
  await settleBatch(outbox, await claimBatch(outbox, NOW, NOW + 1), { kind: 'delivered', leadId: 7 }, NOW)
  const response = await app.request(path, AS_OPERATOR)
  return { status: response.status, body: (await response.json()) as unknown }
}

describe('GET /v1/lead', () => {
  it('shows a lead in full, and its values when they are asked for', async () => {
    const [masked, full] = [await ask('/v1/lead?id=parked'), await ask('/v1/lead?id=parked&values=1')]

    const at = new Date(T).toISOString()
    const history = [{ reason: expect.any(String) as string, times: 1, first: at, last: at }]
    expect(masked).toMatchObject({ status: 200, body: { state: 'parked', acceptedAt: at, settledAt: at, history } })
    expect((masked.body as ShownLead).attributes).toEqual(['FirstName'])
    expect(masked.body).not.toHaveProperty('values')
    expect(full.body).toMatchObject({ values: { email: 'parked@example.com', attributes: { FirstName: 'George' } } })
  })

  it('shows the receipt of a delivered lead, which has no value any more', async () => {
    const { status, body } = await ask('/v1/lead?id=delivered&values=1')

    expect([status, body]).toEqual([
      200,
      {
        id: 'delivered',
        form: 'contact',
        state: 'delivered',
        acceptedAt: new Date(T).toISOString(),
        settledAt: new Date(NOW).toISOString(),
        attempts: 1,
        leadId: 7,
        rules: [],
        history: [],
        attributes: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: [],
      },
    ])
  })

  it.each([
    ['?id=nothing', 404],
    ['', 422],
    ['?id=', 422],
    ['?id=parked&values=yes', 422],
    ['?id=parked&form=contact', 422],
    ['?id=parked&account=other', 422],
  ])('replies to "%s" with %d', async (query, status) => {
    expect((await ask(`/v1/lead${query}`)).status).toBe(status)
  })
})

describe('GET /v1/export', () => {
  it('returns the leads of a state with their values, in pages', async () => {
    const { app, outbox } = relayUnderTest()
    await outbox.add(
      Array.from({ length: 201 }, (_, n) => lead(`lead-${n}`)),
      NOW,
    )
    const page = async (query: string) =>
      (await (await app.request(`/v1/export?state=waiting${query}`, AS_OPERATOR)).json()) as {
        leads: { id: string; email: string }[]
        next?: string
      }

    const first = await page('')
    const second = await page(`&after=${encodeURIComponent(first.next ?? '')}`)

    expect([first.leads.length, second.leads.length, second.next]).toEqual([200, 1, undefined])
    expect(first.leads[0]?.email).toMatch(/@example\.com$/)
    expect(new Set([...first.leads, ...second.leads].map(({ id }) => id)).size).toBe(201)
  })

  it.each(['', '?state=delivered', '?state=held&after=x', '?state=held&limit=5', '?state=held&account=other'])(
    'refuses "%s"',
    async (query) => {
      expect((await ask(`/v1/export${query}`)).status).toBe(422)
    },
  )
})
