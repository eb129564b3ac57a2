/** The health issue `full`: the relay turns leads away, because something is full. Pure. */
import type { HealthIssue } from './health.ts'

/** Something that is full. */
export interface Full {
  /** Name of what is full, which is the same each time. */
  what: string
  /** Number of leads that wait, or of connections that were refused. */
  count: number
  /** What is full, and what to do. */
  reason: string
}

/** Time for which something counts as full after it has refused a lead, in ms, so that an alert does not come and go. */
const FULL_MS = 60_000

/** What is full, or has been for a moment in the last minute. */
export interface RecentlyFull {
  /** @param at time of the refusal, in epoch ms */
  add(full: Full, at: number): void
  /** Lists what has refused a lead since `since`: in the last minute by default. */
  list(now: number, since?: number): Full[]
}

/** Creates the list. */
export function createRecentlyFull(): RecentlyFull {
  const refused = new Map<string, { full: Full; at: number }>()
  return {
    add: (full, at) => void refused.set(full.what, { full, at }),
    list(now, since = -Infinity) {
      for (const [what, { at }] of refused) if (now - at >= FULL_MS) refused.delete(what)
      return [...refused.values()].filter(({ at }) => at >= since).map(({ full }) => full)
    },
  }
}

/** Returns the issue, if anything is full. */
export function fullIssue(full: readonly Full[]): HealthIssue[] {
  if (full.length === 0) return []
  const count = Math.max(...full.map((each) => each.count))
  return [{ kind: 'full', count, reason: full.map(({ reason }) => reason).join('; ') }]
}
