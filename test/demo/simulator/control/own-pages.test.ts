/** A page of the web cannot use the simulator of someone who looks at it. */
import { describe, expect, it } from 'vitest'
import { openSimulator } from '../simulator-client.ts'

const ask = (url: string, origin?: string, method = 'POST') =>
  openSimulator().app.request(url, {
    method,
    ...(method === 'POST' && { body: '{"ratePer20s": 5}' }),
    headers: { ...(origin !== undefined && { origin }) },
  })

describe('/sim/', () => {
  it.each([
    ['http://localhost:8090', undefined],
    ['http://127.0.0.1:8090', undefined],
    ['http://[::1]:8090', undefined],
    ['http://192.0.2.7:8090', 'http://192.0.2.7:8090'],
    ['http://marketo:8090', undefined],
    ['http://localhost:8090', 'http://localhost:8090'],
    ['http://localhost:8090', 'http://127.0.0.1:5173'],
    ['http://shop.localhost:8090', 'http://shop.localhost:8090'],
  ])('answers programs and its own pages: %s, Origin %s', async (url, origin) => {
    expect((await ask(`${url}/sim/limits`, origin)).status).toBe(200)
  })

  it('answers by a name that it was started with', async () => {
    const { app } = openSimulator({ names: ['simulator.acme.example'] })
    const origin = 'https://simulator.acme.example'

    expect((await app.request(`${origin}/sim/leads`, { headers: { origin } })).status).toBe(200)
    expect((await app.request('https://other.acme.example/sim/leads')).status).toBe(403)
  })

  it.each([
    ['http://localhost:8090', 'https://evil.example', 'Origin'],
    ['http://localhost:8090', 'null', 'Origin'],
    ['http://localhost:8090', 'https://localhost.evil.example', 'Origin'],
    ['http://localhost:8090', 'http://192.0.2.7:8090', 'Origin'],
    ['http://evil.example:8090', undefined, 'Host'],
    ['http://evil.example:8090', 'http://evil.example:8090', 'Host'],
    ['http://127.0.0.1.evil.example:8090', undefined, 'Host'],
  ])('refuses the pages of others, and changes nothing: %s, Origin %s', async (url, origin, field) => {
    for (const [path, method] of [
      ['/sim/limits', 'POST'],
      ['/sim/leads', 'GET'],
      ['/sim/events', 'GET'],
    ] as const) {
      const response = await ask(`${url}${path}`, origin, method)

      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ errors: [{ field }] })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})
