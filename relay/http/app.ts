/**
 * Creates the relay's HTTP app: a Hono app whose forms, outbox, clock and randomness are parameters.
 *
 * It replies `202` only after the outbox has stored the lead durably. It never waits for Marketo to take a form.
 */
import type { Context, Env } from 'hono'
import { Hono } from 'hono/tiny'
import { FIRST_ACCOUNT } from '../account-name.ts'
import { accepted, acceptedPage, problem, problemPage, seeOther } from './responses.ts'
import type { CheckState } from '../check/last-check.ts'
import type { Config } from '../config/config.ts'
import type { Form } from '../config/forms.ts'
import type { Capacity } from '../guards/capacity.ts'
import { createOriginGuard } from '../guards/origin.ts'
import type { Screen } from '../guards/screen.ts'
import { asWeak, type SourceRate } from '../guards/source-rate.ts'
import { SOURCE_RETRY_AFTER_S, type SourceCount } from '../guards/source-count.ts'
import { newLeadId } from '../intake/identity.ts'
import { ABORTED } from '../intake/read-body.ts'
import { readBody } from '../intake/submission.ts'
import { createLead } from '../intake/intake.ts'
import { networkOf } from '../intake/network.ts'
import { isListed } from '../intake/listed-origin.ts'
import { postLead, type LeadsRouteOptions } from './leads-route.ts'
import { accountLog } from '../monitoring/account-log.ts'
import { reasonOf, type Log } from '../monitoring/events.ts'
import type { NotKept } from '../monitoring/not-kept.ts'
import { createRefusals, type Refusals } from '../monitoring/refusals.ts'
import { slowedDown } from './operator-replies.ts'
import { answerOperator } from './operator-routes.ts'
import type { ParkedRoutesOptions } from './parked-routes.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { SharedOutbox } from '../outbox/sharding.ts'
import type { HealthIssue } from '../monitoring/health.ts'
import { readiness } from './readiness.ts'
import type { FieldProblem, ProblemCode, TicketReply } from '../protocol.ts'

export interface Relay {
  config: Pick<Config, 'forms' | 'munchkinId'> & Partial<Pick<Config, 'accounts'>>
  /** The app only adds leads and reads the status. The dispatcher delivers them. */
  outbox: Pick<Outbox, 'add' | 'status'>
  /** The outboxes of several accounts by name, if there are several; `outbox` is all of them as one. */
  accounts?: ReadonlyMap<string, SharedOutbox>
  /** Wakes the dispatcher after a lead of this form was added, or those of all accounts after leads were replayed. */
  wake: (form?: string) => void
  /** Returns the time, in epoch ms. */
  now: () => number
  /**
   * Returns the address of the visitor: that of the connection, or the one that a trusted proxy reports. Without it no
   * lead has one, nor a source.
   *
   * @param env what the server has passed to `fetch` with the request
   */
  visitorAddress?: (request: Request, env: unknown) => string | undefined
  /** Returns `length` random bytes. */
  randomBytes: (length: number) => Uint8Array
  log: Log
  /** Enables `/v1/leads`. */
  servers?: LeadsRouteOptions
  /**
   * Enables the routes of operators under `/v1/`, and shows the state of the relay in `/readyz`.
   */
  operator?: ParkedRoutesOptions
  /** Counts the posts of each network. Without it, or without an address of the visitor, there is no limit of their rate. */
  sourceRate?: SourceRate
  /** Counts the wrong tokens of each network. Without it, or without an address of the visitor, nobody is slowed down. */
  wrongTokens?: Pick<SourceCount, 'add' | 'isFull'>
  /** Asks the rules about each post. Without it every valid lead is delivered. */
  screen?: Screen
  /** Returns what a page gets at the first touch of a form; undefined where the form needs nothing. */
  issueTicket?: (form: Form, origin: string) => Promise<TicketReply | undefined>
  /** Bounds what is stored. Without it every valid lead is. */
  capacity?: Pick<Capacity, 'reserve'>
  /** Is told of each lead that was stored, and of each that could not be. */
  notKept?: Pick<NotKept, 'failed' | 'stored'>
  /** Counts the submissions that are refused. */
  refusals?: Refusals
  /** Returns further members of the `/readyz` body: notices about storage that works. */
  notices?: () => object
  /** Returns the health issues that the storage itself reports. */
  storageIssues?: () => HealthIssue[]
  /** Returns the last check of the forms of each account by its name, for `/readyz`. */
  checks?: () => ReadonlyMap<string, CheckState> | Promise<ReadonlyMap<string, CheckState>>
  /** Returns a file of the widget, on platforms that do not serve these files themselves. */
  widget?: (request: Request) => Response | undefined
}

/**
 * Creates the app. It holds no state of a request, because one instance serves many requests at once.
 *
 * @example
 * const app = createApp({ config, outbox, wake: dispatcher.wake, now: Date.now, randomBytes, log })
 * const response = await app.fetch(request)
 */
export function createApp(relay: Relay): Hono {
  const { config, outbox, wake, now, randomBytes, log, servers, operator, widget } = relay
  const accounts: ReadonlyMap<string, Pick<Outbox, 'status'>> = relay.accounts ?? new Map([[FIRST_ACCOUNT, outbox]])
  const origins = createOriginGuard(config.forms.values())
  const { refusals = createRefusals({ isForm: (name) => config.forms.has(name), now, log }) } = relay
  const app = new Hono()
  /**
   * Failure to store the last lead. Cleared when a lead is stored, but not when the small write of `/readyz` succeeds:
   * a full disk may still have room for that.
   */
  let storageFailure: { reason: string; at: number } | undefined

  function preflight(c: FormContext): Response {
    // Also for a page that may not post: it can read the reply, and its developer sees why.
    const { headers } = origins.admit(config.forms.get(c.req.param('form')), c.req.raw.headers)
    return new Response(null, {
      status: 204,
      headers: {
        ...headers,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type, accept',
        'access-control-max-age': '7200',
      },
    })
  }

  async function submit(c: FormContext): Promise<Response> {
    const request = c.req.raw
    const name = c.req.param('form')
    const form = config.forms.get(name)
    const admission = origins.admit(form, request.headers)
    const { headers } = admission
    const origin = request.headers.get('origin')
    const reject = (code: ProblemCode, detail: string, errors?: FieldProblem[], retryAfterS?: number) => {
      refusals.refused({ form: name, code, origin, errors })
      const retry = retryAfterS === undefined ? undefined : { 'retry-after': String(retryAfterS) }
      if (wantsJson(request)) return problem(code, detail, { ...headers, ...retry }, errors)
      return problemPage(code, detail, retry, errors)
    }

    if (!form) return reject('form', `There is no form named "${name.slice(0, 64)}".`)
    if (!admission.ok) return reject('origin', 'The origin of this page is not in the list of origins of the form.')
    const address = relay.visitorAddress?.(request, c.env)
    // Not waited for yet: reading a body that has already come is cheaper than reading it later.
    const rating = address === undefined ? undefined : relay.sourceRate?.(networkOf(address))
    const body = await readBody(request).catch(() => undefined)
    if (!body) {
      // The visitor has left. Nobody reads the reply.
      refusals.refused({ form: name, code: 'aborted', origin })
      return problem('unreadable', ABORTED, headers)
    }
    const rate = await rating
    if (rate?.kind === 'far-over') return reject('rate', MANY_POSTS, undefined, rate.retryAfterS)
    if (!body.ok) {
      const { code, detail, problem } = body.rejection
      return reject(code, detail, problem && [{ ...problem, message: detail }])
    }
    const at = now()
    const { munchkinId } = config.accounts?.get(form.account) ?? config
    const events = accountLog(log, form.account)
    const intake = createLead(form, body.value, {
      now: at,
      newId: () => newLeadId(at, randomBytes(10)),
      cookies: request.headers.get('cookie'),
      userAgent: request.headers.get('user-agent'),
      address,
      page: admission.page,
      ...(munchkinId && { munchkinId }),
    })
    if (!intake.ok) return reject('fields', 'Some fields are missing or not valid; see "errors".', intake.errors)

    const rated = rate?.kind === 'over' ? asWeak(intake.lead) : intake.lead
    const { page } = admission
    const post = { form, submission: body.value, lead: rated, page, network: rated.network, now: at }
    const { lead, isDropped } = (await relay.screen?.(post)) ?? { lead: rated, isDropped: false }
    const room = await relay.capacity?.reserve(lead)
    if (room?.ok === false) {
      return reject(room.code, room.code === 'rate' ? MANY_POSTS : NO_ROOM, undefined, room.retryAfterS)
    }
    const { id, notes } = lead
    try {
      // Also for a lead that is dropped the store is asked: its reply is that of any other lead, and takes as long.
      if (!room?.isStored) await outbox.add([isDropped ? { ...lead, drop: true } : lead], at)
      room?.settle(!isDropped)
      storageFailure = undefined
      relay.notKept?.stored()
    } catch (error) {
      room?.settle(false)
      storageFailure = { reason: reasonOf(error), at }
      events({ event: 'not-kept', form: name, reason: storageFailure.reason })
      relay.notKept?.failed(storageFailure.reason)
      return reject('unavailable', 'Your form could not be saved. Please send it again in a few seconds.')
    }
    if (!isDropped) {
      events({ event: 'accepted', id, form: name, notes })
      refusals.accepted(name, intake.unknownFields)
    }
    // Also where nothing is to be delivered: the reply comes after the dispatcher has looked.
    wake(name)

    const next = nextAddress(form, body.value.extras.get('_next'))
    // The names are those that the request has posted itself.
    const unknown = body.value.extras.has('_debug') ? intake.unknownFields.slice(0, 20) : undefined
    if (wantsJson(request))
      return accepted(
        id,
        headers,
        next,
        unknown?.map((field) => field.slice(0, 64)),
      )
    return next ? seeOther(next) : acceptedPage()
  }

  /** Replies to a page at the visitor's first touch of its form. */
  async function giveTicket(c: FormContext): Promise<Response> {
    const name = c.req.param('form')
    const form = config.forms.get(name)
    const { ok, page, headers: cors } = origins.admit(form, c.req.raw.headers)
    const headers = { ...cors, ...NO_STORE }
    const reject = (code: ProblemCode, detail: string) => {
      refusals.refused({ form: name, code, origin: c.req.raw.headers.get('origin'), ofTicket: true })
      return problem(code, detail, headers)
    }

    if (!form) return reject('form', 'There is no such form.')
    if (!ok || page === undefined) return reject('origin', 'Only a page of the form gets a ticket.')
    const reply = await relay.issueTicket?.(form, page)
    return reply ? Response.json(reply, { headers }) : new Response(null, { status: 204, headers })
  }

  /** Counts a request of a page with a wrong method, and replies to it. */
  function wrongMethod(c: FormContext, detail: string, allow: string): Response {
    refusals.refused({ form: c.req.param('form'), code: 'method', origin: c.req.raw.headers.get('origin') })
    return methodNotAllowed(detail, allow)
  }

  /** Counts a reply to a request without a valid key: a program may have an old one, or somebody guesses. */
  function withoutKey(reply: Response): Response {
    if (reply.status === 401) refusals.refused({ code: 'key' })
    return reply
  }

  /** Answers a request with a token, unless many wrong ones came from its network: a token cannot be guessed quickly. */
  async function slowly(c: Context, answer: () => Promise<Response>): Promise<Response> {
    const address = relay.wrongTokens && relay.visitorAddress?.(c.req.raw, c.env)
    const network = address === undefined ? undefined : networkOf(address)
    if (network !== undefined && relay.wrongTokens?.isFull(network)) {
      refusals.refused({ code: 'rate' })
      return slowedDown(SOURCE_RETRY_AFTER_S)
    }
    const reply = await answer()
    if (reply.status === 401 && network !== undefined) relay.wrongTokens?.add(network)
    return withoutKey(reply)
  }

  // One route for all methods, because Hono calls a single handler directly, and several through a chain of promises.
  app.all('/f/:form', (c) => {
    if (c.req.method === 'POST') return submit(c)
    if (c.req.method === 'OPTIONS') return preflight(c)
    return wrongMethod(c, 'Submit the form with POST.', 'POST, OPTIONS')
  })

  app.all('/f/:form/ticket', (c) =>
    c.req.method === 'GET' ? giveTicket(c) : wrongMethod(c, 'Ask for a ticket with GET.', 'GET'),
  )

  if (servers) {
    app.post('/v1/leads', async (c) => withoutKey(await postLead(c.req.raw, { ...servers, now, log })))
    app.all('/v1/leads', () => methodNotAllowed('Send the lead with POST, as JSON.', 'POST'))
  }

  if (operator) {
    const routes = { ...operator, accounts: relay.accounts, forms: config.forms, now, wake, log }
    app.all('/v1/:route', (c) => slowly(c, async () => (await answerOperator(c.req.raw, routes)) ?? nothingHere()))
  }

  app.get('/healthz', () => Response.json({ ok: true }, { headers: NO_STORE }))

  /** Returns what an operator sees: whether a lead can be stored, and the state of each account. */
  async function readState(): Promise<{ ready: boolean }> {
    try {
      if (storageFailure && now() - storageFailure.at < STORAGE_FAILURE_TTL_MS) return notReady(storageFailure.reason)
      // Adding no leads tests whether the outbox can store one. The state of Marketo does not matter here.
      await outbox.add([], now())
      const entries = Array.from(accounts, async ([name, own]) => [name, await own.status(now())] as const)
      const [status, checks] = await Promise.all([Promise.all(entries), relay.checks?.()])
      const body = readiness(new Map(status), now(), relay.storageIssues?.(), checks)
      return { ...body, ...relay.notices?.() }
    } catch (error) {
      log({ event: 'error', where: 'readyz', reason: reasonOf(error) })
      return notReady(reasonOf(error))
    }
  }

  // Anybody may ask: a reason can name a host, a path or a user of the machine.
  app.get('/readyz', async (c) => {
    const authorization = c.req.header('authorization')
    if (operator === undefined || authorization === undefined) return showState(false)
    return slowly(c, async () => {
      if (await operator.keys.admits(authorization)) return showState(true)
      return problem('key', 'The token is not that of an operator.', {})
    })
  })

  async function showState(isOperator: boolean): Promise<Response> {
    const state = await readState()
    return Response.json(isOperator ? state : { ready: state.ready }, {
      status: state.ready ? 200 : 503,
      headers: { ...NO_STORE, ...(!state.ready && { 'retry-after': '5' }) },
    })
  }

  app.notFound((c) => {
    const file = c.req.method === 'GET' || c.req.method === 'HEAD' ? widget?.(c.req.raw) : undefined
    return file ?? nothingHere()
  })

  app.onError((error) => {
    log({ event: 'error', where: 'app', reason: error.name })
    return problem('unavailable', 'An unexpected error occurred. Please send the request again.', {})
  })

  return app
}

/** A request for a form. */
type FormContext = Context<Env, '/f/:form'>

const MANY_POSTS = 'Too many forms were sent from your network. Please send it again later.'
const NO_ROOM = 'Your form could not be saved. Please send it again later.'

const NO_STORE = { 'cache-control': 'no-store' }

/** Time for which `/readyz` reports a failure to store a lead, in ms. After that, traffic may test the storage again. */
const STORAGE_FAILURE_TTL_MS = 30_000

function notReady(reason: string): { ready: false; reason: string } {
  return { ready: false, reason }
}

function nothingHere(): Response {
  return problem('form', 'There is nothing at this address.', {})
}

function methodNotAllowed(detail: string, allow: string): Response {
  return problem('method', detail, { allow })
}

/** Returns true for a program. A browser that submits a form without script accepts HTML. */
function wantsJson(request: Request): boolean {
  const accept = request.headers.get('accept') ?? ''
  if (/\bapplication\/(problem\+)?json\b/.test(accept)) return true
  return !accept.includes('text/html') && (request.headers.get('content-type') ?? '').startsWith('application/json')
}

/** Returns `_next` if the form allows its origin, otherwise the `thanks` URL of the form. */
function nextAddress(form: Form, next: string | undefined): string | undefined {
  if (next && URL.canParse(next)) {
    const { origin, username, password, href } = new URL(next)
    if (origin !== 'null' && username + password === '' && isListed(form.nextOrigins, origin)) return href
  }
  return form.thanks
}
