/**
 * The routes. A Hono app that is given all it uses: forms, outbox, clock, randomness.
 *
 * It answers `202` only after the outbox has said that the lead would survive a crash. It never waits for Marketo.
 */
import { Hono } from 'hono/tiny'
import { accepted, acceptedPage, problem, problemPage, seeOther } from './responses.ts'
import type { Config } from '../config/config.ts'
import { createParkedLeads } from '../admin/parked-leads.ts'
import type { Form } from '../config/forms.ts'
import { createOriginGuard } from '../guards/origin.ts'
import { uuidV7 } from '../intake/uuid.ts'
import { readBody } from '../intake/submission.ts'
import { takeIn } from '../intake/intake.ts'
import { takeLead, type Servers } from './leads-route.ts'
import { iso, reasonOf, type Log } from '../monitoring/events.ts'
import { listParked, replayParked, type Operator } from './parked-routes.ts'
import type { Outbox, OutboxStatus } from '../outbox/outbox.ts'
import { secondsSince, healthIssues } from '../monitoring/health.ts'
import type { FieldProblem, ProblemCode } from '../protocol.ts'

export interface Relay {
  config: Pick<Config, 'forms' | 'munchkinId'>
  /** The app adds and asks; delivering is the deliverer's. */
  outbox: Pick<Outbox, 'add' | 'status'>
  /** Called when a lead was added. */
  wake: () => void
  /** Epoch milliseconds. */
  now: () => number
  /** Fills a buffer with randomness. */
  randomBytes: (length: number) => Uint8Array
  log: Log
  /** For `/v1/leads`; without it there is no such address. */
  servers?: Servers
  /** For `/v1/parked` and `/v1/replay`; without it there are no such addresses. */
  operator?: Operator
  /** What the operator should know of the store though it works: it stands in `/readyz`. */
  notices?: () => object
  /** The widget's files by path, where the platform does not serve them itself. */
  widget?: (request: Request) => Response | undefined
}

/** Makes the app. It keeps no state of a request: in a Worker one instance serves many at once. */
export function createApp(relay: Relay): Hono {
  const { config, outbox, wake, now, randomBytes, log, servers, operator, widget } = relay
  const origins = createOriginGuard(config.forms.values())
  const app = new Hono()
  /** The last lead that could not be kept, unless one was kept since: a small write may still find room on a full disk. */
  let refused: { reason: string; at: number } | undefined

  app.options('/f/:form', (c) => {
    const form = config.forms.get(c.req.param('form'))
    const headers = form && origins.admit(form, c.req.header('origin') ?? null)
    if (!headers) return new Response(null, { status: form ? 403 : 404 })
    return new Response(null, {
      status: 204,
      headers: {
        ...headers,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type, accept',
        'access-control-max-age': '7200',
      },
    })
  })

  app.post('/f/:form', async (c) => {
    const request = c.req.raw
    const name = c.req.param('form')
    const form = config.forms.get(name)
    const headers = form && origins.admit(form, request.headers.get('origin'))
    const refuse = (code: ProblemCode, detail: string, errors?: FieldProblem[]) =>
      wantsJson(request) ? problem(code, detail, headers ?? {}, errors) : problemPage(code, detail, errors)

    if (!form) return refuse('form', `No form is called "${name.slice(0, 64)}" here.`)
    if (!headers) return refuse('origin', 'The page that sent this is not one of the form’s origins.')

    const body = await readBody(request)
    if (!body.ok) {
      const { code, detail, field } = body.refusal
      return refuse(code, detail, field === undefined ? undefined : [{ field, code: 'file', message: detail }])
    }
    const at = now()
    const intake = takeIn(form, body.value, {
      now: at,
      newId: () => uuidV7(at, randomBytes(10)),
      cookies: request.headers.get('cookie'),
      ...(config.munchkinId && { munchkinId: config.munchkinId }),
    })
    if (!intake.ok) return refuse('fields', 'Some fields need another look.', intake.errors)

    const { id, notes } = intake.lead
    try {
      await outbox.add([intake.lead], at)
      refused = undefined
    } catch (error) {
      refused = { reason: reasonOf(error), at }
      log({ event: 'not-kept', form: name, reason: refused.reason })
      return refuse('unavailable', 'Your answers could not be kept just now. Please send them again.')
    }
    log({ event: 'accepted', id, form: name, notes })
    wake()

    const next = nextAddress(form, body.value.extras.get('_next'))
    if (wantsJson(request)) return accepted(id, headers, next)
    return next ? seeOther(next) : acceptedPage()
  })

  app.all('/f/:form', () => otherMethod('Post the form here.', 'POST, OPTIONS'))

  if (servers) {
    app.post('/v1/leads', (c) => takeLead(c.req.raw, { ...servers, now, log }))
    app.all('/v1/leads', () => otherMethod('Post a lead here, as JSON.', 'POST'))
  }

  if (operator) {
    const atDesk = { keys: operator.keys, desk: createParkedLeads(operator.outbox, now) }
    app.get('/v1/parked', (c) => listParked(c.req.raw, atDesk))
    app.all('/v1/parked', () => otherMethod('Get the parked leads here.', 'GET, HEAD'))
    app.post('/v1/replay', (c) => replayParked(c.req.raw, { ...atDesk, wake, log }))
    app.all('/v1/replay', () => otherMethod('Post here which leads are to be sent again, as JSON.', 'POST'))
  }

  app.get('/healthz', () => Response.json({ ok: true }, { headers: NO_STORE }))

  app.get('/readyz', async () => {
    try {
      if (refused && now() - refused.at < REFUSED_FOR) return notReady(refused.reason)
      // An empty addition asks whether a lead could be kept; the state of Marketo does not decide that.
      await outbox.add([], now())
      const body = readiness(await outbox.status(now()), now())
      return Response.json({ ...body, ...relay.notices?.() }, { headers: NO_STORE })
    } catch (error) {
      log({ event: 'error', where: 'readyz', reason: reasonOf(error) })
      return notReady(reasonOf(error))
    }
  })

  app.notFound((c) => {
    const file = c.req.method === 'GET' || c.req.method === 'HEAD' ? widget?.(c.req.raw) : undefined
    return file ?? problem('form', 'Nothing is served at this address.', {})
  })

  app.onError((error) => {
    log({ event: 'error', where: 'app', reason: error.name })
    return problem('unavailable', 'Something went wrong here. Please send it again.', {})
  })

  return app
}

const NO_STORE = { 'cache-control': 'no-store' }

/** After this many milliseconds it is worth another try. */
const REFUSED_FOR = 30_000

/** What stands where, and what is wrong. A lead can be kept, whatever it is. */
function readiness(status: OutboxStatus, now: number): object {
  const { waiting, parked, delivered, oldestAt, parkedAt, breaker, day } = status
  const issues = healthIssues(status, now)
  return {
    ready: true,
    state: issues[0]?.kind ?? 'ok',
    issues,
    backlog: waiting,
    oldestAgeSeconds: secondsSince(oldestAt, now),
    parked,
    parkedAgeSeconds: secondsSince(parkedAt, now),
    delivered,
    blocked: breaker?.blocked ?? false,
    ...(breaker && { breaker: { reason: breaker.reason, until: iso(breaker.until) } }),
    calls: { today: day.spent, of: day.of, resetsAt: iso(day.endsAt) },
  }
}

function notReady(reason: string): Response {
  const headers = { ...NO_STORE, 'retry-after': '5' }
  return Response.json({ ready: false, reason }, { status: 503, headers })
}

function otherMethod(detail: string, allow: string): Response {
  return problem('method', detail, { allow })
}

/** A program says so; a browser that submits a form by itself asks for HTML. */
function wantsJson(request: Request): boolean {
  const accept = request.headers.get('accept') ?? ''
  if (/\bapplication\/(problem\+)?json\b/.test(accept)) return true
  return !accept.includes('text/html') && (request.headers.get('content-type') ?? '').startsWith('application/json')
}

/** The page's own `_next` where it names a host of the form's; else the form's thanks address. */
function nextAddress(form: Form, next: string | undefined): string | undefined {
  if (next && URL.canParse(next)) {
    const { protocol, host, href } = new URL(next)
    if (/^https?:$/.test(protocol) && form.nextHosts.has(host)) return href
  }
  return form.thanks
}
