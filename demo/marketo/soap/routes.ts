/**
 * `POST /soap/mktows/<version>`: the answer, or the trouble that was asked for in its place. Every call is written down.
 * `GET` with `?WSDL` gives what clients are generated from, with this very address in it.
 *
 * Trouble comes first, as from a proxy that stands before Marketo: but for the two kinds that do the work, it touches
 * neither a limit nor a person.
 */
import { Hono, type Context } from 'hono'
import { readExactBody } from '../body.ts'
import { writeWsdl } from '../contract/wsdl.ts'
import type { AskedFault } from '../faults.ts'
import type { Carried, Connection, Marketo } from '../marketo.ts'
import { FOR_EVER } from '../wait.ts'
import { answerFault, answerMessage, readMessage, XML_TYPE, type Answer, type Message } from './answer.ts'
import { SoapFault } from './fault.ts'
import { answerMishap } from './mishap.ts'

/** In bytes. Marketo names none for SOAP; chosen so that 300 leads with long texts have room. */
const LARGEST = 16 * 1024 * 1024

/** Some clients end an address with a slash. */
const PATHS = ['/soap/mktows/:version', '/soap/mktows/:version/']

/** How late `slow` is when nothing is said: long enough to see, too short for a client to give up. */
const SLOW = 2_000

export function soapRoutes(marketo: Marketo): Hono<Carried> {
  const app = new Hono<Carried>()

  app.on('POST', PATHS, async (c) => {
    const request = await readExactBody(c.req.raw, LARGEST)
    if (request instanceof Response) return request
    const open = marketo.calls.begin()
    const message = readMessage(request)
    const asked = marketo.faults.take(message.operation)
    const { answer, code, leadId } = await meet(asked, message, (delay) =>
      answerMessage(marketo, message, { action: c.req.header('SOAPAction') ?? '', call: open.number, delay }),
    )

    const view = marketo.calls.end(open, {
      api: 'soap',
      operation: message.operation,
      ok: answer !== undefined && (code === null || code === 'slow'),
      code,
      leadId,
      status: answer?.status ?? null,
      request: request ?? '',
      response: answer?.body ?? '',
    })
    if (view) marketo.events.publish('call', () => view)

    if (answer) return new Response(answer.body, { status: answer.status, headers: { 'content-type': answer.type } })
    if (asked?.fault === 'timeout') await marketo.wait(asked.ms ?? FOR_EVER, c.req.raw.signal)
    return drop(c)
  })

  app.on('GET', PATHS, async (c, next) => {
    const { protocol, host, pathname, searchParams } = new URL(c.req.url)
    if (![...searchParams.keys()].some((name) => name.toLowerCase() === 'wsdl')) return next()
    const asked = isBehindHttps(c.req.header('X-Forwarded-Proto')) ? 'https:' : protocol
    return c.body(writeWsdl(`${asked}//${host}${pathname}`), 200, { 'Content-Type': XML_TYPE })
  })
  app.on('ALL', PATHS, (c) => c.text('This address takes SOAP messages by POST.', 405, { Allow: 'POST' }))
  return app
}

/** True when a proxy before this says that it was asked by https. Of several, the one nearest to the caller counts. */
function isBehindHttps(forwarded: string | undefined): boolean {
  return forwarded?.split(',')[0]?.trim().toLowerCase() === 'https'
}

/** What goes back, which is nothing where the connection is to break, and what is written down of it. */
interface Outcome {
  answer?: Pick<Answer, 'status' | 'type' | 'body'>
  code: string | null
  leadId: number | null
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
      return { answer, code: answer.code ?? fault, leadId: answer.leadId }
    }
    case 'accepted-then-reset':
      return { code: fault, leadId: (await work(0)).leadId }
    case 'reset':
    case 'timeout':
      return { code: fault, leadId: null }
    case 'html502':
    case 'garbage':
    case 'empty':
    case 'failed':
    case 'skipped':
      return { answer: answerMishap(fault, message), code: fault, leadId: null }
    default:
      return answered(answerFault(new SoapFault(fault)))
  }
}

function answered(answer: Answer): Outcome {
  return { answer, code: answer.code, leadId: answer.leadId }
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
