/** The SOAP way to Marketo: leads become a call, and what that came to a verdict for each. */
import type { Lead } from '../../intake/lead.ts'
import type { Transport, Verdict } from '../../delivery/transport.ts'
import { createCall, DEFAULT_TIMEOUT_MS, type CallConfig } from './call.ts'
import { nameOf } from './classify-failure.ts'
import { DOUBTFUL } from './fault-codes.ts'
import { toVerdicts } from './verdicts.ts'
import { isBlank } from './operations/check.ts'
import { syncLead } from './operations/sync-lead.ts'
import { syncMultipleLeads } from './operations/sync-multiple-leads.ts'

export interface SoapOptions extends CallConfig {
  /** Milliseconds for one attempt, reply and all. The default is what syncLead has been seen to take. */
  timeout?: number
}

/**
 * Delivers one lead by `syncLead`, and several by `syncMultipleLeads`.
 *
 * @throws {TypeError} when the endpoint is not a URL
 */
export function createSoapTransport({ timeout = DEFAULT_TIMEOUT_MS, ...caller }: SoapOptions): Transport {
  const { host } = new URL(caller.endpoint)
  const call = createCall(caller)

  async function send(leads: readonly Lead[]): Promise<Verdict[]> {
    const [lead, ...others] = leads
    if (!lead) return []
    // The record is not asked back: it would be a person's data that nobody here reads.
    const outcome =
      others.length === 0
        ? await call(
            syncLead,
            { ...recordOf(lead), marketoCookie: lead.cookie },
            { timeout, workspace: lead.workspace },
          )
        : await call(syncMultipleLeads, { leads: leads.map(recordOf), dedupEnabled: true }, { timeout })
    return toVerdicts(outcome, leads, host)
  }

  return {
    name: 'soap',
    async deliver(leads) {
      const several = leads.length > 1
      try {
        const objections = leads.map((lead) => objectionTo(lead, several))
        const verdicts = await send(leads.filter((_, at) => !objections[at]))
        // First to last, so that each comes to stand in its place.
        objections.forEach((objection, at) => objection && verdicts.splice(at, 0, objection))
        return verdicts
      } catch (error) {
        // Nothing above should throw; a lead that is broken in the store might make it, before anything is sent.
        const reason = `the attempt failed (${nameOf(error)})`
        return leads.map(() => (several ? { kind: 'again', apart: true, reason } : { ...DOUBTFUL, reason }))
      }
    },
  }
}

/** Why a lead does not go with this call; undefined when it does. */
function objectionTo({ email, cookie, workspace }: Lead, several: boolean): Verdict | undefined {
  if (isBlank(email) && isBlank(cookie)) {
    return { kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' }
  }
  // Nobody should ask for it; but they would be lost without a word.
  if (several && (cookie || workspace)) {
    return { kind: 'again', apart: true, reason: 'a cookie or a workspace needs a call of its own' }
  }
  return undefined
}

/** No more of the lead than Marketo gets: its `id` is ours, not Marketo's. */
function recordOf({ email, attributes }: Lead): Pick<Lead, 'email' | 'attributes'> {
  return { email, attributes }
}
