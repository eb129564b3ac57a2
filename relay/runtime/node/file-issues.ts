/** The health issues of an outbox file, its log and the files beside it. It only describes them. */
import { iso } from '../../monitoring/events.ts'
import { secondsSince, type HealthIssue } from '../../monitoring/health.ts'
import type { KeptLog } from './log-emptier.ts'
import type { QuarantinedLeads } from './quarantined-leads.ts'

/** Time for which a reader may keep the log before it is an issue, in ms. A backup of a large file takes minutes. */
const MAX_READER_MS = 60 * 60_000

/** Size of a kept log that is an issue at once, in bytes. */
const MAX_KEPT_BYTES = 256 * 1024 ** 2

export interface FileState {
  quarantined: readonly QuarantinedLeads[]
  /** Reports of missing leads. */
  missing: readonly { file: string; leads: number }[]
  /** The log, if it could not be emptied. */
  kept: KeptLog | undefined
}

/** Lists the issues of the outbox file at `path`. `now` is in epoch milliseconds. */
export function fileIssues(path: string, { quarantined, missing, kept }: FileState, now: number): HealthIssue[] {
  const found = [quarantinedIssue(quarantined), missingIssue(path, missing), readerIssue(path, kept, now)]
  return found.filter((issue) => issue !== undefined)
}

function quarantinedIssue(quarantined: readonly QuarantinedLeads[]): HealthIssue | undefined {
  if (quarantined.length === 0) return undefined
  const files = quarantined.map(({ file, leads, isPartial }) => {
    if (leads === undefined) return `${file} (an unknown number of leads)`
    return `${file} (${isPartial ? 'at least ' : ''}${leads} ${leads === 1 ? 'lead' : 'leads'})`
  })
  return {
    kind: 'quarantined',
    count: sum(quarantined),
    reason: `these leads are not sent: ${files.join(', ')}. Recover them as docs/deploy.md, "A damaged outbox", describes, and move each file to another folder`,
  }
}

function missingIssue(path: string, missing: FileState['missing']): HealthIssue | undefined {
  if (missing.length === 0) return undefined
  return {
    kind: 'missing',
    count: sum(missing),
    reason: `accepted leads are no longer in ${path}: its log was deleted, or an older copy was put in its place. If you have a newer copy of the file with its log, stop the relay and put both in place. Then delete ${missing.map(({ file }) => file).join(', ')}`,
  }
}

function readerIssue(path: string, kept: KeptLog | undefined, now: number): HealthIssue | undefined {
  if (!kept || (now - kept.since < MAX_READER_MS && kept.bytes < MAX_KEPT_BYTES)) return undefined
  return {
    kind: 'reader',
    count: Math.ceil(kept.bytes / 1024 ** 2),
    ageSeconds: secondsSince(kept.since, now),
    reason: `another process has read ${path} since ${iso(kept.since)} or earlier, so its log cannot be emptied: it grows, and keeps wiped data. End that process, such as a backup, a replication or an open sqlite3`,
  }
}

function sum(files: readonly { leads?: number }[]): number {
  return files.reduce((total, { leads = 0 }) => total + leads, 0)
}
