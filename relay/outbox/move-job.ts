/**
 * Moves a job that is replayed to another account of the same database. Pure.
 *
 * The job loses what belongs to its old account: the cookie, and the names of attributes that later leads have sent there.
 */
import type { BatchKeys } from './batch-planner.ts'
import type { LeadEdit } from './edit.ts'
import { leadOf, parseNames, type JobRow } from './job-row.ts'

/** Returns the replayed job as the other account has it; undefined when it cannot go there. */
export type MoveJob = (job: JobRow, edit: LeadEdit, from: string, to: string) => JobRow | undefined

/** What a replay needs beside the jobs. */
export interface ReplayContext {
  batchKeys: BatchKeys
  moveJob: MoveJob | undefined
  edit: LeadEdit
  /** Digest of the cookie that the edit sets. */
  visitor: string | null
  now: number
  /** When a lease would expire that began now. */
  leaseEnd: number
}

/**
 * Returns what moves jobs between the accounts of a database.
 *
 * @param batchKeysOf returns the rules of an account for sharing calls; undefined when the database has no such account
 */
export function createMoveJob(batchKeysOf: (account: string) => BatchKeys | undefined): MoveJob {
  return (job, { cookie }, from, to) => {
    const batchKeys = batchKeysOf(to)
    // Of a lead that was delivered but for some attributes, the other account has nothing.
    if (!batchKeys || job.lead_id !== null) return undefined
    const { cookie: own, ...rest } = leadOf(job)
    const lead = cookie && own !== undefined ? { ...rest, cookie: own } : rest
    return {
      ...job,
      lead: JSON.stringify(lead),
      visitor_key: cookie ? job.visitor_key : null,
      batch_key: batchKeys.batchKey(lead),
      stale: '[]',
      notes: JSON.stringify([...parseNames(job.notes), `account changed: ${from} to ${to}`]),
    }
  }
}
