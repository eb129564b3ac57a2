/** One message → one answer, as Marketo gives it when nothing is in its way. */
import { checkStrictly } from './schema/strict.ts'
import type { Marketo } from '../marketo.ts'
import { readEnvelope, type Envelope } from './envelope.ts'
import { SoapFault, writeFault } from './fault.ts'
import { OPERATIONS } from './operations/index.ts'
import type { LeadStatus } from './operations/sync-lead.ts'
import { authenticate } from './signature.ts'

export interface Answer {
  status: number
  type: string
  body: string
  /** A fault's code. */
  code: string | null
  leadId: number | null
  /** When the work was done, as the calls count moments; null where it was not. */
  appliedAt: number | null
  /** What became of each lead, where leads were written. */
  statuses?: LeadStatus[]
}

export const XML_TYPE = 'text/xml; charset=utf-8'

/** What a message turned out to be. */
export type Message = { operation: string; envelope: Envelope } | { operation: 'unknown'; fault: SoapFault }

/**
 * Never throws: a message that cannot be read is one too, and its answer is a fault. `undefined` is a body that is no
 * UTF-8.
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
 * `action` is the SOAPAction header; `delay` is how many milliseconds the work takes. It looks for people when that time
 * begins and writes when it has passed, whether anyone still waits for the answer or not.
 */
export async function answerMessage(
  marketo: Marketo,
  message: Message,
  { action, call, delay }: { action: string; call: number; delay: number },
): Promise<Answer> {
  try {
    if ('fault' in message) throw message.fault
    const { envelope } = message
    await authenticate(envelope.authentication, marketo.account, marketo.now(), marketo.stampWindow)
    const limit = marketo.limits.enter()
    if (limit) throw new SoapFault(limit)
    try {
      const sight = marketo.people.look()
      if (delay > 0) await marketo.wait(delay)
      const operation = OPERATIONS.get(envelope.operation)
      if (!operation || !isKnownAction(action)) throw new SoapFault('20019')
      if (marketo.settings.now.strict) checkStrictly(envelope)
      const done = operation(marketo, envelope, { call, sight })
      return { status: 200, type: XML_TYPE, code: null, appliedAt: marketo.calls.moment(), ...done }
    } finally {
      marketo.limits.leave()
    }
  } catch (fault) {
    if (fault instanceof SoapFault) return answerFault(fault)
    throw fault
  }
}

/** HTTP 500, whatever the fault. */
export function answerFault(fault: SoapFault): Answer {
  return { status: 500, type: XML_TYPE, body: writeFault(fault), code: fault.code, leadId: null, appliedAt: null }
}

/** The body says what is asked for; the header may be missing or empty, but must not name what there is not. */
function isKnownAction(action: string): boolean {
  const name = action.replaceAll('"', '').trim()
  return name === '' || OPERATIONS.has(name.slice(name.lastIndexOf('/') + 1))
}
