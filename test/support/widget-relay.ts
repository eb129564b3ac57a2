/**
 * A relay for tests of the widget, on another origin than the page. Its responses are part of the address, and it logs
 * every request.
 *
 * It is as strict as the real relay about requests that need no preflight: a preflight is logged and refused, no
 * response allows credentials, and a page can read only the exposed headers.
 *
 *   POST /f/<responses>/<key>   sends the responses in order, joined by `+`; the last one repeats: `drop+503+202`
 *   GET  /f/<responses>/<tickets>/<key>/ticket   does the same with the replies to requests for a ticket: `given+204`.
 *                               They are logged under the key `<key>-ticket`. Without <tickets> the form has none
 *   GET  /requests/<key>        returns every request to that key, as JSON
 *   GET  /release/<key>         sends the response that `held` holds back, a `202`, or another one as in `held503`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'
import { createAltcha } from '../../relay/guards/challenge/altcha.ts'
import { PAGE, WORK_KEY } from './widget-work.ts'

declare module 'vitest' {
  interface ProvidedContext {
    widgetRelay: string
  }
}

export interface ReceivedRequest {
  method: string
  headers: Record<string, string>
  body: string
}

const requests = new Map<string, ReceivedRequest[]>()
const releases = new Map<string, PromiseWithResolvers<void>>()

/** Starts the relay. Vitest calls it once before the widget's tests, and the returned function after them. */
export async function setup(project: TestProject): Promise<() => void> {
  const { origin, end } = await serveWidgetRelay()
  project.provide('widgetRelay', origin)
  return end
}

/** Starts the relay on a free port. */
export async function serveWidgetRelay(): Promise<{ origin: string; end: () => void }> {
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    end() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // When a kept-alive connection breaks, the browser itself repeats the request, which would distort the log.
  response.shouldKeepAlive = false
  const [, route, ...rest] = (request.url ?? '').split('/')
  const key = rest.at(-1) ?? ''
  if (route === 'requests') return json(response, 200, requests.get(key) ?? [], { 'access-control-allow-origin': '*' })
  if (route === 'release') {
    releaseOf(key).resolve()
    return json(response, 200, {}, { 'access-control-allow-origin': '*' })
  }

  if (key === 'ticket') return ticket(request, response, rest)
  const body = await text(request)
  const earlier = requests.get(key) ?? []
  const headers = request.headers as ReceivedRequest['headers']
  requests.set(key, [...earlier, { method: request.method!, headers, body }])
  if (request.method !== 'POST') return json(response, 405, { code: 'method' })
  if (request.headers.accept !== 'application/json') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sent</title>')
    return
  }
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return json(response, 415, { code: 'type' })
  }

  const planned = (rest[0] ?? '').split('+')
  const reply = decodeURIComponent(planned[Math.min(earlier.length, planned.length - 1)]!)
  const cors = {
    'access-control-allow-origin': request.headers.origin!,
    'access-control-expose-headers': 'Location, Retry-After',
    vary: 'Origin',
  }
  if (reply === 'hang') return
  if (reply === 'drop') return void request.socket.destroy()
  if (reply.startsWith('held')) await releaseOf(key).promise
  if (reply === 'html') {
    response.writeHead(202, { ...cors, 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>')
    return
  }
  const [status, detail] = reply
    .replace(/^held(?=:|$)/, '202')
    .replace('held', '')
    .split(':')
  if (status === '202') {
    const fields = new URLSearchParams(body)
    const id = fields.get('_id')
    const unknown = [...fields.keys()].filter((name) => name.startsWith('unknown'))
    return json(
      response,
      202,
      { ok: detail !== 'no', id, ...(fields.has('_debug') && { unknown }) },
      { ...cors, ...(detail === 'thanks' && { location: THANKS }) },
    )
  }
  const errors = detail?.split(',').map((field) => ({ field, code: 'required', message: `Fill in ${field}` }))
  const retryAfter: Record<string, string> =
    status === '503' || status === '429' ? { 'retry-after': detail ?? '1' } : {}
  json(
    response,
    Number(status),
    { type: 'about:blank', code: CODES[status!], ...(status === '422' && { errors }) },
    { ...cors, ...retryAfter },
  )
}

/** Replies to a request for a ticket: `given`, `work` (with a task), `hard` (with one that has no solution), `held`, `hang`, or a status. */
async function ticket(request: IncomingMessage, response: ServerResponse, path: string[]): Promise<void> {
  const cors = { 'access-control-allow-origin': request.headers.origin! }
  const plan = path.length === 4 ? path[1]!.split('+') : ['204']
  const key = `${path.at(-2)}-ticket`
  const earlier = requests.get(key) ?? []
  const headers = request.headers as ReceivedRequest['headers']
  requests.set(key, [...earlier, { method: request.method!, headers, body: '' }])
  const reply = plan[Math.min(earlier.length, plan.length - 1)]!
  if (reply === 'hang') return
  if (reply === 'held') await releaseOf(key).promise
  if (/^\d+$/.test(reply)) return void response.writeHead(Number(reply), cors).end()
  const given = { ticket: `ticket-${earlier.length + 1}` }
  if (reply !== 'work' && reply !== 'hard') return json(response, 200, given, cors)
  const challenge = await altcha.create('widget', PAGE)
  // No machine finds a key with so many bytes.
  if (reply === 'hard') challenge.parameters.keyPrefix = '00'.repeat(16)
  json(response, 200, { ...given, challenge }, cors)
}

/** Tasks of the ticket `work`, which the tests check with the same key. */
const altcha = createAltcha({ keys: [WORK_KEY], now: Date.now })

/** Returns the promise that `/release` resolves, creating it if needed: either request may come first. */
function releaseOf(key: string): PromiseWithResolvers<void> {
  if (!releases.has(key)) releases.set(key, Promise.withResolvers())
  return releases.get(key)!
}

/** Thanks address in the response `202:thanks`. */
const THANKS = 'https://www.acme.example/thanks'

const CODES: Record<string, string> = { 403: 'origin', 404: 'form', 422: 'fields', 429: 'rate', 503: 'unavailable' }

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body))
}
