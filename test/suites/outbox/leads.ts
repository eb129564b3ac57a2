/** Leads and times for the tests of the outbox. It reads no clock. */
import type { Lead, LeadId, OrderingKey } from '../../../relay/intake/lead.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Batch, Job, Outbox, Outcome, OutboxStatus, Settlement } from '../../../relay/outbox/outbox.ts'

/** 14 November 2023, 22:13:20 UTC. */
export const T = 1_700_000_000_000

export const SECOND = 1_000

/** End of a lease that outlasts any test. */
export const LATER = T + 1_000 * SECOND

/** Limits that no test reaches, with each lead in a batch of its own. */
export const WIDE: Limits = {
  callsPer20s: 1_000_000,
  concurrency: 1_000_000,
  callsPerDay: 1_000_000_000,
  leadsPerCall: 1,
  timeout: 90_000,
}

/** Limits that no test reaches but the 300 leads of a batch. */
export const WIDE_BATCHES: Limits = { ...WIDE, leadsPerCall: 300 }

/** An outbox whose batches have one lead each, seen job by job. */
export interface OneByOne extends Omit<Outbox, 'claim' | 'settle' | 'nextDueAt' | 'status'> {
  claim(now: number, leaseExpiresAt: number, max: number): Promise<Job[]>
  settle(settlements: readonly Settlement[], now: number): Promise<void>
  nextDueAt(now?: number): Promise<number | undefined>
  /** Returns the status, without the calls of the day. */
  status(): Promise<Omit<OutboxStatus, 'day'>>
}

/**
 * Wraps an outbox so that it is seen job by job.
 *
 * @param batches the batch of each attempt, kept where one outbox goes on with what another one has leased
 */
export function oneByOne(outbox: Outbox, batches = new Map<string, number>()): OneByOne {
  const nameOf = (id: string, attempt: number) => `${attempt} ${id}`
  return {
    ...outbox,
    async claim(now, leaseExpiresAt, max) {
      const claimed = await outbox.claim(now, leaseExpiresAt, max)
      return claimed.map(({ id, jobs: [job, more] }) => {
        if (!job || more) throw new Error('a batch of one lead was expected')
        batches.set(nameOf(job.lead.id, job.attempt), id)
        return job
      })
    },
    async settle(settlements, now) {
      const byBatch = Map.groupBy(settlements, ({ id, attempt }) => batches.get(nameOf(id, attempt)) ?? 0)
      if (byBatch.size === 0) return outbox.settle(0, [], now)
      for (const [batch, group] of byBatch) await outbox.settle(batch, group, now)
    },
    nextDueAt: (now = T) => outbox.nextDueAt(now),
    async status() {
      const { day: _, ...status } = await outbox.status(T)
      return status
    },
  }
}

/** Parts of a lead, with any text for the person. */
export type LeadParts = Partial<Omit<Lead, 'id' | 'person'>> & { person?: string }

/** Creates a lead of a person of its own, unless `over` names the person. Any text serves as its id. */
export function lead(id: string, { person, ...over }: LeadParts = {}): Lead {
  const email = over.email ?? `${id}@example.com`
  return {
    id: id as LeadId,
    form: 'contact',
    person: (person ?? email) as OrderingKey,
    email,
    attributes: [{ name: 'FirstName', value: 'George' }],
    acceptedAt: T,
    notes: [],
    ...over,
  }
}

/** Creates leads of one person, in this order. */
export function ofOnePerson(...ids: string[]): Lead[] {
  return ids.map((id) => lead(id, { person: 'one@example.com' }))
}

export function ids(jobs: readonly Job[]): string[] {
  return jobs.map((job) => job.lead.id)
}

/** Adds leads that are due at `T`, one after the other. */
export async function addAll(outbox: Pick<Outbox, 'add'>, ...leads: Lead[]): Promise<void> {
  for (const each of leads) await outbox.add([each], T)
}

/** Claims one job; fails when there is none. */
export async function claimOne(outbox: Pick<OneByOne, 'claim'>, now = T, leaseExpiresAt = LATER): Promise<Job> {
  const [job] = await outbox.claim(now, leaseExpiresAt, 1)
  if (!job) throw new Error(`no job was leased at T + ${now - T}`)
  return job
}

/** Claims one batch; fails when there is none. */
export async function claimBatch(outbox: Pick<Outbox, 'claim'>, now = T, leaseExpiresAt = LATER): Promise<Batch> {
  const [batch] = await outbox.claim(now, leaseExpiresAt, 1)
  if (!batch) throw new Error(`no batch was leased at T + ${now - T}`)
  return batch
}

/** Returns the ids in these batches. */
export function idsOf(batches: readonly Batch[]): string[][] {
  return batches.map(({ jobs }) => ids(jobs))
}

/** What a settlement says of an attempt. */
export type AttemptEnd = Pick<Settlement, 'lost' | 'unanswered'> & Outcome

/** Returns the settlement of an attempt. */
export function settlement(job: Job, outcome: AttemptEnd): Settlement {
  return { id: job.lead.id, attempt: job.attempt, ...outcome }
}

/** Settles all jobs of a batch, or those of these ids, with one outcome. */
export async function settleBatch(
  outbox: Pick<Outbox, 'settle'>,
  batch: Batch,
  outcome: AttemptEnd,
  now = T,
  only: readonly string[] = ids(batch.jobs),
): Promise<void> {
  const jobs = batch.jobs.filter(({ lead: { id } }) => only.includes(id))
  await outbox.settle(
    batch.id,
    jobs.map((job) => settlement(job, outcome)),
    now,
  )
}

/** Leases the next batch and settles all of its jobs with one outcome. Returns the leads as they were leased. */
export async function settleNext(outbox: Pick<Outbox, 'claim' | 'settle'>, outcome: Outcome, now = T): Promise<Lead[]> {
  const batch = await claimBatch(outbox, now, now + 100 * SECOND)
  await settleBatch(outbox, batch, outcome, now)
  return batch.jobs.map((job) => job.lead)
}

/** Adds leads and parks each of them at its time. */
export async function park(outbox: Outbox, ...leads: [lead: Lead, at?: number][]): Promise<void> {
  for (const [each, at = T] of leads) {
    await outbox.add([each], T)
    await settleNext(outbox, { kind: 'parked', reason: 'no such attribute' }, at)
  }
}

/** Converts values to the attributes of a lead. */
export function attributesOf(values: Readonly<Record<string, string>>): Pick<Lead, 'attributes'> {
  return { attributes: Object.entries(values).map(([name, value]) => ({ name, value })) }
}

/** Returns the values of a lead's attributes by name. */
export function valuesOf({ attributes }: Pick<Lead, 'attributes'>): Record<string, string> {
  return Object.fromEntries(attributes.map(({ name, value }) => [name, value]))
}
