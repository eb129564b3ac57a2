/** The SOAP way to Marketo: a lead becomes a call of syncLead, and what that came to a verdict. */
import type { Lead } from '../../lead.ts'
import type { Transport } from '../../verdict.ts'
import { createCall, USUAL_TIMEOUT, type Caller } from './call.ts'
import { nameOf } from './fate.ts'
import { UNCERTAIN } from './faults.ts'
import { judge } from './judge.ts'
import { isBlank } from './operations/check.ts'
import { hasKey } from './operations/lead-record.ts'
import { syncLead, type SyncLead } from './operations/sync-lead.ts'

export interface SoapOptions extends Caller {
  /** Milliseconds for one attempt, reply and all. The default is what syncLead has been seen to take. */
  timeout?: number
}

/**
 * Delivers leads by `syncLead`, one a call.
 *
 * @throws {TypeError} when the endpoint is not a URL
 */
export function createSoapTransport({ timeout = USUAL_TIMEOUT, ...caller }: SoapOptions): Transport {
  const { host } = new URL(caller.endpoint)
  const call = createCall(caller)

  return {
    name: 'soap',
    async deliver(lead) {
      try {
        const input = inputOf(lead)
        if (!hasKey(input) && isBlank(input.marketoCookie)) {
          return { kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' }
        }
        return judge(await call(syncLead, input, { timeout, workspace: lead.workspace }), lead, host)
      } catch (error) {
        // Nothing above should throw; a lead that is broken in the store might make it.
        return { ...UNCERTAIN, reason: `the attempt failed (${nameOf(error)})` }
      }
    },
  }
}

/** The record is not asked back: it would be a person's data that nobody here reads. */
function inputOf({ email, attributes, cookie }: Lead): SyncLead {
  return { email, attributes, marketoCookie: cookie }
}
