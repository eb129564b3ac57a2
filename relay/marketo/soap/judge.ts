/**
 * What came back → the verdict. Pure: the only place where SOAP and HTTP become one of four.
 *
 * No branch takes anything but a recognised reply for a success.
 */
import type { Lead } from '../../lead.ts'
import type { Verdict } from '../../verdict.ts'
import type { Body } from './body.ts'
import { discreet, refusedAttributes } from './discretion.ts'
import { ruleFor, UNCERTAIN } from './faults.ts'
import { readReply, type Fault } from './reply.ts'
import { readSyncLead, type SyncLeadResult } from './sync-lead.ts'

export interface Answer {
  /** HTTP's. */
  status: number
  /** HTTP's `Location` header. */
  location: string | null
  body: Body
  /** Who answered, for the operator. */
  host: string
}

/** Statuses of a gateway, or of an overload: whoever asks next hears the same. */
const EVERYONE = new Set([429, 502, 503, 504])

/** The verdict on one answer to `syncLead`. A fault counts under any HTTP status, a success only under 2xx. */
export function judge(answer: Answer, lead: Lead): Verdict {
  const { status, body } = answer
  if (isRedirect(status)) return judgeRedirect(answer)
  if (body.kind === 'unusable') return judgeStatus(answer, body.cause)

  const reply = readReply(body.text)
  switch (reply.kind) {
    case 'fault':
      return judgeFault(reply.fault, lead)
    case 'unreadable':
      return judgeStatus(answer, reply.cause)
    case 'answer': {
      const result = status >= 200 && status < 300 ? readSyncLead(reply.body) : undefined
      return result ? judgeResult(result, lead) : judgeStatus(answer, 'not a reply to syncLead')
    }
    default:
      return reply satisfies never
  }
}

function judgeResult({ status, leadId, error }: SyncLeadResult, lead: Lead): Verdict {
  if (status === 'CREATED' || status === 'UPDATED') {
    return leadId === undefined ? { kind: 'retry', reason: `${status} without a lead id` } : { kind: 'sent', leadId }
  }
  const known = status === 'FAILED' ? status : `unknown status ${discreet(status, lead)}`
  return { ...UNCERTAIN, reason: sentence(known, discreet(error, lead)) }
}

function judgeFault({ code, message }: Fault, lead: Lead): Verdict {
  const { name, fate, advice = '' } = ruleFor(code)
  const words = code === '20105' ? refusedAttributes(message, lead).join(', ') : discreet(message, lead)
  const news = words.toLowerCase() === name.toLowerCase() ? '' : words
  return { ...fate, reason: sentence(code ? `${code} ${name}` : 'a fault without a code', news, advice) }
}

function judgeStatus({ status, host }: Answer, cause: string): Verdict {
  const reason = `HTTP ${status} from ${host}: ${cause}`
  if (status === 401 || status === 403) return { kind: 'blocked', reason: `${reason}; the door before the API is shut` }
  if (status === 404) return { kind: 'blocked', reason: `${reason}; there is no SOAP API at this endpoint` }
  return EVERYONE.has(status) ? { kind: 'retry', reason, everyone: true } : { kind: 'retry', reason }
}

/** 0 is how a fetch shows a redirect that it may not show. */
function isRedirect(status: number): boolean {
  return status === 0 || (status >= 300 && status < 400)
}

/** Not followed: what comes along is a person's data and a signature. Only the other host is told. */
function judgeRedirect({ status, location, host }: Answer): Verdict {
  const target = location && URL.canParse(location, `https://${host}`) ? new URL(location, `https://${host}`).host : ''
  return { kind: 'blocked', reason: `HTTP ${status} from ${host}: a redirect to ${target || 'elsewhere'}` }
}

function sentence(head: string, words: string, advice = ''): string {
  return `${head.trim()}${words && `: ${words}`}${advice && ` (${advice})`}`
}
