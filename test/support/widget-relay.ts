/**
 * A relay to test the widget against, on another origin than the page: it answers as it is told and remembers what came.
 *
 * As strict as the real one about what a browser may send without asking first: a preflight is written down and refused,
 * so is a cookie, and a page may read only what is exposed to it.
 *
 *   POST /f/<answers>/<key>   the answers in turn, joined by `+`; the last one stays: `drop+503+202`
 *   GET  /seen/<key>          every request under that key, as JSON
 *   GET  /release/<key>       lets a `held` answer go, which is then a `202`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    widgetRelay: string
  }
}

export interface Seen {
  method: string
  headers: Record<string, string>
  body: string
}

const seen = new Map<string, Seen[]>()
const gates = new Map<string, PromiseWithResolvers<void>>()

/** Vitest calls this once before the widget's tests, and what it answers after them. */
export async function setup(project: TestProject): Promise<() => void> {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  project.provide('widgetRelay', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return () => {
    server.closeAllConnections()
    server.close()
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // On a kept connection that breaks, the browser itself asks once more; here every request counts.
  response.shouldKeepAlive = false
  const [, route, ...rest] = (request.url ?? '').split('/')
  const key = rest.at(-1) ?? ''
  if (route === 'seen') return json(response, 200, seen.get(key) ?? [], { 'access-control-allow-origin': '*' })
  if (route === 'release') {
    gate(key).resolve()
    return json(response, 200, {}, { 'access-control-allow-origin': '*' })
  }

  const body = await text(request)
  const calls = seen.get(key) ?? []
  seen.set(key, [...calls, { method: request.method!, headers: request.headers as Seen['headers'], body }])
  if (request.method !== 'POST') return json(response, 405, { code: 'method' })
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return json(response, 415, { code: 'type' })
  }
  if (request.headers.accept !== 'application/json') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sent</title>')
    return
  }

  const answers = (rest[0] ?? '').split('+')
  const told = decodeURIComponent(answers[Math.min(calls.length, answers.length - 1)]!)
  const cors = {
    'access-control-allow-origin': request.headers.origin!,
    'access-control-expose-headers': 'Location, Retry-After',
    vary: 'Origin',
  }
  if (told === 'hang') return
  if (told === 'drop') return void request.socket.destroy()
  if (told.startsWith('held')) await gate(key).promise
  if (told === 'html') {
    response.writeHead(202, { ...cors, 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>')
    return
  }
  const [status, detail] = told.replace('held', '202').split(':')
  if (status === '202') {
    const id = new URLSearchParams(body).get('_id')
    return json(
      response,
      202,
      { ok: detail !== 'no', id },
      { ...cors, ...(detail === 'thanks' && { location: THANKS }) },
    )
  }
  const errors = detail?.split(',').map((field) => ({ field, code: 'required', message: `Fill in ${field}` }))
  const later: Record<string, string> = status === '503' || status === '429' ? { 'retry-after': detail ?? '1' } : {}
  json(
    response,
    Number(status),
    { type: 'about:blank', code: CODES[status!], ...(status === '422' && { errors }) },
    { ...cors, ...later },
  )
}

/** Made by whoever comes first, the one who waits or the one who opens it. */
function gate(key: string): PromiseWithResolvers<void> {
  if (!gates.has(key)) gates.set(key, Promise.withResolvers())
  return gates.get(key)!
}

/** What `202:thanks` sends the visitor to. */
const THANKS = 'https://www.acme.example/thanks'

const CODES: Record<string, string> = { 403: 'origin', 404: 'form', 422: 'fields', 429: 'rate', 503: 'unavailable' }

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body))
}
