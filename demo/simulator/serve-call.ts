/**
 * Does what is the same for a call of any API: records it, applies the faults of connection and time, and sends the
 * answer or breaks the connection. Knows neither XML nor JSON.
 *
 * A fault takes effect before Marketo's own processing, as from a proxy in front of it. Unless its name says that the
 * work is done, it counts against no limit and writes no person.
 */
import type { Context } from 'hono'
import type { CallEnd, OpenCall } from './calls.ts'
import type { AskedFault } from './faults.ts'
import { gatewayReply, isGatewayFault, type GatewayFault } from './gateway-replies.ts'
import type { Connection, Marketo, SimulatorEnv } from './marketo.ts'
import type { CallLine, CallView } from './view.ts'
import { MAX_TIMER_MS } from './wait.ts'

/** The answer to a call. */
export interface Reply {
  status: number
  /** Media type. */
  type: string
  /** Text as recorded. */
  body: string
  headers?: Readonly<Record<string, string>>
  /** Bytes to send instead of the text. */
  bytes?: Uint8Array<ArrayBuffer>
}

/** The reply, or none if the connection is to break; and what to record of the call. */
export interface Outcome extends Pick<CallEnd, 'ok' | 'code' | 'leadId' | 'appliedAt' | 'records'> {
  reply?: Reply
}

/** Outcome of a call for which nothing was done. */
export const NOT_APPLIED = { ok: false, leadId: null, appliedAt: null } as const

/** Faults that `withFault` leaves to the API. */
export type FaultOfReply = Exclude<
  AskedFault['fault'],
  'slow' | 'reset' | 'timeout' | 'accepted-then-reset' | 'accepted-then-timeout' | GatewayFault
>

/** Default duration of `slow`: long enough to notice, shorter than a client's timeout. */
const DEFAULT_SLOW_MS = 2_000

/** Starts the record of a call and notes when its caller disconnects. */
export function beginCall({ calls }: Marketo, api: CallView['api'], { signal }: Request): OpenCall {
  const open = calls.begin(api)
  if (signal.aborted) calls.disconnect(open)
  else signal.addEventListener('abort', () => calls.disconnect(open), { once: true })
  return open
}

/**
 * Applies the fault to a call.
 *
 * @param readRecords returns the call's leads, without a status
 * @param work does Marketo's own processing, which takes `delayMs`
 * @param changeReply returns the outcome of a fault that changes the reply
 */
export async function withFault(
  injected: AskedFault | undefined,
  readRecords: () => CallEnd['records'],
  work: (delayMs: number) => Promise<Outcome>,
  changeReply: (fault: FaultOfReply) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  if (!injected) return work(0)
  const { fault, ms } = injected
  if (fault === 'slow') {
    const outcome = await work(ms ?? DEFAULT_SLOW_MS)
    return { ...outcome, code: outcome.code ?? fault }
  }
  if (fault === 'accepted-then-reset' || fault === 'accepted-then-timeout') {
    const { reply: _, ...outcome } = await work(0)
    return { ...outcome, ok: false, code: fault }
  }
  if (fault === 'reset' || fault === 'timeout') return { ...NOT_APPLIED, code: fault, records: readRecords() }
  if (isGatewayFault(fault))
    return { ...NOT_APPLIED, code: fault, records: readRecords(), reply: gatewayReply(fault, ms) }
  return changeReply(fault)
}

/**
 * Records the outcome and answers the call.
 *
 * @param request text of the request as recorded
 */
export async function endCall(
  c: Context<SimulatorEnv>,
  { calls, events, wait }: Marketo,
  open: OpenCall,
  { reply, ...outcome }: Outcome,
  { request, injected }: { request: string; injected?: AskedFault | undefined },
): Promise<Response> {
  const keptOpen = injected?.fault === 'timeout' || injected?.fault === 'accepted-then-timeout'
  const publish = (line: CallLine | undefined): void => {
    if (line) events.publish('call', () => line)
  }
  const line = calls.end(open, {
    ...outcome,
    status: reply?.status ?? null,
    request,
    response: reply?.body ?? '',
    keptOpen,
  })
  publish(line)

  if (reply) {
    const { status, type, body, headers, bytes = body } = reply
    return new Response(bytes, { status, headers: { 'content-type': type, ...headers } })
  }
  if (keptOpen) {
    await wait(injected.ms ?? MAX_TIMER_MS, c.req.raw.signal)
    publish(line && calls.close(open, line))
  }
  return drop(c)
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
