/** The REST transport: leads become a call of Sync Leads or Submit Form, an owed cookie one of Associate; results, verdicts. */
import type { DeliveryContext, Transport, Verdict } from '../../delivery/transport.ts'
import type { Lead } from '../../intake/lead.ts'
import { DOUBTFUL } from '../failure-class.ts'
import { nameOf } from '../http-failure.ts'
import { leaveOutKnown, NO_STEPS, NOT_READ, notReadVerdict, whenEmptyIn, withLeftOut } from '../when-empty.ts'
import { associateRequest, type AssociateOptions } from './associate.ts'
import { createCall, type CallConfig, type CallResult, type RestRequest } from './call.ts'
import type { Json } from './exchange.ts'
import { findPeople, formFieldsPath, peopleIn } from './find.ts'
import { knownRequest, readKnown } from './known.ts'
import { lookupOf, MAX_RECORDS, writeBody, writeUpdate } from './record.ts'
import { isAmbiguous, lackingVerdict, refusalIn, submitVerdict, writeSubmission } from './submit.ts'
import { associateVerdict, leadIdIn, syncVerdicts, unreadVerdict } from './verdicts.ts'

export interface RestOptions extends CallConfig, AssociateOptions {
  /** Time-out of one attempt with its reply, in ms. */
  timeout: number
}

/**
 * Rules of REST for sharing calls: a call has one partition, and one field by which it finds people. Leads whose people are
 * looked up first go with their like. A lead goes without its cookie, which is associated afterwards; one that fills out a
 * Marketo form goes alone, with its cookie.
 */
export const REST_BATCH_KEYS = {
  name: 'rest',
  cookies: 'after-lead',
  batchKey: (lead: Pick<Lead, 'partition' | 'lookup' | 'whenEmpty' | 'marketoForm'>) =>
    lead.marketoForm === undefined
      ? `rest ${JSON.stringify([lead.partition ?? '', lookupOf(lead)])}${lead.whenEmpty ? ' when-empty' : ''}`
      : null,
} as const

/** A call without a lead. It needs no right, and counts as any other. */
const USAGE = { method: 'GET', path: '/rest/v1/stats/usage.json' } as const
const SYNC_PATH = '/rest/v1/leads.json'

/** Time for which the fields of a Marketo form are known, in ms: a person may add one. */
const FIELDS_KNOWN_MS = 60_000

/** Error "Access denied": the role of the API user lacks a right. */
const FORBIDDEN = '603'

/** Verdict on the leads of a call where the answer has people of whom it is not known which lead is theirs. */
const UNCLEAR: Verdict = {
  kind: 'failed',
  fault: 'batch',
  arrived: 'yes',
  reason: `it is not known ${NOT_READ}: the answer does not tell whose they are`,
}

const NEWEST = 'who of several people with the address is the newest'

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
    const names = new Set(leads.flatMap(whenEmptyIn))
    if (names.size === 0) return write([first, ...others], timeout, context)
    const looked = await lookUp([first, ...others], [...names], context)
    if (looked.failed) return looked.failed
    const reduced = leads.map((lead, at) => leaveOutKnown(lead, looked.people[at]))
    const [sent, ...more] = reduced.map(({ lead }) => lead)
    const verdicts = await write([sent!, ...more], looked.left, context)
    return verdicts.map((verdict, at) => withLeftOut(verdict, reduced[at]!.leftOut))
  }

  /** Makes a call that only reads. Resolves with its answer, and the time that is left for the call that follows. */
  async function read(request: RestRequest, { step }: DeliveryContext) {
    let left = timeout
    const answer = await step((ms) => {
      left -= ms
      return call(request, ms)
    })
    return { answer, left }
  }

  /** Reads which values Marketo has of the people whom the leads are about. */
  async function lookUp(leads: readonly [Lead, ...Lead[]], names: readonly string[], context: DeliveryContext) {
    const request = knownRequest(leads, names)
    if (!request) return { people: [], left: timeout }
    const { answer, left } = await read(request, context)
    const people = answer?.kind === 'done' ? readKnown(leads, answer) : undefined
    return people ? { people, left } : { failed: notRead(answer, leads) }
  }

  /** Returns the verdicts on leads that were not sent, because it is not known which values Marketo has. */
  function notRead(answer: CallResult | undefined, leads: readonly Lead[]): Verdict[] {
    if (answer?.kind === 'done') return leads.map(() => ({ ...UNCLEAR }))
    if (answer?.kind === 'error' && answer.error.code === FORBIDDEN) {
      return leads.map(() => unreadVerdict(answer, NOT_READ, 'Read-Only Lead', host))
    }
    const verdicts = answer && syncVerdicts(answer, leads, host)
    return leads.map((lead, at) => notReadVerdict(verdicts?.[at], lead))
  }

  /** Writes the leads, each as it is, in one call of at most this time. */
  async function write(leads: readonly [Lead, ...Lead[]], left: number, context: DeliveryContext): Promise<Verdict[]> {
    const body = writeBody(leads)
    if (body === undefined) return leads.map(() => tooLarge(leads.length))
    const outcome = await call({ method: 'POST', path: SYNC_PATH, body }, left)
    const verdicts = syncVerdicts(outcome, leads, host)
    for (const [at, lead] of leads.entries()) {
      if (lead.duplicates === 'newest' && isAmbiguous(outcome, at))
        verdicts[at] = await updateNewest(lead, verdicts[at]!, context)
    }
    return verdicts
  }

  /** Updates the person, of several with the lead's address, that was updated last. */
  async function updateNewest(lead: Lead, ambiguous: Verdict, { step }: DeliveryContext): Promise<Verdict> {
    const found = await step((ms) => call(findPeople('email', [lead.email], ['updatedAt']), ms))
    if (found?.kind !== 'done') return unreadVerdict(found, NEWEST, 'Read-Only Lead', host)
    const id = leadIdIn(peopleIn(found.result)[0]?.id)
    if (id === undefined) return ambiguous
    const outcome = await step((ms) => call({ method: 'POST', path: SYNC_PATH, body: writeUpdate(lead, id) }, ms))
    return outcome ? syncVerdicts(outcome, [lead], host)[0]! : unreadVerdict(outcome, NEWEST, '', host)
  }

  /**
   * Fills out a Marketo form once. Where an answer was lost, the lead's receipt tells whether that has been done. The same
   * call reads which values Marketo has.
   */
  async function submit(whole: Lead, form: number, context: DeliveryContext): Promise<Verdict> {
    const { id, email, receipt } = whole
    const { unanswered, step } = context
    const mark = unanswered > 0 ? receipt : undefined
    const names = [...(mark === undefined ? [] : [mark]), ...whenEmptyIn(whole)]
    let left = timeout
    let people: Json[] = []
    if (names.length > 0) {
      const found = await read(findPeople('email', [email], names), context)
      left = found.left
      const { answer } = found
      if (answer?.kind !== 'done') {
        return mark === undefined
          ? notRead(answer, [whole])[0]!
          : unreadVerdict(answer, 'whether the lead has arrived', 'Read-Only Lead', host)
      }
      people = peopleIn(answer.result)
    }
    const leadId = mark && leadIdIn(people.find((person) => person[mark] === id)?.id)
    if (leadId) return { kind: 'delivered', leadId }
    const { lead, leftOut } = leaveOutKnown(whole, people.map(Object.entries))
    const body = writeSubmission(lead)
    const outcome = await call({ method: 'POST', path: '/rest/v1/leads/submitForm.json', body }, left)
    if (refusalIn(outcome) !== 'silent') return withLeftOut(submitVerdict(outcome, lead, host), leftOut)
    const kept = known.get(form)
    const path = formFieldsPath(form)
    const of = kept && config.now() < kept.endsAt ? kept.read : await step((ms) => call({ method: 'GET', path }, ms))
    if (of?.kind !== 'done') return unreadVerdict(of, `why form ${form} skipped the lead`, 'Read-Only Asset', host)
    if (of !== kept?.read) known.set(form, { read: of, endsAt: config.now() + FIELDS_KNOWN_MS })
    return lackingVerdict(outcome, of.result, lead, host)
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
