/**
 * Serves `/soap/mktows/<version>`: calls by `POST`, the WSDL by `GET` with `?WSDL`. Applies injected faults and records
 * every call. Decides nothing about leads.
 *
 * A fault takes effect before Marketo's own processing, as from a proxy in front of it. Unless its name says that the
 * work is done, it counts against no limit and writes no person.
 */
import { Hono, type Context } from 'hono'
import type { OpenCall } from '../calls.ts'
import type { AskedFault } from '../faults.ts'
import type { Connection, Marketo, SimulatorEnv } from '../marketo.ts'
import { readUtf8Body } from '../request-body.ts'
import type { CallLine } from '../view.ts'
import { MAX_TIMER_MS } from '../wait.ts'
import { brokenReply, type HttpReply } from './broken-replies.ts'
import { callRecords } from './call-records.ts'
import { SoapFault } from './fault.ts'
import { faultReply, handleMessage, readMessage, XML_TYPE, type Message, type Reply } from './handle-message.ts'
import { writeWsdl } from './schema/wsdl.ts'

/** Marketo documents no limit for SOAP. Chosen: enough for 300 leads with long texts. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/** Some clients add a trailing slash. */
const PATHS = ['/soap/mktows/:version', '/soap/mktows/:version/']

/** Default duration of `slow`: long enough to notice, shorter than a client's timeout. */
const DEFAULT_SLOW_MS = 2_000

export function soapRoutes(marketo: Marketo): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>()

  app.on('POST', PATHS, async (c) => {
    const { signal } = c.req.raw
    const open = marketo.calls.begin('soap')
    if (signal.aborted) marketo.calls.disconnect(open)
    else signal.addEventListener('abort', () => marketo.calls.disconnect(open), { once: true })
    const request = await readOrDiscard(marketo, open, c.req.raw)
    if (request instanceof Response) return request
    const message = readMessage(request)
    open.operation = message.operation

    const fault = marketo.faults.take(message.operation, request)
    const { reply, code, leadId, appliedAt, statuses } = await withFault(fault, message, (delayMs) =>
      handleMessage(marketo, message, { action: c.req.header('SOAPAction') ?? '', call: open.number, delayMs }),
    )
    const keptOpen = fault?.fault === 'timeout' || fault?.fault === 'accepted-then-timeout'
    const line = marketo.calls.end(open, {
      ok: reply !== undefined && (code === null || code === 'slow'),
      code,
      leadId,
      appliedAt,
      records: callRecords(message, statuses),
      status: reply?.status ?? null,
      request: request ?? '',
      response: reply?.body ?? '',
      keptOpen,
    })
    publish(line)

    if (reply) {
      const location = reply.location !== undefined && { location: reply.location }
      return new Response(reply.body, { status: reply.status, headers: { 'content-type': reply.type, ...location } })
    }
    if (keptOpen) {
      await marketo.wait(fault.ms ?? MAX_TIMER_MS, signal)
      publish(line && marketo.calls.close(open, line))
    }
    return drop(c)
  })

  function publish(line: CallLine | undefined): void {
    if (line) marketo.events.publish('call', () => line)
  }

  app.on('GET', PATHS, async (c, next) => {
    const { protocol, host, pathname, searchParams } = new URL(c.req.url)
    if (![...searchParams.keys()].some((name) => name.toLowerCase() === 'wsdl')) return next()
    const publicProtocol = isForwardedHttps(c.req.header('X-Forwarded-Proto')) ? 'https:' : protocol
    return c.body(writeWsdl(`${publicProtocol}//${host}${pathname}`), 200, { 'Content-Type': XML_TYPE })
  })
  app.on('ALL', PATHS, (c) => c.text('Send SOAP messages by POST, or get the WSDL with ?WSDL.', 405, { Allow: 'POST' }))
  return app
}

/** Reads the message. Discards the call if the message is incomplete or too long. */
async function readOrDiscard(
  { calls }: Marketo,
  open: OpenCall,
  request: Request,
): Promise<string | undefined | Response> {
  let isComplete = false
  try {
    const message = await readUtf8Body(request, MAX_MESSAGE_BYTES)
    isComplete = !(message instanceof Response)
    return message
  } finally {
    if (!isComplete) calls.discard(open)
  }
}

/** Checks whether a proxy received the request by HTTPS. Of several proxies, the one nearest to the client counts. */
function isForwardedHttps(forwarded: string | undefined): boolean {
  return forwarded?.split(',')[0]?.trim().toLowerCase() === 'https'
}

/** The reply, or none if the connection is to break; and what to record of the call. */
interface Outcome extends Pick<Reply, 'leadId' | 'appliedAt' | 'statuses'> {
  reply?: HttpReply
  code: string | null
}

/**
 * Applies the fault to a call.
 *
 * @param work does Marketo's own processing, which takes `delayMs`
 */
async function withFault(
  injected: AskedFault | undefined,
  message: Message,
  work: (delayMs: number) => Promise<Reply>,
): Promise<Outcome> {
  if (!injected) return replied(await work(0))
  const { fault, ms } = injected
  switch (fault) {
    case 'slow': {
      const reply = await work(ms ?? DEFAULT_SLOW_MS)
      return { ...replied(reply), code: reply.code ?? fault }
    }
    case 'accepted-then-reset':
    case 'accepted-then-timeout': {
      const { reply: _, ...outcome } = replied(await work(0))
      return { ...outcome, code: fault }
    }
    case 'reset':
    case 'timeout':
      return { code: fault, ...NOT_APPLIED }
    case 'html502':
    case 'html401':
    case 'html403':
    case 'html404':
    case 'html503':
    case 'redirect':
    case 'garbage':
    case 'empty':
    case 'failed':
    case 'skipped':
      return { reply: brokenReply(fault, message), code: fault, ...NOT_APPLIED }
    default:
      return replied(faultReply(new SoapFault(fault)))
  }
}

const NOT_APPLIED = { leadId: null, appliedAt: null }

function replied({ code, leadId, appliedAt, statuses = [], ...reply }: Reply): Outcome {
  return { reply, code, leadId, appliedAt, statuses }
}

/** Breaks the connection. If the runtime offers no way to do so, returns a response whose body ends with an error. */
function drop(c: Context<SimulatorEnv>): Response {
  // Hono's bindings are undefined if no runtime passed any.
  const { drop } = (c.env as Connection | undefined) ?? {}
  if (drop) {
    drop()
    return new Response(null)
  }
  return new Response(new ReadableStream({ start: (body) => body.error(new Error('The connection was reset.')) }))
}
