/**
 * Moves jobs that are replayed to another account in another database, where no transaction covers both.
 *
 * The other account stores the job first, and it is removed here once that is durable. A crash between the two leaves the
 * job in both, parked or held here: the same replay again finds it stored there, by its id and its content, and removes it.
 */
import type { Lead } from '../intake/lead.ts'
import type { LeadEdit } from './edit.ts'
import type { JobRow } from './job-row.ts'
import type { MoveJob } from './move-job.ts'
import type { Replayed } from './outbox.ts'

/** A job on its way to another account. It is plain data, so that it can be sent to another process. */
export interface MovedJob extends Pick<JobRow, 'attempts' | 'history' | 'reason'> {
  /** Its id in the account that it leaves. */
  id: string
  /** Name of the account that gets it. */
  account: string
  /** The lead as the other account sends it, with all notes of the job. */
  lead: Lead
}

/** The part of an outbox by which jobs leave for another database and arrive from one. */
export interface JobMoves {
  /** Returns those of the jobs that a replay with this edit moves and that may go. It changes nothing. */
  departing(ids: readonly string[], edit: LeadEdit, moveJob: MoveJob, now: number): Promise<MovedJob[]>
  /** Stores jobs of another account, which wait from now on. One that is known by id and content changes nothing. */
  receive(jobs: readonly MovedJob[], now: number): Promise<void>
  /** Removes held and parked jobs that another account has stored. */
  release(ids: readonly string[]): Promise<void>
}

/** How jobs get to other accounts. */
export interface Moving {
  moveJob: MoveJob
  /** Lets an account receive jobs. Resolves once they are durable there. */
  send: (account: string, jobs: MovedJob[]) => Promise<void>
}

/**
 * Moves the jobs of a replay whose form has another account today. No other replay of the outbox may run meanwhile.
 *
 * @param results those of the outbox's own replay, which has moved none
 * @returns the results with those of the moved jobs
 */
export async function moveReplayed(
  results: readonly Replayed[],
  outbox: JobMoves,
  { moveJob, send }: Moving,
  edit: LeadEdit,
  now: number,
): Promise<Replayed[]> {
  const elsewhere = results.filter(({ result }) => result === 'other-account').map(({ id }) => id)
  const jobs = await outbox.departing(elsewhere, edit, moveJob, now)
  for (const [account, own] of Map.groupBy(jobs, (job) => job.account)) {
    await send(account, own)
    await outbox.release(own.map(({ id }) => id))
  }
  const moved = new Set(jobs.map(({ id }) => id))
  return results.map((result) => (moved.has(result.id) ? { id: result.id, result: 'replayed' } : result))
}
