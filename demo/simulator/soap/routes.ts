/**
 * Serves `/soap/mktows/<version>`: calls by `POST`, the WSDL by `GET` with `?WSDL`. Decides nothing about leads, and
 * leaves connections and records to `serve-call.ts`.
 */
import { Hono } from 'hono'
import type { OpenCall } from '../calls.ts'
import type { Marketo, SimulatorEnv } from '../marketo.ts'
import { readUtf8Body } from '../request-body.ts'
import { beginCall, endCall, NOT_APPLIED, withFault, type FaultOfReply, type Outcome } from '../serve-call.ts'
import type { RecordView } from '../view.ts'
import { brokenReply, isBrokenReply } from './broken-replies.ts'
import { callRecords } from './call-records.ts'
import { SoapFault } from './fault.ts'
import { faultReply, handleMessage, readMessage, XML_TYPE, type Message, type SoapReply } from './handle-message.ts'
import { writeWsdl } from './schema/wsdl.ts'

/** Marketo documents no limit for SOAP. Chosen: enough for 300 leads with long texts. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/** Some clients add a trailing slash. */
const PATHS = ['/soap/mktows/:version', '/soap/mktows/:version/']

export function soapRoutes(marketo: Marketo): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>()

  app.on('POST', PATHS, async (c) => {
    const open = beginCall(marketo, 'soap', c.req.raw)
    const request = await readOrDiscard(marketo, open, c.req.raw)
    if (request instanceof Response) return request
    const message = readMessage(request)
    open.operation = message.operation

    const readRecords = (): RecordView[] => callRecords(message)
    const injected = marketo.faults.take({
      api: 'soap',
      operation: message.operation,
      emails: () => readRecords().map(({ email }) => email),
      message: request,
    })
    const action = c.req.header('SOAPAction') ?? ''
    const outcome = await withFault(
      injected,
      readRecords,
      async (delayMs) =>
        outcomeOf(await handleMessage(marketo, message, { action, call: open.number, delayMs }), message),
      (fault) => replyWithFault(fault, message),
    )
    return endCall(c, marketo, open, outcome, { request: request ?? '', injected })
  })

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

function replyWithFault(fault: FaultOfReply, message: Message): Outcome {
  if (!isBrokenReply(fault)) return outcomeOf(faultReply(new SoapFault(fault)), message)
  return { ...NOT_APPLIED, reply: brokenReply(fault, message), code: fault, records: callRecords(message) }
}

function outcomeOf({ code, leadId, appliedAt, statuses, ...reply }: SoapReply, message: Message): Outcome {
  return { ok: code === null, reply, code, leadId, appliedAt, records: callRecords(message, statuses) }
}
