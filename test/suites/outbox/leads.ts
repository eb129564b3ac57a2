/** Leads and times for the tests of the outbox. Nothing here reads a clock. */
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Batch, Job, Outbox, Outcome, OutboxStatus, Settlement } from '../../../relay/outbox/outbox.ts'

/** 14 November 2023, 22:13:20 UTC. */
export const T = 1_700_000_000_000

export const SECOND = 1_000

/** A lease that outlasts any test. */
export const LATER = T + 1_000 * SECOND

/** Limits that nothing in a test comes near, and a call for each lead. */
export const WIDE: Limits = {
  callsPer20s: 1_000_000,
  concurrency: 1_000_000,
  callsPerDay: 1_000_000_000,
  leadsPerCall: 1,
  timeout: 90_000,
}

/** Limits that nothing comes near but a call's 300 leads. */
export const ROOMY: Limits = { ...WIDE, leadsPerCall: 300 }

/** An outbox as it looks where each call carries one lead: job by job. */
export interface OneByOne extends Omit<Outbox, 'claim' | 'settle' | 'nextDueAt' | 'status'> {
  claim(now: number, until: number, most: number): Promise<Job[]>
  settle(settlements: readonly Settlement[], now: number): Promise<void>
  nextDueAt(now?: number): Promise<number | undefined>
  /** But for the day's calls. */
  status(): Promise<Omit<OutboxStatus, 'day'>>
}

/**
 * Looks at an outbox job by job.
 *
 * @param calls the call of each attempt, kept where one outbox goes on with what another has handed out
 */
export function oneByOne(outbox: Outbox, calls = new Map<string, number>()): OneByOne {
  const nameOf = (id: string, attempt: number) => `${attempt} ${id}`
  return {
    ...outbox,
    async claim(now, until, most) {
      const claimed = await outbox.claim(now, until, most)
      return claimed.map((call) => {
        const [job, more] = jobsOf(call)
        if (!job || more) throw new Error('a call of one lead was expected')
        calls.set(nameOf(job.lead.id, job.attempt), call.id)
        return job
      })
    },
    async settle(settlements, now) {
      const byCall = Map.groupBy(settlements, ({ id, attempt }) => calls.get(nameOf(id, attempt)) ?? 0)
      if (byCall.size === 0) return outbox.settle(0, [], now)
      for (const [call, group] of byCall) await outbox.settle(call, group, now)
    },
    nextDueAt: (now = T) => outbox.nextDueAt(now),
    async status() {
      const { day: _, ...status } = await outbox.status(T)
      return status
    },
  }
}

/** The jobs of a call, turn by turn. */
export function jobsOf({ turns }: Batch): Job[] {
  return turns.flat()
}

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
export async function addAll(outbox: Pick<Outbox, 'add'>, ...leads: Lead[]): Promise<void> {
  for (const each of leads) await outbox.add([each], T)
}

/** Claims one job at `now` until `until`; fails where there is none. */
export async function claimOne(outbox: Pick<OneByOne, 'claim'>, now = T, until = LATER): Promise<Job> {
  const [job] = await outbox.claim(now, until, 1)
  if (!job) throw new Error(`no job was handed out at T + ${now - T}`)
  return job
}

/** Claims one call at `now` until `until`; fails where there is none. */
export async function claimCall(outbox: Pick<Outbox, 'claim'>, now = T, until = LATER): Promise<Batch> {
  const [call] = await outbox.claim(now, until, 1)
  if (!call) throw new Error(`no call was handed out at T + ${now - T}`)
  return call
}

/** The ids in these calls, turn by turn. */
export function shapes(calls: readonly Batch[]): string[][][] {
  return calls.map(({ turns }) => turns.map(ids))
}

/** What this attempt came to. */
export function settlement(job: Job, outcome: Outcome): Settlement {
  return { id: job.lead.id, attempt: job.attempt, ...outcome }
}

/** Settles all jobs of a call, or those of these ids, with one outcome. */
export async function settleCall(
  outbox: Pick<Outbox, 'settle'>,
  call: Batch,
  outcome: Outcome,
  now = T,
  only: readonly string[] = ids(jobsOf(call)),
): Promise<void> {
  const jobs = jobsOf(call).filter(({ lead: { id } }) => only.includes(id))
  await outbox.settle(
    call.id,
    jobs.map((job) => settlement(job, outcome)),
    now,
  )
}
