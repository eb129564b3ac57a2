/** Leads and times for the tests of the outbox. Nothing here reads a clock. */
import type { Lead } from '../../../relay/lead.ts'
import type { Job, Outbox, Outcome, Settlement } from '../../../relay/outbox/outbox.ts'

/** 14 November 2023, 22:13:20 UTC. */
export const T = 1_700_000_000_000

export const SECOND = 1_000

/** A lease that outlasts any test. */
export const LATER = T + 1_000 * SECOND

/** A lead of a person of its own, unless `over` says whose. */
export function lead(id: string, over: Partial<Lead> = {}): Lead {
  const email = `${id}@example.com`
  return {
    id,
    form: 'contact',
    person: email,
    email,
    attributes: [{ name: 'FirstName', value: 'George' }],
    acceptedAt: T,
    notes: [],
    ...over,
  }
}

/** Leads of one person, in this order. */
export function ofOnePerson(...ids: string[]): Lead[] {
  return ids.map((id) => lead(id, { person: 'one@example.com' }))
}

export function ids(jobs: readonly Job[]): string[] {
  return jobs.map((job) => job.lead.id)
}

/** Adds leads due at `T`, one after the other. */
export async function addAll(outbox: Outbox, ...leads: Lead[]): Promise<void> {
  for (const each of leads) await outbox.add([each], T)
}

/** Claims one job at `now` until `until`; fails where there is none. */
export async function claimOne(outbox: Outbox, now = T, until = LATER): Promise<Job> {
  const [job] = await outbox.claim(now, until, 1)
  if (!job) throw new Error(`no job was handed out at T + ${now - T}`)
  return job
}

/** What this attempt came to. */
export function settlement(job: Job, outcome: Outcome): Settlement {
  return { id: job.lead.id, attempt: job.attempt, ...outcome }
}
