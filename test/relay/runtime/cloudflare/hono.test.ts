import * as fc from 'fast-check'
import { Hono } from 'hono/tiny'
import { describe, expect, it } from 'vitest'
import { Hono as ReducedHono } from '../../../../relay/runtime/cloudflare/hono/app.ts'

/** Adds routes of the kinds that the relay has, whose replies say what they were given. */
function withRoutes<App extends Hono | ReducedHono>(app: App): App {
  const routes = app as Hono
  routes.options('/f/:form', (c) => Response.json([c.req.param('form'), c.req.header('origin') ?? null]))
  routes.post('/f/:form', async (c) => Response.json([c.req.param('form'), await c.req.raw.text(), c.env]))
  routes.all('/f/:form', (c) => new Response(null, { status: 405, headers: { 'x-form': escape(c.req.param('form')) } }))
  routes.get('/v1/parked', (c) =>
    Response.json([c.req.raw.url], { status: 201, headers: { 'x-method': c.req.method } }),
  )
  routes.all('/v1/parked', () => new Response('no', { status: 405 }))
  routes.get('/throws', () => {
    throw new TypeError('at once')
  })
  routes.get('/rejects', async () => Promise.reject(new RangeError('later')))
  routes.get('/v1/no-error', async () => Promise.reject('a text'))
  routes.notFound((c) => {
    if (c.req.header('origin') === 'broken') throw new Error('not found either')
    return new Response(c.req.raw.url, { status: 404, headers: { 'x-method': c.req.method } })
  })
  routes.onError((error) => new Response(error.message, { status: 500, headers: { 'x-error': error.name } }))
  return app
}

async function replyOf(app: Hono | ReducedHono, url: string, method: string, origin?: string) {
  const body = method === 'POST' ? 'sent' : null
  const request = new Request(url, { method, body, headers: { ...(origin !== undefined && { origin }) } })
  const response: Response = await app.fetch(request, { bound: 1 })
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}

const method = fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'DELETE', 'PROPFIND')
const origin = fc.constantFrom(undefined, '', 'https://a.example', 'broken')
const part = fc.oneof(
  fc.constantFrom(
    'f',
    'v1',
    'parked',
    'contact',
    '%',
    '%2F',
    '%25',
    '%2525',
    '%41',
    '%E4',
    '%F0%9F%98%80',
    'ä',
    '..',
    '',
  ),
  fc.stringMatching(/^[a-z%+:*?#]{0,6}$/),
)
const path = fc.oneof(
  fc.constantFrom('/throws', '/rejects', '/v1/parked', '/v1/parked/', '/v1/parked?a=%41', '/f/contact', '/f/contact#x'),
  part.map((form) => `/f/${form}`),
  fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
)

describe('the reduced Hono of the Worker', () => {
  const complete = withRoutes(new Hono())
  const reduced = withRoutes(new ReducedHono())

  it('replies as hono/tiny does', async () => {
    await fc.assert(
      fc.asyncProperty(path, method, origin, async (...[at, by, from]) => {
        const url = `https://relay.example${at}`

        expect(await replyOf(reduced, url, by, from)).toEqual(await replyOf(complete, url, by, from))
      }),
      { numRuns: 500 },
    )
  })

  it('throws what is no error, as hono/tiny does', async () => {
    for (const app of [reduced, complete]) {
      await expect(replyOf(app, 'https://relay.example/v1/no-error', 'GET')).rejects.toBe('a text')
    }
  })
})
