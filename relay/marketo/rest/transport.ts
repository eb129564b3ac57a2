/** The REST transport: leads become a call of Sync Leads or Submit Form, an owed cookie one of Associate; results, verdicts. */
import type { DeliveryContext, Transport, Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL } from '../failure-class.ts'
import { nameOf } from '../http-failure.ts'
import { associateRequest, type AssociateOptions } from './associate.ts'
import { createCall, type CallConfig, type CallResult } from './call.ts'
import { findPeople, formFieldsPath, peopleIn } from './find.ts'
import { lookupOf, MAX_RECORDS, writeBody, writeUpdate } from './record.ts'
import { isAmbiguous, lackingVerdict, refusalIn, submitVerdict, writeSubmission } from './submit.ts'
import { associateVerdict, leadIdIn, syncVerdicts, unreadVerdict } from './verdicts.ts'

export interface RestOptions extends CallConfig, AssociateOptions {
  /** Time-out of one attempt with its reply, in ms. */
  timeout: number
}

/**
 * Rules of REST for sharing calls: a call has one partition, and one field by which it finds people. A lead goes without
 * its cookie, which is associated afterwards; one that fills out a Marketo form goes alone, with its cookie.
 */
export const REST_BATCH_KEYS = {
  name: 'rest',
  cookies: 'after-lead',
  batchKey: (lead: Pick<Lead, 'partition' | 'lookup' | 'marketoForm'>) =>
    lead.marketoForm === undefined ? `rest ${JSON.stringify([lead.partition ?? '', lookupOf(lead)])}` : null,
} as const

/** A call without a lead. It needs no right, and counts as any other. */
const USAGE = { method: 'GET', path: '/rest/v1/stats/usage.json' } as const
const SYNC_PATH = '/rest/v1/leads.json'

/** Time for which the fields of a Marketo form are known, in ms: a person may add one. */
const FIELDS_KNOWN_MS = 60_000

const NEWEST = 'who of several people with the address is the newest'
const NO_STEPS: DeliveryContext = { unanswered: 0, step: async () => undefined }

/**
 * Creates a transport that delivers leads by Sync Leads, or by Submit Form.
 *
 * @throws {TypeError} when the endpoint is not a URL
 */
export function createRestTransport({ timeout, ...config }: RestOptions): Transport {
  const { host } = new URL(config.endpoint)
  const call = createCall(config)
  const known = new Map<number, { read: CallResult; endsAt: number }>()

  async function send(leads: readonly Lead[], context: DeliveryContext): Promise<Verdict[]> {
    const [first, ...others] = leads
    if (!first) return []
    const problem = problemOf(first, others)
    if (problem !== undefined) return leads.map(() => problem)
    if (first.marketoForm !== undefined) return [await submit(first, first.marketoForm, context)]
    const body = writeBody([first, ...others])
    if (body === undefined) return leads.map(() => tooLarge(leads.length))
    const outcome = await call({ method: 'POST', path: SYNC_PATH, body }, timeout)
    const verdicts = syncVerdicts(outcome, leads, host)
    for (const [at, lead] of leads.entries()) {
      if (lead.duplicates === 'newest' && isAmbiguous(outcome, at))
        verdicts[at] = await updateNewest(lead, verdicts[at]!, context)
    }
    return verdicts
  }

  /** Updates the person, of several with the lead's address, that was updated last. */
  async function updateNewest(lead: Lead, ambiguous: Verdict, { step }: DeliveryContext): Promise<Verdict> {
    const found = await step((ms) => call(findPeople(lead.email, 'updatedAt'), ms))
    if (found?.kind !== 'done') return unreadVerdict(found, NEWEST, 'Read-Only Lead', host)
    const id = leadIdIn(peopleIn(found.result)[0]?.id)
    if (id === undefined) return ambiguous
    const outcome = await step((ms) => call({ method: 'POST', path: SYNC_PATH, body: writeUpdate(lead, id) }, ms))
    return outcome ? syncVerdicts(outcome, [lead], host)[0]! : unreadVerdict(outcome, NEWEST, '', host)
  }

  /** Fills out a Marketo form once. Where an answer was lost, the lead's receipt tells whether that has been done. */
  async function submit(lead: Lead, form: number, { unanswered, step }: DeliveryContext): Promise<Verdict> {
    const { id, email, receipt } = lead
    let left = timeout
    if (unanswered > 0 && receipt !== undefined) {
      const found = await step((ms) => {
        left -= ms
        return call(findPeople(email, receipt), ms)
      })
      if (found?.kind !== 'done') return unreadVerdict(found, 'whether the lead has arrived', 'Read-Only Lead', host)
      const leadId = leadIdIn(peopleIn(found.result).find((person) => person[receipt] === id)?.id)
      if (leadId !== undefined) return { kind: 'delivered', leadId }
    }
    const body = writeSubmission(lead)
    const outcome = await call({ method: 'POST', path: '/rest/v1/leads/submitForm.json', body }, left)
    if (refusalIn(outcome) !== 'silent') return submitVerdict(outcome, lead, host)
    const kept = known.get(form)
    const path = formFieldsPath(form)
    const read = kept && config.now() < kept.endsAt ? kept.read : await step((ms) => call({ method: 'GET', path }, ms))
    if (read?.kind !== 'done') return unreadVerdict(read, `why form ${form} skipped the lead`, 'Read-Only Asset', host)
    if (read !== kept?.read) known.set(form, { read, endsAt: config.now() + FIELDS_KNOWN_MS })
    return lackingVerdict(outcome, read.result, lead, host)
  }

  return {
    ...REST_BATCH_KEYS,
    async probe(timeout) {
      return (await call(USAGE, timeout)).kind === 'done'
    },
    async deliver(leads, context = NO_STEPS) {
      try {
        return await send(leads, context)
      } catch (error) {
        const fault = leads.length > 1 ? 'batch' : 'lead'
        return leads.map(() => ({ ...brokenVerdict(error), fault }))
      }
    },
    async associate({ leadId, cookie }) {
      try {
        return associateVerdict(await call(associateRequest(leadId, cookie, config), timeout), leadId, host)
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
  if (others.every((lead) => key !== null && REST_BATCH_KEYS.batchKey(lead) === key)) return undefined
  const reason = 'leads of different partitions, lookup fields or Marketo forms need different calls'
  return { kind: 'failed', fault: 'batch', arrived: 'no', reason }
}

/** Returns the verdict on leads that make a body larger than Marketo takes. */
function tooLarge(leads: number): Verdict {
  const reason = `the request is too large: more than 1 MB or ${MAX_RECORDS} leads`
  return leads > 1 ? { kind: 'failed', fault: 'batch', arrived: 'no', reason } : { kind: 'park', reason }
}
