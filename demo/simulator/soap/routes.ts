/**
 * `POST /soap/mktows/<version>`: the answer, or the trouble that was asked for in its place. Every call is written down.
 * `GET` with `?WSDL` gives what clients are generated from, with this very address in it.
 *
 * Trouble comes first, as from a proxy that stands before Marketo: but for the kinds that do the work, it touches
 * neither a limit nor a person.
 */
import { Hono, type Context } from 'hono'
import { readExactBody } from '../request-body.ts'
import type { OpenCall } from '../calls.ts'
import { writeWsdl } from './schema/wsdl.ts'
import type { AskedFault } from '../faults.ts'
import type { Carried, Connection, Marketo } from '../marketo.ts'
import type { CallLine } from '../view.ts'
import { FOR_EVER } from '../wait.ts'
import { answerFault, answerMessage, readMessage, XML_TYPE, type Answer, type Message } from './handle-message.ts'
import { SoapFault } from './fault.ts'
import { answerMishap } from './broken-replies.ts'
import { recordsOf } from './call-records.ts'

/** In bytes. Marketo names none for SOAP; chosen so that 300 leads with long texts have room. */
const LARGEST = 16 * 1024 * 1024

/** Some clients end an address with a slash. */
const PATHS = ['/soap/mktows/:version', '/soap/mktows/:version/']

/** How long `slow` takes when nothing is said: long enough to see, too short for a client to give up. */
const SLOW = 2_000

export function soapRoutes(marketo: Marketo): Hono<Carried> {
  const app = new Hono<Carried>()

  app.on('POST', PATHS, async (c) => {
    const { signal } = c.req.raw
    const open = marketo.calls.begin('soap')
    if (signal.aborted) marketo.calls.leave(open)
    else signal.addEventListener('abort', () => marketo.calls.leave(open), { once: true })
    const request = await readOrForget(marketo, open, c.req.raw)
    if (request instanceof Response) return request
    const message = readMessage(request)
    open.operation = message.operation

    const asked = marketo.faults.take(message.operation)
    const { answer, code, leadId, appliedAt, statuses } = await meet(asked, message, (delay) =>
      answerMessage(marketo, message, { action: c.req.header('SOAPAction') ?? '', call: open.number, delay }),
    )
    const held = asked?.fault === 'timeout' || asked?.fault === 'accepted-then-timeout'
    const line = marketo.calls.end(open, {
      ok: answer !== undefined && (code === null || code === 'slow'),
      code,
      leadId,
      appliedAt,
      records: recordsOf(message, statuses),
      status: answer?.status ?? null,
      request: request ?? '',
      response: answer?.body ?? '',
      held,
    })
    publish(line)

    if (answer) return new Response(answer.body, { status: answer.status, headers: { 'content-type': answer.type } })
    if (held) {
      await marketo.wait(asked.ms ?? FOR_EVER, signal)
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
    const asked = isBehindHttps(c.req.header('X-Forwarded-Proto')) ? 'https:' : protocol
    return c.body(writeWsdl(`${asked}//${host}${pathname}`), 200, { 'Content-Type': XML_TYPE })
  })
  app.on('ALL', PATHS, (c) => c.text('This address takes SOAP messages by POST.', 405, { Allow: 'POST' }))
  return app
}

/** The message as it was sent. What never comes whole is no call. */
async function readOrForget(
  { calls }: Marketo,
  open: OpenCall,
  request: Request,
): Promise<string | undefined | Response> {
  let whole = false
  try {
    const message = await readExactBody(request, LARGEST)
    whole = !(message instanceof Response)
    return message
  } finally {
    if (!whole) calls.forget(open)
  }
}

/** True when a proxy before this says that it was asked by https. Of several, the one nearest to the caller counts. */
function isBehindHttps(forwarded: string | undefined): boolean {
  return forwarded?.split(',')[0]?.trim().toLowerCase() === 'https'
}

/** What goes back, which is nothing where the connection is to break, and what is written down of it. */
interface Outcome extends Pick<Answer, 'leadId' | 'appliedAt' | 'statuses'> {
  answer?: Pick<Answer, 'status' | 'type' | 'body'>
  code: string | null
}

/** Lets the call run into the fault. `work` does what Marketo would do, after so many milliseconds. */
async function meet(
  asked: AskedFault | undefined,
  message: Message,
  work: (delay: number) => Promise<Answer>,
): Promise<Outcome> {
  if (!asked) return answered(await work(0))
  const { fault, ms } = asked
  switch (fault) {
    case 'slow': {
      const answer = await work(ms ?? SLOW)
      return { ...answered(answer), code: answer.code ?? fault }
    }
    case 'accepted-then-reset':
    case 'accepted-then-timeout': {
      const { answer: _, ...outcome } = answered(await work(0))
      return { ...outcome, code: fault }
    }
    case 'reset':
    case 'timeout':
      return { code: fault, ...UNDONE }
    case 'html502':
    case 'garbage':
    case 'empty':
    case 'failed':
    case 'skipped':
      return { answer: answerMishap(fault, message), code: fault, ...UNDONE }
    default:
      return answered(answerFault(new SoapFault(fault)))
  }
}

const UNDONE = { leadId: null, appliedAt: null }

function answered({ code, leadId, appliedAt, statuses = [], ...answer }: Answer): Outcome {
  return { answer, code, leadId, appliedAt, statuses }
}

/** Breaks the connection. A runtime that offers no way to do so gets a body that breaks off. */
function drop(c: Context<Carried>): Response {
  // Hono has no bindings at all for a request that no runtime carried.
  const { drop } = (c.env as Connection | undefined) ?? {}
  if (drop) {
    drop()
    return new Response(null)
  }
  return new Response(new ReadableStream({ start: (body) => body.error(new Error('The connection was reset.')) }))
}
