/** The REST transport: leads become a Sync Leads call, an owed cookie an Associate call, and their results verdicts. */
import type { Transport, Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL } from '../failure-class.ts'
import { nameOf } from '../http-failure.ts'
import { createCall, type CallConfig } from './call.ts'
import { lookupOf, MAX_RECORDS, writeBody } from './record.ts'
import { associateVerdict, syncVerdicts } from './verdicts.ts'

export interface RestOptions extends CallConfig {
  /** Time-out of one attempt with its reply, in ms. */
  timeout: number
}

/**
 * Rules of REST for sharing calls: a call has one partition, and one field by which it finds people. A lead goes without
 * its cookie, which is associated afterwards.
 */
export const REST_BATCH_KEYS = {
  name: 'rest',
  cookies: 'after-lead',
  batchKey: (lead: Pick<Lead, 'partition' | 'lookup'>) =>
    `rest ${JSON.stringify([lead.partition ?? '', lookupOf(lead)])}`,
} as const

/** A call without a lead. It needs no right, and counts as any other. */
const USAGE = { method: 'GET', path: '/rest/v1/stats/usage.json' } as const

/**
 * Creates a transport that delivers leads by Sync Leads.
 *
 * @throws {TypeError} when the endpoint is not a URL
 */
export function createRestTransport({ timeout, ...config }: RestOptions): Transport {
  const { host } = new URL(config.endpoint)
  const call = createCall(config)

  async function send(leads: readonly Lead[]): Promise<Verdict[]> {
    const [first, ...others] = leads
    if (!first) return []
    const problem = problemOf(first, others)
    if (problem !== undefined) return leads.map(() => problem)
    const body = writeBody([first, ...others])
    if (body === undefined) return leads.map(() => tooLarge(leads.length))
    return syncVerdicts(await call({ method: 'POST', path: '/rest/v1/leads.json', body }, timeout), leads, host)
  }

  return {
    ...REST_BATCH_KEYS,
    async probe(timeout) {
      return (await call(USAGE, timeout)).kind === 'done'
    },
    async deliver(leads) {
      try {
        return await send(leads)
      } catch (error) {
        const fault = leads.length > 1 ? 'batch' : 'lead'
        return leads.map(() => ({ ...brokenVerdict(error), fault }))
      }
    },
    async associate({ leadId, cookie }) {
      try {
        const path = `/rest/v1/leads/${leadId}/associate.json?cookie=${encodeURIComponent(cookie.toWellFormed())}`
        return associateVerdict(await call({ method: 'POST', path }, timeout), leadId, host)
      } catch (error) {
        return brokenVerdict(error)
      }
    },
  }
}

/**
 * Returns the verdict on an attempt that threw. Nothing should; what is broken in the store might make it, before anything
 * is sent.
 */
function brokenVerdict(error: unknown): Verdict & { kind: 'failed' } {
  return { ...DOUBTFUL, reason: `the attempt failed (${nameOf(error)})` }
}

/** Returns why leads cannot go in one call; undefined when they can. No caller asks for it: a partition would be lost. */
function problemOf(first: Lead, others: readonly Lead[]): Verdict | undefined {
  const key = REST_BATCH_KEYS.batchKey(first)
  if (others.every((lead) => REST_BATCH_KEYS.batchKey(lead) === key)) return undefined
  const reason = 'leads of different partitions or lookup fields need different calls'
  return { kind: 'failed', fault: 'batch', arrived: 'no', reason }
}

/** Returns the verdict on leads that make a body larger than Marketo takes. */
function tooLarge(leads: number): Verdict {
  const reason = `the request is too large: more than 1 MB or ${MAX_RECORDS} leads`
  return leads > 1 ? { kind: 'failed', fault: 'batch', arrived: 'no', reason } : { kind: 'park', reason }
}
