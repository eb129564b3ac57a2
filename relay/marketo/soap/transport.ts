/** The SOAP transport: leads become a call, and its result a verdict for each lead. */
import type { DeliveryContext, OwedCookie, Transport, Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL } from '../failure-class.ts'
import { nameOf } from '../http-failure.ts'
import { toSoapName } from '../names.ts'
import { leaveOutKnown, NO_STEPS, notReadVerdict, whenEmptyIn, withLeftOut, type KnownValues } from '../when-empty.ts'
import { createCall, DEFAULT_TIMEOUT_MS, type CallConfig } from './call.ts'
import { isBlank } from './operations/check.ts'
import { getLead } from './operations/get-lead.ts'
import type { LeadKey } from './operations/lead-key.ts'
import type { LeadRecord } from './operations/lead-record.ts'
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
 * alone, by `syncLead`. So does one of a form that looks people up first: `getLead` takes one key.
 */
export const SOAP_BATCH_KEYS = {
  name: 'soap',
  batchKey: ({ cookie, workspace, whenEmpty }: Pick<Lead, 'cookie' | 'workspace' | 'whenEmpty'>) =>
    cookie === undefined && workspace === undefined && whenEmpty === undefined ? 'soap' : null,
  cookies: 'with-lead',
} as const

/** Fault "Lead Not Found". */
const LEAD_NOT_FOUND = '20103'

/**
 * Creates a transport that delivers one lead by `syncLead`, and several by `syncMultipleLeads`.
 *
 * @throws {TypeError} when the endpoint is not a URL
 */
export function createSoapTransport({ timeout = DEFAULT_TIMEOUT_MS, ...caller }: SoapOptions): Transport {
  const { host } = new URL(caller.endpoint)
  const call = createCall(caller)

  async function send(leads: readonly Lead[], context: DeliveryContext): Promise<Verdict[]> {
    const [lead, ...others] = leads
    if (!lead) return []
    if (others.length > 0 || whenEmptyIn(lead).length === 0) return write([lead, ...others], timeout)
    const looked = await lookUp(lead, context)
    if (looked.failed) return [looked.failed]
    const { lead: sent, leftOut } = leaveOutKnown(lead, looked.people)
    const verdicts = await write([sent], looked.left)
    return verdicts.map((verdict) => withLeftOut(verdict, leftOut))
  }

  /**
   * Reads which values Marketo has of the people whom a lead may be written to, and how much time is left for the next call.
   * Marketo finds them by the cookie and by the address.
   */
  async function lookUp(
    lead: Lead,
    { step }: DeliveryContext,
  ): Promise<{ failed: Verdict } | { failed?: never; people: KnownValues[]; left: number }> {
    const { email, cookie = '' } = lead
    const keys: LeadKey[] = [...(isBlank(email) ? [] : [{ email }]), ...(isBlank(cookie) ? [] : [{ cookie }])]
    const people: KnownValues[] = []
    let left = timeout
    for (const key of keys) {
      const answer = await step((longest) => {
        const ms = longest / keys.length
        left -= ms
        return call(getLead, key, { timeout: ms })
      })
      if (answer?.kind === 'done') people.push(...answer.result.leadRecords.map(valuesOf))
      else if (answer?.kind !== 'fault' || answer.fault.code !== LEAD_NOT_FOUND) {
        return { failed: notReadVerdict(answer && toVerdicts(answer, [lead], host)[0], lead) }
      }
    }
    return { people, left }
  }

  /** Writes the leads, each as it is, in one call of at most this time. */
  async function write([lead, ...others]: readonly [Lead, ...Lead[]], timeout: number): Promise<Verdict[]> {
    // The record is not asked back: it would be personal data that the relay does not read.
    const outcome =
      others.length === 0
        ? await call(
            syncLead,
            { ...recordOf(lead), marketoCookie: lead.cookie },
            { timeout, workspace: lead.workspace },
          )
        : await call(syncMultipleLeads, { leads: [lead, ...others].map(recordOf), dedupEnabled: true }, { timeout })
    return toVerdicts(outcome, [lead, ...others], host)
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
    async deliver(leads, context = NO_STEPS) {
      const several = leads.length > 1
      try {
        const problems = leads.map((lead) => problemOf(lead, several))
        const verdicts = await send(
          leads.filter((_, at) => !problems[at]),
          context,
        )
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

/** Returns the values of a person by name. */
function valuesOf({ attributes }: LeadRecord): KnownValues {
  return attributes.map(({ name, value }) => [name, value] as const)
}

/** Returns why a lead cannot go with this call; undefined when it can. */
function problemOf(lead: Lead, several: boolean): Verdict | undefined {
  if (isBlank(lead.email) && isBlank(lead.cookie)) {
    return { kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' }
  }
  // No caller asks for it; the cookie or the workspace would be lost without a word.
  if (several && SOAP_BATCH_KEYS.batchKey(lead) === null) {
    const reason = 'a cookie, a workspace or a look-up needs a call of its own'
    return { kind: 'failed', fault: 'batch', arrived: 'no', reason }
  }
  return undefined
}

/** Returns the part of the lead that Marketo gets: its `id` is ours, not Marketo's. */
function recordOf({ email, attributes }: Lead) {
  return { email, attributes: attributes.map(({ name, value }) => ({ name: toSoapName(name), value })) }
}
