/**
 * `POST /v1/leads`: the whole of syncLead for servers. JSON in, Marketo's own result out, while the caller waits.
 *
 * Nothing is kept here and nothing is tried again: the caller holds the lead and is told whether a retry makes sense.
 * What Marketo says may hold a person's data; it goes to the caller, who sent it, and to no log.
 */
import { marketoProblem, problem } from './responses.ts'
import type { ApiKeys } from './api-keys.ts'
import { readBytes } from '../intake/read-body.ts'
import type { Log } from '../monitoring/events.ts'
import { MarketoError, type Marketo, type SyncLead } from '../marketo/index.ts'
import { checkLead } from '../marketo/soap/client.ts'
import type { Limited } from '../outbox/outbox.ts'
import { withCallSlot, type CallSlotOptions } from '../delivery/call-slot.ts'

/** Room for every attribute that a lead can have, at its full length. */
const MAX_BODY = 1024 * 1024

export interface Servers {
  keys: ApiKeys
  marketo: Pick<Marketo, 'syncLead'>
  /** The limits that these calls share with the outbox. */
  callSlot: CallSlotOptions
}

/** Answers one request. */
export async function takeLead(
  request: Request,
  { keys, marketo, callSlot, now, log }: Servers & { now: () => number; log: Log },
): Promise<Response> {
  if (!(await keys.admits(request.headers.get('authorization')))) {
    return problem('key', 'Send "Authorization: Bearer <key>" with one of the keys in FORM_SYNC_API_KEYS.', {
      'www-authenticate': 'Bearer',
    })
  }
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    return problem('type', 'Send application/json.', {})
  }
  const bytes = await readBytes(request, MAX_BODY)
  if (!bytes) return problem('too-large', `A lead has at most ${MAX_BODY / 1024} KB.`, {})
  const lead = parse(bytes)
  if (!lead) return problem('unreadable', 'The body must be a JSON object such as {"email": "ana@acme.example"}.', {})

  // What can't be sent waits for no call, and none is counted.
  const wrong = checkLead(lead)
  if (wrong) return answerError(wrong)

  const startedAt = now()
  const limitIn = (error: unknown) => {
    const limited = limitOf(error, now())
    if (limited) log({ event: 'limited', limit: limited.limit, reason: limited.reason })
    return limited
  }
  try {
    const call = await withCallSlot(callSlot, () => marketo.syncLead(lead, { signal: request.signal }), limitIn)
    if ('retryAfter' in call) {
      log({ event: 'called', operation: 'syncLead', ok: false, code: 'rate', ms: now() - startedAt })
      return problem('rate', 'The relay has used up what it may call Marketo for now.', {
        'retry-after': String(Math.ceil(call.retryAfter / 1_000)),
      })
    }
    const { done: result } = call
    log({ event: 'called', operation: 'syncLead', ok: result.status !== 'FAILED', ms: now() - startedAt })
    return Response.json(result, { headers: { 'cache-control': 'no-store' } })
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error
    const { code } = error
    log({ event: 'called', operation: 'syncLead', ok: false, code, ms: now() - startedAt })
    return answerError(error)
  }
}

/** How long nothing is to begin where a gateway says that there were too many, and no time: Marketo's own window. */
const PAUSE = 20_000

/** What the others are to know of it: without Marketo's own words, which may hold a person's data. */
function limitOf(error: unknown, now: number): Limited | undefined {
  if (!(error instanceof MarketoError) || !error.limit) return undefined
  const { limit, retryAfter = PAUSE, fault, status } = error
  const reason = fault ? `${fault.code} ${fault.name}` : `HTTP ${status}`
  return { kind: 'limited', limit, retryAt: now + retryAfter, reason }
}

/** What the body holds; each field is checked where all programs' are. */
function parse(bytes: Uint8Array): SyncLead | undefined {
  try {
    const lead: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
    return typeof lead === 'object' && lead !== null && !Array.isArray(lead) ? lead : undefined
  } catch {
    return undefined
  }
}

function answerError(error: MarketoError): Response {
  if (error.code === 'input') {
    const errors = error.problems.map(({ field, message }) => ({ field, code: 'format' as const, message }))
    return problem('fields', error.message, {}, errors)
  }
  const { code, message, fault, retryable, uncertain, retryAfter = 1_000 } = error
  const said = { code, name: fault?.name, message: fault?.message, retryable, uncertain }
  if (code === 'timeout') return marketoProblem(504, message, said)
  return retryable ? marketoProblem(503, message, said, retryAfter) : marketoProblem(502, message, said)
}
