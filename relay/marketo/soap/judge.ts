/**
 * What a syncLead came to → the verdict. Pure: the only place where SOAP and HTTP become one of four.
 *
 * No branch takes anything but a recognised reply for a success.
 */
import type { Lead } from '../../lead.ts'
import type { Verdict } from '../../verdict.ts'
import { discreet, refusedAttributes } from './discretion.ts'
import { explain, fateOf, sentence } from './fate.ts'
import { UNCERTAIN } from './faults.ts'
import type { SyncLeadResult } from './operations/sync-lead.ts'
import type { Outcome } from './outcome.ts'
import type { Fault } from './reply.ts'

/** @param host who was asked, for the operator */
export function judge(outcome: Outcome<SyncLeadResult>, lead: Lead, host: string): Verdict {
  if (outcome.kind === 'done') return judgeResult(outcome.result, lead)
  const words = outcome.kind === 'fault' ? wordsOf(outcome.fault, lead) : ''
  return { ...fateOf(outcome), reason: explain(outcome, host, words) }
}

function judgeResult({ status, leadId, error }: SyncLeadResult, lead: Lead): Verdict {
  if (status === 'CREATED' || status === 'UPDATED') {
    return leadId === null ? { kind: 'retry', reason: `${status} without a lead id` } : { kind: 'sent', leadId }
  }
  const known = status === 'FAILED' ? status : `unknown status ${discreet(status, lead)}`
  return { ...UNCERTAIN, reason: sentence(known, discreet(error ?? '', lead)) }
}

function wordsOf({ code, message }: Fault, lead: Lead): string {
  return code === '20105' ? refusedAttributes(message, lead).join(', ') : discreet(message, lead)
}
