/** Handles one SOAP message as Marketo does: authentication, limits, operation, reply. Knows no injected fault. */
import type { ExceededLimit } from '../limits.ts'
import type { Marketo } from '../marketo.ts'
import { readEnvelope, type Envelope } from './envelope.ts'
import { SoapFault, writeFault } from './fault.ts'
import { OPERATIONS } from './operations/index.ts'
import type { LeadStatus } from './operations/sync-lead.ts'
import { checkStrictly } from './schema/strict.ts'
import { authenticate } from './signature.ts'

export interface SoapReply {
  status: number
  type: string
  body: string
  /** Code of the fault, if the reply is one. */
  code: string | null
  leadId: number | null
  /** Time of the write, from `Calls.timestamp`; null if the call was not applied. */
  appliedAt: number | null
  /** Status of each lead, if the operation writes leads. */
  statuses?: LeadStatus[]
}

export const XML_TYPE = 'text/xml; charset=utf-8'

/** A parsed message, or the fault that says why it cannot be parsed. */
export type Message = { operation: string; envelope: Envelope } | { operation: 'unknown'; fault: SoapFault }

/**
 * Parses a message. Never throws for a bad one.
 *
 * @param body undefined if the body is not valid UTF-8
 */
export function readMessage(body: string | undefined): Message {
  try {
    if (body === undefined) throw new SoapFault('20018', 'The message is not in UTF-8')
    const envelope = readEnvelope(body)
    return { operation: envelope.operation, envelope }
  } catch (fault) {
    if (fault instanceof SoapFault) return { operation: 'unknown', fault }
    throw fault
  }
}

/**
 * Handles a message and returns its reply, which may be a fault.
 *
 * @param context `action`: the SOAPAction header; `call`: the call's number; `delayMs`: duration of the work. The e-mail
 *   snapshot is taken before the delay and the write happens after it, even if the caller has disconnected.
 */
export async function handleMessage(
  marketo: Marketo,
  message: Message,
  { action, call, delayMs }: { action: string; call: number; delayMs: number },
): Promise<SoapReply> {
  try {
    if ('fault' in message) throw message.fault
    const { envelope } = message
    await authenticate(envelope.authentication, marketo.account, marketo.now(), marketo.stampWindowMs)
    const limit = marketo.limits.enter()
    if (limit) throw new SoapFault(LIMIT_CODES[limit])
    try {
      const snapshot = marketo.people.emailSnapshot()
      if (delayMs > 0) await marketo.wait(delayMs)
      const operation = OPERATIONS.get(envelope.operation)
      if (!operation || !isKnownAction(action)) throw new SoapFault('20019')
      if (marketo.settings.current.strict) checkStrictly(envelope)
      const result = operation(marketo, envelope, { call, snapshot })
      return { status: 200, type: XML_TYPE, code: null, appliedAt: marketo.calls.timestamp(), ...result }
    } finally {
      marketo.limits.leave()
    }
  } catch (fault) {
    if (fault instanceof SoapFault) return faultReply(fault)
    throw fault
  }
}

const LIMIT_CODES: Readonly<Record<ExceededLimit, string>> = { daily: '20015', rate: '20023', concurrency: '20024' }

/** Returns the reply for a fault. Its HTTP status is always 500. */
export function faultReply(fault: SoapFault): SoapReply {
  return { status: 500, type: XML_TYPE, body: writeFault(fault), code: fault.code, leadId: null, appliedAt: null }
}

/** The body determines the operation. The SOAPAction may be missing or empty, but must not name an unknown operation. */
function isKnownAction(action: string): boolean {
  const name = action.replaceAll('"', '').trim()
  return name === '' || OPERATIONS.has(name.slice(name.lastIndexOf('/') + 1))
}
