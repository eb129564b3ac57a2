/**
 * Serves `/rest/…` and `/identity/oauth/token`. Decides nothing about leads, and leaves connections and records to
 * `serve-call.ts`.
 */
import { Hono } from 'hono'
import type { OpenCall } from '../calls.ts'
import type { AskedFault } from '../faults.ts'
import type { Marketo, SimulatorEnv } from '../marketo.ts'
import { beginCall, endCall, NOT_APPLIED, withFault, type Outcome, type Reply } from '../serve-call.ts'
import { gzip, mayCompress } from './gzip.ts'
import { handleRequest, parseRequest, type ParsedRequest } from './handle-request.ts'
import { answerIdentity } from './identity.ts'
import { applyFault } from './injected-faults.ts'
import type { Refusal } from './operations/operation.ts'
import { readRequest, recordedRequest } from './request.ts'

/** Adobe's limit for an address: 8 KB. */
const MAX_ADDRESS_BYTES = 8 * 1024

export function restRoutes(marketo: Marketo): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>()
  // A double slash at the start belongs to these addresses too, and is rejected there.
  app.all('*', async (c, next) => {
    if (!/^\/+(rest|identity)(\/|$)/.test(new URL(c.req.url).pathname)) return next()
    const open = beginCall(marketo, 'rest', c.req.raw)
    let isComplete = false
    try {
      const { body, ...request } = await readRequest(c.req.raw)
      isComplete = true
      if (body instanceof Response || request.addressBytes > MAX_ADDRESS_BYTES) {
        const reply = body instanceof Response ? await replyOf(body) : tooLongAddress
        return endCall(c, marketo, open, rejected(reply), { request: recordedRequest(c.req.raw, '') })
      }
      const parsed = parseRequest(marketo, { ...request, body })
      open.operation = operationOf(parsed)
      const injected = marketo.faults.take({
        api: 'rest',
        operation: open.operation,
        emails: () => parsed.records.map(({ email }) => email),
        message: recordedRequest(c.req.raw, body ?? ''),
      })
      const outcome = await compressed(
        await outcomeOf(marketo, open, parsed, injected),
        c.req.header('Accept-Encoding'),
      )
      return endCall(c, marketo, open, outcome, { request: recordedRequest(c.req.raw, body ?? ''), injected })
    } finally {
      // The caller disconnected before its request was complete.
      if (!isComplete) marketo.calls.discard(open)
    }
  })
  return app
}

const IDENTITY_PATH = '/identity/oauth/token'

function operationOf({ path, found }: ParsedRequest): string {
  if (path === IDENTITY_PATH) return 'identity'
  return typeof found === 'object' ? found.operation.name : 'unknown'
}

function outcomeOf(
  marketo: Marketo,
  { number: call }: OpenCall,
  request: ParsedRequest,
  injected: AskedFault | undefined,
): Promise<Outcome> {
  const work = (delayMs: number, refusal?: Refusal): Promise<Outcome> =>
    request.path === IDENTITY_PATH
      ? identityOutcome(marketo, request, delayMs)
      : handleRequest(marketo, request, { call, delayMs, refusal })
  return withFault(
    injected,
    () => request.records,
    work,
    (fault) =>
      applyFault(marketo, fault, injected ?? { fault }, request, { call, work: (refusal) => work(0, refusal) }),
  )
}

async function compressed(outcome: Outcome, acceptEncoding: string | undefined): Promise<Outcome> {
  const { reply } = outcome
  return reply && !reply.bytes && mayCompress(reply, acceptEncoding)
    ? { ...outcome, reply: await gzip(reply) }
    : outcome
}

async function identityOutcome(marketo: Marketo, request: ParsedRequest, delayMs: number): Promise<Outcome> {
  if (delayMs > 0) await marketo.wait(delayMs)
  const reply = answerIdentity(marketo, request)
  const { error = null } = JSON.parse(reply.body) as { error?: string }
  const appliedAt = error === null ? marketo.calls.timestamp() : null
  return { ok: error === null, code: error, leadId: null, appliedAt, records: [], reply }
}

const tooLongAddress: Reply = { status: 414, type: 'text/plain; charset=utf-8', body: 'Request-URI Too Long\n' }

/** Takes over the answer to a body that cannot be read. The connection is closed, because more of it may arrive. */
async function replyOf(response: Response): Promise<Reply> {
  const type = response.headers.get('Content-Type') ?? ''
  return { status: response.status, type, body: await response.text(), headers: { Connection: 'close' } }
}

function rejected(reply: Reply): Outcome {
  return { ...NOT_APPLIED, code: `http${reply.status}`, records: [], reply }
}
