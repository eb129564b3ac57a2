/**
 * Makes one call of any operation: signs, writes, fetches and reads. The only file of the folder that sends anything.
 *
 * Keeps no state between calls but the key rotation's, and logs nothing.
 */
import { hostOf, isRedirect, parseRetryAfter } from '../http-failure.ts'
import { cancelStream, readBody } from '../response-body.ts'
import { withTimeout, type CallTimeout } from '../with-timeout.ts'
import { writeEnvelope } from './envelope.ts'
import { createKeyRotation, type Credentials, type Key } from './key-rotation.ts'
import { MKTOWS } from './xml/namespaces.ts'
import { readSuccess, writeParams, type Operation } from './operations/operation.ts'
import type { CallResult } from './call-result.ts'
import { readReply } from './reply.ts'
import { formatTimestamp } from './sign.ts'

export interface CallConfig extends Credentials {
  /** URL of the API: `https://123-ABC-456.mktoapi.com/soap/mktows/3_1`. */
  endpoint: string
  /** Sends a request, as the Fetch standard's `fetch` does. */
  fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Returns the current time in epoch milliseconds. */
  now: () => number
}

interface CallContext extends CallTimeout {
  /** Marketo's `targetWorkspace`, which only `syncLead` accepts. */
  workspace?: string | undefined
}

/** Makes one call. Rejects only if the input was not checked before, or if the clock returns no valid time. */
export type Call = <Input, Result>(
  operation: Operation<Input, Result>,
  input: Input,
  context: CallContext,
) => Promise<CallResult<Result>>

/** Default timeout of a call: some syncLead calls have been seen to take 90 s. */
export const DEFAULT_TIMEOUT_MS = 90_000

/** Fault "Authentication Failed", which Marketo returns for a key that has been replaced. */
const AUTHENTICATION_FAILED = '20014'
/** Faults of an operation. Marketo may return those from 10001 to 20024 before it has checked the signature. */
const OPERATION_FAULT = /^201[0-9]{2}$/

/** Creates the call function of one account. Timestamp and signature are made anew for each attempt. */
export function createCall({ endpoint, userId, fetch, now, ...credentials }: CallConfig): Call {
  const keys = createKeyRotation({ userId, ...credentials })

  async function attempt<Input, Result>(
    key: Key,
    operation: Operation<Input, Result>,
    input: Input,
    workspace: string | undefined,
    signal: AbortSignal,
    onSend: () => void,
  ): Promise<CallResult<Result>> {
    const timestamp = formatTimestamp(now())
    let signature: string
    try {
      signature = await key.sign(timestamp)
    } catch (error) {
      return { kind: 'unsigned', error }
    }
    const body = writeEnvelope({ userId, timestamp, signature, workspace }, writeParams(operation, input))
    const headers = { 'Content-Type': 'text/xml;charset=UTF-8', SOAPAction: `"${MKTOWS}${operation.name}"` }

    let response: Response
    onSend()
    try {
      response = await fetch(endpoint, { method: 'POST', headers, body, redirect: 'manual', signal })
    } catch (error) {
      return { kind: 'unreachable', error }
    }
    return readResponse(response, endpoint, operation, input)
  }

  return ((operation, input, context) => {
    let sent = false
    const onSend = () => void (sent = true)
    return withTimeout(
      context,
      async (signal) => {
        const [first, other] = keys.inOrder()
        const result = await attempt(first, operation, input, context.workspace, signal, onSend)
        if (!isKeyRejected(result) || !other) {
          if (isKeyAccepted(result)) keys.accepted(first, false)
          return result
        }
        const second = await attempt(other, operation, input, context.workspace, signal, onSend)
        if (isKeyAccepted(second)) keys.accepted(other, true)
        return second
      },
      (reason) =>
        reason === 'timeout'
          ? { kind: 'late', timeout: context.timeout }
          : { kind: 'aborted', error: context.signal?.reason as unknown, sent },
    )
  }) satisfies Call
}

/** Reads a response. Accepts a fault with any HTTP status, and a success only with 2xx. */
async function readResponse<Input, Result>(
  response: Response,
  endpoint: string,
  operation: Operation<Input, Result>,
  input: Input,
): Promise<CallResult<Result>> {
  const { status } = response
  if (isRedirect(status)) {
    cancelStream(response.body)
    return { kind: 'redirect', status, host: hostOf(response.headers.get('Location'), endpoint) }
  }
  const after = parseRetryAfter(response.headers.get('Retry-After'))
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

function isKeyRejected(result: CallResult<unknown>): boolean {
  return result.kind === 'fault' && result.fault.code === AUTHENTICATION_FAILED
}

/** Returns true if the result proves that Marketo accepted the signature. */
function isKeyAccepted(result: CallResult<unknown>): boolean {
  return result.kind === 'done' || (result.kind === 'fault' && OPERATION_FAULT.test(result.fault.code ?? ''))
}
