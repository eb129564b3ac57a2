/**
 * One call of any operation: sign, write, fetch, read. The only file of this folder that sends anything.
 *
 * Nothing is kept from one call to the next but what the keys keep, and nothing is ever logged.
 */
import { drop, readBody } from './body.ts'
import { within, type Limits } from './with-timeout.ts'
import { writeEnvelope } from './envelope.ts'
import { createKeys, type Account, type Key } from './keys.ts'
import { MKTOWS } from './xml/namespaces.ts'
import { readSuccess, writeParams, type Operation } from './operations/operation.ts'
import type { Outcome } from './call-result.ts'
import { readReply } from './reply.ts'
import { stampOf } from './sign.ts'

export interface Caller extends Account {
  /** Where the API answers: `https://123-ABC-456.mktoapi.com/soap/mktows/3_1`. */
  endpoint: string
  fetch: (url: string, init: RequestInit) => Promise<Response>
  /** The clock: epoch milliseconds. */
  now: () => number
}

interface CallLimits extends Limits {
  /** Marketo's `targetWorkspace`, for the one operation that knows it. */
  workspace?: string | undefined
}

/** Rejects only for an input that was not checked, and for a clock that has no time. */
export type Call = <Input, Result>(
  operation: Operation<Input, Result>,
  input: Input,
  limits: CallLimits,
) => Promise<Outcome<Result>>

/** What a call takes, as seen: some syncLeads took 90 s. */
export const USUAL_TIMEOUT = 90_000

/** "Authentication Failed": what a key that was changed is answered. */
const REFUSED = '20014'
/** Faults of an operation. Those before, from 10001 to 20024, may come before the signature was looked at. */
const OF_OPERATION = /^201[0-9]{2}$/

/** Calls for one account. Stamp and signature are made anew for each attempt. */
export function createCall({ endpoint, userId, fetch, now, ...account }: Caller): Call {
  const keys = createKeys({ userId, ...account })

  async function attempt<Input, Result>(
    key: Key,
    operation: Operation<Input, Result>,
    input: Input,
    workspace: string | undefined,
    signal: AbortSignal,
    sending: () => void,
  ): Promise<Outcome<Result>> {
    const stamp = stampOf(now())
    let signature: string
    try {
      signature = await key.sign(stamp)
    } catch (error) {
      return { kind: 'unsigned', error }
    }
    const body = writeEnvelope({ userId, stamp, signature, workspace }, writeParams(operation, input))
    const headers = { 'Content-Type': 'text/xml;charset=UTF-8', SOAPAction: `"${MKTOWS}${operation.name}"` }

    let response: Response
    sending()
    try {
      response = await fetch(endpoint, { method: 'POST', headers, body, redirect: 'manual', signal })
    } catch (error) {
      return { kind: 'unreachable', error }
    }
    return read(response, endpoint, operation, input)
  }

  return ((operation, input, limits) => {
    let sent = false
    const sending = () => void (sent = true)
    return within(
      limits,
      async (signal) => {
        const [first, other] = keys.inOrder()
        const outcome = await attempt(first, operation, input, limits.workspace, signal, sending)
        if (!isRefused(outcome) || !other) {
          if (isTaken(outcome)) keys.works(first, false)
          return outcome
        }
        const second = await attempt(other, operation, input, limits.workspace, signal, sending)
        if (isTaken(second)) keys.works(other, true)
        return second
      },
      (why) =>
        why === 'late'
          ? { kind: 'late', timeout: limits.timeout }
          : { kind: 'aborted', error: limits.signal?.reason as unknown, sent },
    )
  }) satisfies Call
}

/** A fault counts under any HTTP status, a success only under 2xx. */
async function read<Input, Result>(
  response: Response,
  endpoint: string,
  operation: Operation<Input, Result>,
  input: Input,
): Promise<Outcome<Result>> {
  const { status } = response
  // 0 is how a fetch shows a redirect that it may not show.
  if (status === 0 || (status >= 300 && status < 400)) {
    drop(response.body)
    return { kind: 'redirect', status, host: hostOf(response.headers.get('Location'), endpoint) }
  }
  const after = pauseIn(response.headers.get('Retry-After'))
  const body = await readBody(response, operation.maxBytes)
  const reply = body.kind === 'text' ? readReply(body.text) : ({ kind: 'unreadable', cause: body.cause } as const)
  switch (reply.kind) {
    case 'fault':
      return { kind: 'fault', status, fault: reply.fault }
    case 'unreadable':
      return { kind: 'unreadable', status, cause: reply.cause, ...(after !== undefined && { after }) }
    case 'answer': {
      const result = response.ok ? readSuccess(operation, reply.body, input) : undefined
      return result === undefined
        ? { kind: 'unreadable', status, cause: `not a reply to ${operation.name}` }
        : { kind: 'done', result }
    }
    default:
      return reply satisfies never
  }
}

/** `Retry-After` in seconds (RFC 9110, 10.2.3), as milliseconds up to an hour. A date is not read: clocks differ. */
function pauseIn(header: string | null): number | undefined {
  return header !== null && /^[0-9]{1,6}$/.test(header.trim()) ? Math.min(Number(header), 3_600) * 1_000 : undefined
}

function isRefused(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'fault' && outcome.fault.code === REFUSED
}

/** Whether Marketo has believed the signature. */
function isTaken(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'done' || (outcome.kind === 'fault' && OF_OPERATION.test(outcome.fault.code ?? ''))
}

/** The host alone: the rest of an address may quote anything. */
function hostOf(location: string | null, base: string): string {
  return location && URL.canParse(location, base) ? new URL(location, base).host : ''
}
