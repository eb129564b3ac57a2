import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, OTHER_TOKEN, TOKEN } from '../simulator-client.ts'

const VISIT = new URLSearchParams({
  _mchId: '123-ABC-456',
  _mchTk: TOKEN,
  _mchHo: 'localhost',
  _mchPo: '8080',
  _mchRu: '/pricing',
  _mchRe: 'http://localhost:8080/',
})

describe('/webevents/visitWebPage', () => {
  it.each([
    ['GET with a query', `?${VISIT}`, { method: 'GET' }],
    ['POST with a query', `?${VISIT}`, { method: 'POST' }],
    ['POST with a form', '', { method: 'POST', body: VISIT.toString() }],
  ])('accepts %s from any origin', async (_, query, init) => {
    const simulator = openSimulator()

    const response = await simulator.app.request(`/webevents/visitWebPage${query}`, init)

    const leads = await simulator.leads()
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(leads).toMatchObject([
      {
        cookies: [COOKIE],
        activities: [{ type: 'visit', url: 'http://localhost:8080/pricing', referrer: 'http://localhost:8080/' }],
      },
    ])
  })

  it('answers a preflight', async () => {
    const { app } = openSimulator()

    const response = await app.request('/webevents/visitWebPage', { method: 'OPTIONS' })

    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, POST')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('records the visits of each cookie separately and in order', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/one')
    await simulator.visit(OTHER_TOKEN, '/other')
    await simulator.visit(TOKEN, '/two')

    const leads = await simulator.leads()

    const paths = leads.map(({ activities }) =>
      activities.map((activity) => 'url' in activity && new URL(activity.url).pathname),
    )
    expect(paths).toEqual([['/one', '/two'], ['/other']])
  })

  it.each([
    ['another account', { _mchId: '999-XYZ-999' }],
    ['no token', { _mchTk: '' }],
    ['an invalid token', { _mchTk: 'chocolate' }],
    ['no host', { _mchHo: '' }],
    ['an invalid host', { _mchHo: 'user@acme.example' }],
    ['an invalid port', { _mchPo: '99999' }],
    ['a protocol other than HTTP', { _mchPc: 'javascript:' }],
  ])('rejects %s and records nothing', async (_, more) => {
    const simulator = openSimulator()

    const response = await simulator.visit(TOKEN, '/', more)

    expect(response.status).toBe(400)
    expect(await simulator.leads()).toEqual([])
  })

  it('ignores a referrer that is not an HTTP URL', async () => {
    const simulator = openSimulator()

    await simulator.visit(TOKEN, '/', { _mchRe: 'javascript:alert(1)' })

    const [visitor] = await simulator.leads()
    expect(visitor?.activities).toEqual([
      { type: 'visit', at: '2026-11-23T09:30:00.000Z', url: 'https://www.acme.example/' },
    ])
  })
})
