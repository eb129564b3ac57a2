/**
 * Exports leads that are not delivered, with their personal data: for a program that cannot read the outbox.
 *
 * It changes nothing. A lead that moves on while the export runs may be missing from it or be in it twice.
 */
import type { Lead } from '../intake/lead.ts'
import { iso } from '../monitoring/events.ts'
import { positionOf } from '../outbox/job-row.ts'
import type { JobRecord, ListedState, ListPosition, Outbox } from '../outbox/outbox.ts'

/** Jobs that are read at once. */
const PAGE_JOBS = 200

/** Undelivered lead as it is exported. Times are ISO 8601. */
export interface ExportedLead extends Omit<Lead, 'acceptedAt' | 'attributes' | 'person' | 'hold'> {
  state: ListedState
  /** Name of the account, where it has one. */
  account?: string
  acceptedAt: string
  attempts: number
  /** Values by attribute name. */
  attributes: Record<string, string>
  /** Reason of the last failure, or of the hold. */
  reason?: string
  rejectedAttributes: string[]
  staleAttributes: string[]
}

/** A page of exported leads of one state. */
interface ExportPage {
  leads: ExportedLead[]
  /** Position after which the next page begins, if there is one. */
  next?: ListPosition
}

/** Returns the leads of one state after a position. */
export async function exportPage(
  outbox: Pick<Outbox, 'list'>,
  state: ListedState,
  limit: number,
  after: ListPosition | undefined,
): Promise<ExportPage> {
  const jobs = await outbox.list(state, limit, after)
  const last = jobs.length === limit ? jobs.at(-1) : undefined
  return {
    leads: jobs.flatMap((job) => (job.lead ? [exported(job, job.lead, state)] : [])),
    ...(last && { next: positionOf(last, state) }),
  }
}

/** Yields the leads of these states, in the order of the states and then of the outbox's list. */
export async function* exportLeads(
  outbox: Pick<Outbox, 'list'>,
  states: readonly ListedState[],
): AsyncGenerator<ExportedLead> {
  for (const state of states) {
    let after: ListPosition | undefined
    do {
      const page: ExportPage = await exportPage(outbox, state, PAGE_JOBS, after)
      yield* page.leads
      after = page.next
    } while (after)
  }
}

function exported(job: JobRecord, lead: Lead, state: ListedState): ExportedLead {
  const { person: _, hold, attributes, ...rest } = lead
  return {
    ...rest,
    state,
    ...(job.account !== undefined && { account: job.account }),
    acceptedAt: iso(lead.acceptedAt),
    attempts: job.attempts,
    attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
    ...((job.reason ?? hold) !== undefined && { reason: job.reason ?? hold }),
    rejectedAttributes: job.rejectedAttributes,
    staleAttributes: job.staleAttributes,
  }
}
