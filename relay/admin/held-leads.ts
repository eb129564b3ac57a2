/**
 * Lists held leads: the admin service behind HTTP and the commands. They are released by a replay, and discarded like other
 * undelivered leads.
 *
 * It knows neither HTTP nor the terminal. It returns personal data only when the caller asks for values.
 */
import { iso } from '../monitoring/events.ts'
import { positionOf } from '../outbox/job-row.ts'
import type { JobRecord, ListPosition, Outbox } from '../outbox/outbox.ts'
import { isSelected, type LeadSelector } from '../outbox/selection.ts'
import { valuesOf, type Values } from './lead-values.ts'

export interface HeldLeads {
  /** Returns a page of held leads, ordered by the time at which they were held. It may be empty, and have a next one. */
  list(query: HeldQuery): Promise<HeldPage>
}

export interface HeldQuery {
  /** Maximum number of leads that are examined. */
  limit: number
  selector: HeldSelector
  /** Cursor: the `next` of the previous page. */
  after?: string
  /** Includes the values of the attributes: personal data. */
  values: boolean
}

/** Names of the conditions, as `readSelector` reads them. */
export const HELD_SELECTOR_FIELDS = ['id', 'form', 'rule', 'from', 'until', 'domain'] as const

/** Conditions that a lead meets all of. The source of a lead is known to the store alone. */
export type HeldSelector = Omit<LeadSelector, 'state' | 'source'>

export interface HeldPage {
  /** Number of all held leads. */
  total: number
  held: HeldLead[]
  /** Cursor of the next page, if there may be more. */
  next?: string
}

/** Held lead as an operator sees it. Times are ISO 8601. */
export interface HeldLead {
  id: string
  form: string
  /** Name of the account, where it has one. */
  account?: string
  acceptedAt: string
  heldAt: string
  /** Reason of the hold. */
  reason?: string
  /** Names of the rules that have fired for the post. */
  rules: readonly string[]
  /** Names of the attributes that the lead has. */
  attributes: string[]
  notes: string[]
  /** Personal data, if the caller asked for it. */
  values?: Values
}

/** Creates the admin service of an outbox. */
export function createHeldLeads(outbox: Pick<Outbox, 'find' | 'list' | 'status'>, now: () => number): HeldLeads {
  return {
    async list({ limit, selector, after, values }) {
      const { held: total } = await outbox.status(now())
      const jobs = await jobsOf(outbox, limit, selector.id, after)
      const held = jobs.filter((job) => isSelected(job, selector)).map((job) => toHeldLead(job, values))
      const last = jobs.length === limit && selector.id === undefined ? jobs.at(-1) : undefined
      return { total, held, ...(last && { next: writeHeldCursor(positionOf(last, 'held')) }) }
    },
  }
}

async function jobsOf(
  outbox: Pick<Outbox, 'find' | 'list'>,
  limit: number,
  id: string | undefined,
  after: string | undefined,
): Promise<JobRecord[]> {
  if (id === undefined) return outbox.list('held', limit, after === undefined ? undefined : readHeldCursor(after))
  const job = await outbox.find(id)
  return job?.state === 'held' ? [job] : []
}

function toHeldLead(job: JobRecord, withValues: boolean): HeldLead {
  const { id, form, account, acceptedAt, settledAt = acceptedAt, reason, rules = [], notes, lead } = job
  return {
    id,
    form,
    ...(account !== undefined && { account }),
    acceptedAt: iso(acceptedAt),
    heldAt: iso(settledAt),
    ...(reason !== undefined && { reason }),
    rules,
    attributes: lead?.attributes.map(({ name }) => name) ?? [],
    notes,
    ...(withValues && lead && { values: valuesOf(lead) }),
  }
}

/** Returns the cursor of a position. */
export function writeHeldCursor({ at, id }: ListPosition): string {
  return `${at}.${id}`
}

/** Parses a cursor. Returns undefined if the text is not one. */
export function readHeldCursor(text: string): ListPosition | undefined {
  const [, at, id] = /^(\d{1,16})\.(.{1,200})$/.exec(text) ?? []
  return at && id ? { at: Number(at), id } : undefined
}
