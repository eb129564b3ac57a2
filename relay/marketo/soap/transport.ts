/** The SOAP transport: leads become a call, and its result a verdict for each lead. */
import type { OwedCookie, Transport, Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL } from '../failure-class.ts'
import { nameOf } from '../http-failure.ts'
import { toSoapName } from '../names.ts'
import { createCall, DEFAULT_TIMEOUT_MS, type CallConfig } from './call.ts'
import { isBlank } from './operations/check.ts'
import { listMObjects } from './operations/list-m-objects.ts'
import { syncLead } from './operations/sync-lead.ts'
import { syncMultipleLeads } from './operations/sync-multiple-leads.ts'
import { toVerdicts } from './verdicts.ts'

export interface SoapOptions extends CallConfig {
  /** Time-out of one attempt with its reply, in ms. The default is the longest that syncLead has been seen to take. */
  timeout?: number
}

/**
 * Rules of SOAP for sharing calls: `syncMultipleLeads` takes neither cookies nor a workspace, so a lead with either goes
 * alone, by `syncLead`.
 */
export const SOAP_BATCH_KEYS = {
  name: 'soap',
  batchKey: ({ cookie, workspace }: Pick<Lead, 'cookie' | 'workspace'>) =>
    cookie === undefined && workspace === undefined ? 'soap' : null,
  cookies: 'with-lead',
} as const

/**
 * Creates a transport that delivers one lead by `syncLead`, and several by `syncMultipleLeads`.
 *
 * @throws {TypeError} when the endpoint is not a URL
 */
export function createSoapTransport({ timeout = DEFAULT_TIMEOUT_MS, ...caller }: SoapOptions): Transport {
  const { host } = new URL(caller.endpoint)
  const call = createCall(caller)

  async function send(leads: readonly Lead[]): Promise<Verdict[]> {
    const [lead, ...others] = leads
    if (!lead) return []
    // The record is not asked back: it would be personal data that the relay does not read.
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
    ...SOAP_BATCH_KEYS,
    async probe(timeout) {
      try {
        return (await call(listMObjects, {}, { timeout })).kind === 'done'
      } catch {
        return false
      }
    },
    async associate({ email, cookie, workspace }: OwedCookie) {
      try {
        // The address finds the person. Without attributes nothing of the person changes.
        const record = { email, attributes: [] }
        const outcome = await call(syncLead, { ...record, marketoCookie: cookie }, { timeout, workspace })
        return toVerdicts(outcome, [{ ...record, cookie }], host)[0]!
      } catch (error) {
        return { ...DOUBTFUL, reason: `the attempt failed (${nameOf(error)})` }
      }
    },
    async deliver(leads) {
      const several = leads.length > 1
      try {
        const problems = leads.map((lead) => problemOf(lead, several))
        const verdicts = await send(leads.filter((_, at) => !problems[at]))
        // In order, so that each verdict comes to stand at its lead's position.
        problems.forEach((problem, at) => problem && verdicts.splice(at, 0, problem))
        return verdicts
      } catch (error) {
        // Nothing above should throw; a lead that is broken in the store might make it, before anything is sent.
        const fault = several ? 'batch' : 'lead'
        return leads.map(() => ({ ...DOUBTFUL, fault, reason: `the attempt failed (${nameOf(error)})` }))
      }
    },
  }
}

/** Returns why a lead cannot go with this call; undefined when it can. */
function problemOf(lead: Lead, several: boolean): Verdict | undefined {
  if (isBlank(lead.email) && isBlank(lead.cookie)) {
    return { kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' }
  }
  // No caller asks for it; the cookie or the workspace would be lost without a word.
  if (several && SOAP_BATCH_KEYS.batchKey(lead) === null) {
    return { kind: 'failed', fault: 'batch', arrived: 'no', reason: 'a cookie or a workspace needs a call of its own' }
  }
  return undefined
}

/** Returns the part of the lead that Marketo gets: its `id` is ours, not Marketo's. */
function recordOf({ email, attributes }: Lead) {
  return { email, attributes: attributes.map(({ name, value }) => ({ name: toSoapName(name), value })) }
}
