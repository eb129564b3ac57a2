/**
 * The operator's desk: parked leads looked at, and sent again as they are or mended. One desk for HTTP and for the
 * command on the relay's own machine; it knows neither.
 *
 * Values of a person's data leave it only where they are asked for by name.
 */
import type { Lead } from '../intake/lead.ts'
import { iso } from '../monitoring/events.ts'
import { editLead, type LeadEdit } from '../outbox/edit.ts'
import type { JobRecord, Outbox, Replayed, RepeatedAttempt } from '../outbox/outbox.ts'

/** So many leads at a time: a page of a list, or the leads that one order has sent again. It bounds what is held at once. */
export const MAX_PAGE = 200

export interface ParkedLeads {
  /** Parked leads, those that were parked first first. */
  list(query: ListQuery): Promise<ParkedPage>
  /** One parked lead; undefined where there is none of this id. */
  find(id: string, values: boolean): Promise<ParkedLead | undefined>
  /** Sends leads again, at the most `MOST`. Whoever wants all goes on with `next` until there is none. */
  replay(order: ReplayOrder): Promise<ReplayStep>
}

export interface ListQuery {
  /** At the most `MOST`. */
  limit: number
  /** Where the page before ended: its `next`. */
  after?: string
  /** With the values of the person's data. */
  values: boolean
}

export interface ParkedPage {
  /** All that are parked. */
  total: number
  parked: ParkedLead[]
  /** Where the next page begins, where there is one. */
  next?: string
}

/** A parked lead as an operator sees it. Times are ISO 8601. */
export interface ParkedLead {
  id: string
  form: string
  acceptedAt: string
  parkedAt: string
  attempts: number
  /** Why it was parked. */
  reason?: string
  /** Marketo's id of the person, where it was delivered but for `attributes`. */
  leadId?: number
  /** The unsuccessful attempts; those that came to the same in a row as one. */
  history: { reason: string; times: number; first: string; last: string }[]
  /** Names of its attributes. */
  attributes: string[]
  /** Those that Marketo refused. */
  rejectedAttributes: string[]
  /** Those that a later lead of the person has brought: they are not sent. */
  staleAttributes: string[]
  notes: string[]
  /** Where they were asked for. */
  values?: Values
}

interface Values extends Pick<Lead, 'email' | 'cookie' | 'workspace'> {
  attributes: Record<string, string>
}

/** Which leads are to go again, and how they are mended first. `dryRun` only says what would become of them. */
export type ReplayOrder = (ById | ByChoice) & LeadEdit & { dryRun?: boolean }

interface ById {
  /** At the most `MOST`. */
  ids: readonly string[]
}

interface ByChoice {
  all: true
  /** Only those of this form. */
  form?: string
  /** Only those with these words in their reason, in capitals or not. */
  reason?: string
  /** Where the step before ended: its `next`. */
  after?: string
}

export interface ReplayStep {
  /** Parked leads that were looked at. */
  seen: number
  /** What became of each that was chosen. In a dry run what would. */
  results: Replayed[]
  /** Where the next step begins, where not all were looked at. */
  next?: string
}

/** Makes the desk of this outbox. */
export function createParkedLeads(
  outbox: Pick<Outbox, 'find' | 'list' | 'replay' | 'status'>,
  now: () => number,
): ParkedLeads {
  /** The next jobs after a place. */
  async function read(limit: number, after: string | undefined) {
    const { parked: total } = await outbox.status(now())
    const place = after === undefined ? { left: total } : readPlace(after)
    if (!place) throw new RangeError('"after" takes what stood in "next", as it stood there')
    const jobs = await outbox.list(
      'parked',
      Math.min(limit, place.left),
      'id' in place ? { at: place.settledAt, id: place.id } : undefined,
    )
    const [last, left] = [jobs.at(-1), place.left - jobs.length]
    return { total, jobs, ...(last && left > 0 && { next: writePlace({ ...last, left }) }) }
  }

  return {
    async list({ limit, after, values }) {
      const { total, jobs, next } = await read(limit, after)
      return { total, parked: jobs.map((job) => viewOf(job, values)), ...(next !== undefined && { next }) }
    },

    async find(id, values) {
      const job = await outbox.find(id)
      return job?.state === 'parked' ? viewOf(job, values) : undefined
    },

    async replay(order) {
      const { drop = [], rename = {}, dryRun = false } = order
      const mending = { drop, rename }
      const foresee = (id: string, job: JobRecord | undefined) => wouldBe(id, job, mending)
      if ('ids' in order) {
        const ids = [...new Set(order.ids)]
        const results = dryRun
          ? await Promise.all(ids.map(async (id) => foresee(id, await outbox.find(id))))
          : await outbox.replay(ids, mending, now())
        return { seen: ids.length, results }
      }
      const { jobs, next } = await read(MAX_PAGE, order.after)
      const chosen = jobs.filter((job) => isChosen(job, order))
      const results = dryRun
        ? chosen.map((job) => foresee(job.id, job))
        : await outbox.replay(
            chosen.map(({ id }) => id),
            mending,
            now(),
          )
      return { seen: jobs.length, results, ...(next !== undefined && { next }) }
    },
  }
}

function isChosen(job: JobRecord, { form = job.form, reason = '' }: ByChoice): boolean {
  return job.form === form && (reasonOf(job) ?? '').toLowerCase().includes(reason.toLowerCase())
}

function wouldBe(id: string, job: JobRecord | undefined, mending: LeadEdit): Replayed {
  if (!job) return { id, result: 'unknown' }
  if (job.state !== 'parked' || !job.lead) return { id, result: 'not-parked' }
  const mended = editLead(job.lead, mending)
  return 'taken' in mended ? { id, result: 'name-taken', name: mended.taken } : { id, result: 'replayed' }
}

/** Why it is parked. One that was delivered but for what Marketo refused is parked for that, whatever it met after. */
function reasonOf({ reason, leadId, rejectedAttributes, history }: JobRecord): string | undefined {
  if (leadId === undefined) return reason
  return history.findLast((tries) => rejectedAttributes.some((name) => tries.reason.includes(name)))?.reason ?? reason
}

function viewOf(job: JobRecord, withValues: boolean): ParkedLead {
  const {
    id,
    form,
    attempts,
    acceptedAt,
    settledAt = acceptedAt,
    leadId,
    rejectedAttributes,
    staleAttributes,
    notes,
    lead,
  } = job
  const reason = reasonOf(job)
  return {
    id,
    form,
    acceptedAt: iso(acceptedAt),
    parkedAt: iso(settledAt),
    attempts,
    ...(reason !== undefined && { reason }),
    ...(leadId !== undefined && { leadId }),
    history: job.history.map(viewOfTries),
    attributes: lead?.attributes.map(({ name }) => name) ?? [],
    rejectedAttributes,
    staleAttributes,
    notes,
    ...(withValues && lead && { values: valuesOf(lead) }),
  }
}

function viewOfTries({ reason, times, first, last }: RepeatedAttempt): ParkedLead['history'][number] {
  return { reason, times, first: iso(first), last: iso(last) }
}

function valuesOf({ email, cookie, workspace, attributes }: Lead): Values {
  return {
    email,
    ...(cookie !== undefined && { cookie }),
    ...(workspace !== undefined && { workspace }),
    attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
  }
}

/**
 * Where a reader of the list stands: after this job, with so many left of those that were parked when he began. What is
 * parked meanwhile comes after them all; a lead that is sent again and parked again so does not come by twice.
 */
interface Place {
  left: number
  settledAt: number
  id: string
}

function writePlace({ left, settledAt = 0, id }: Pick<JobRecord, 'id' | 'settledAt'> & { left: number }): string {
  return `${left}.${settledAt}.${id}`
}

/** Undefined for a text that no `next` has. */
export function readPlace(text: string): Place | undefined {
  const [, left, settledAt, id] = /^(\d{1,9})\.(\d{1,16})\.(.{1,200})$/.exec(text) ?? []
  return left && settledAt && id ? { left: Number(left), settledAt: Number(settledAt), id } : undefined
}
