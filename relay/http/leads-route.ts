/**
 * Handles `POST /v1/leads`: a complete syncLead for servers over SOAP or REST, with Marketo's result in the reply.
 *
 * Stores nothing and never retries: the caller has the lead, and the reply says whether a retry makes sense.
 * Marketo's messages may contain personal data. They are returned to the caller and never logged.
 */
import { marketoProblem, problem } from './responses.ts'
import type { ApiKeys } from './api-keys.ts'
import { readJsonBody } from './json-body.ts'
import type { Log } from '../monitoring/events.ts'
import { MarketoError, type Marketo, type SyncLead } from '../marketo/index.ts'
import type { Limited } from '../outbox/outbox.ts'
import { withCallSlot, type CallSlotOptions } from '../delivery/call-slot.ts'

/** Maximum size of a request body, in bytes: enough for every attribute of a lead at its full length. */
const MAX_BODY_BYTES = 1024 * 1024

export interface LeadsRouteOptions extends AccountCaller {
  /** Keys of the servers that may call. */
  keys: ApiKeys
  /** Further accounts by name, for `?account=`. */
  accounts?: ReadonlyMap<string, AccountCaller>
}

/** What a call to one account needs. */
export interface AccountCaller {
  marketo: Pick<Marketo, 'syncLead'>
  /** Access to the call budget that these calls share with the outbox. */
  callSlot: CallSlotOptions
}

/** Sends the lead of one request to Marketo and returns the reply. */
export async function postLead(
  request: Request,
  { keys, now, log, ...options }: LeadsRouteOptions & { now: () => number; log: Log },
): Promise<Response> {
  if (!(await keys.admits(request.headers.get('authorization')))) {
    return problem('key', 'Send "Authorization: Bearer <key>" with one of the keys in FORM_SYNC_API_KEYS.', {
      'www-authenticate': 'Bearer',
    })
  }
  const body = await readJsonBody(request, MAX_BODY_BYTES, '{"email": "ana@acme.example"}')
  if (body instanceof Response) return body
  // The client checks its fields, as it does for every program.
  const lead: SyncLead = body

  const account = new URL(request.url).searchParams.get('account')
  const caller = account === null ? options : options.accounts?.get(account)
  if (!caller) return problem('form', 'No Marketo account has the name that "account" in the address has.', {})
  const { marketo, callSlot } = caller

  const startedAt = now()
  const limitIn = (error: unknown) => {
    const limited = limitOf(error, now())
    if (limited) log({ event: 'limited', limit: limited.limit, reason: limited.reason })
    return limited
  }
  try {
    // The client asks only after it has checked the lead: one that is not valid waits for no slot and uses no call.
    const runCall = async <T>(send: () => Promise<T>): Promise<T> => {
      const call = await withCallSlot({ ...callSlot, use: 'server' }, send, limitIn)
      if ('done' in call) return call.done
      const { retryAfter } = call
      throw new MarketoError(NO_CALL, { code: 'rate', operation: 'syncLead', retryAfter })
    }
    const result = await marketo.syncLead(lead, { signal: request.signal, runCall })
    log({ event: 'called', operation: 'syncLead', ok: result.status !== 'FAILED', ms: now() - startedAt })
    return Response.json(result, { headers: { 'cache-control': 'no-store' } })
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error
    const { code, problems } = error
    // No call was made for a lead that is not valid.
    if (problems.length === 0) log({ event: 'called', operation: 'syncLead', ok: false, code, ms: now() - startedAt })
    return errorReply(error)
  }
}

const NO_CALL = 'No call is left. Try again after the time in Retry-After.'

/** Pause after an HTTP 429 without `Retry-After`, in ms: the length of Marketo's rate window. */
const RATE_WINDOW_MS = 20_000

/** Returns the limit that a call has met, for the outbox. Leaves out Marketo's message: it may contain personal data. */
function limitOf(error: unknown, now: number): Limited | undefined {
  if (!(error instanceof MarketoError) || !error.limit) return undefined
  const { limit, retryAfter = RATE_WINDOW_MS, fault, status = 429 } = error
  const reason = fault ? `${fault.code} ${fault.name}` : `HTTP ${status}`
  return { kind: 'limited', limit, retryAt: now + retryAfter, reason }
}

function errorReply(error: MarketoError): Response {
  if (error.problems.length > 0) {
    const errors = error.problems.map(({ field, message }) => ({ field, code: 'format' as const, message }))
    return problem('fields', error.message, {}, errors)
  }
  const { code, message, fault, retryable, uncertain, retryAfter = 1_000 } = error
  if (code === 'rate') return problem('rate', message, { 'retry-after': String(Math.ceil(retryAfter / 1_000)) })
  const details = { code, name: fault?.name, message: fault?.message, retryable, uncertain }
  if (code === 'timeout') return marketoProblem(504, message, details)
  return retryable ? marketoProblem(503, message, details, retryAfter) : marketoProblem(502, message, details)
}
