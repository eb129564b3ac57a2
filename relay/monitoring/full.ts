/** The health issue `full`: the relay turns leads away, because something is full. Pure. */
import type { HealthIssue } from './health.ts'

/** Something that is full. */
export interface Full {
  /** Number of leads that wait, or of connections that were refused. */
  count: number
  /** What is full, and what to do. */
  reason: string
}

/** Returns the issue, if anything is full. */
export function fullIssue(full: readonly Full[]): HealthIssue[] {
  if (full.length === 0) return []
  const count = Math.max(...full.map((each) => each.count))
  return [{ kind: 'full', count, reason: full.map(({ reason }) => reason).join('; ') }]
}
