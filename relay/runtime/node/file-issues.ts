/** The health issues of an outbox file and its log. It only describes them. */
import { iso } from '../../monitoring/events.ts'
import { secondsSince, type HealthIssue } from '../../monitoring/health.ts'
import type { KeptLog } from './log-emptier.ts'

/** Time for which a reader may keep the log before it is an issue, in ms. A backup of a large file takes minutes. */
const MAX_READER_MS = 60 * 60_000

/** Size of a kept log that is an issue at once, in bytes. */
const MAX_KEPT_BYTES = 256 * 1024 ** 2

/** Lists the issues of the outbox file at `path`. `now` is in epoch milliseconds. */
export function fileIssues(path: string, kept: KeptLog | undefined, now: number): HealthIssue[] {
  if (!kept || (now - kept.since < MAX_READER_MS && kept.bytes < MAX_KEPT_BYTES)) return []
  const reason = `another process has read ${path} since ${iso(kept.since)} or earlier, so its log cannot be emptied: it grows, and keeps wiped data. End that process, such as a backup, a replication or an open sqlite3`
  return [
    {
      kind: 'reader',
      count: Math.ceil(kept.bytes / 1024 ** 2),
      ageSeconds: secondsSince(kept.since, now),
      reason,
    },
  ]
}
