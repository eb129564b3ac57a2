/**
 * What a Durable Object counts for all Workers, as a module that it loads when one of them asks: the waiting leads of each form,
 * and in the first object the leads of each network and the posts behind the issues `turned-away` and `withheld`, and
 * what is full. An object that
 * is evicted begins anew with these; it is evicted only while no Worker asks.
 */
import { createSourceCount } from '../../guards/source-count.ts'
import { createFindings } from '../../monitoring/findings.ts'
import { createRecentlyFull, fullIssue } from '../../monitoring/full.ts'
import type { HealthIssue } from '../../monitoring/health.ts'
import { createRefusals } from '../../monitoring/refusals.ts'
import { countReport } from '../../monitoring/reported-posts.ts'
import type { Sql } from '../../outbox/sqlite/database.ts'
import type { Counted, WaitingCounts } from './bindings.ts'

/** Maximum number of networks that are counted in each part of the hour. */
const MAX_SOURCES = 50_000

export interface Counts {
  /** Counts what a Worker tells, and returns the networks that have their maximum. */
  add(counted: Counted): string[]
  /** Returns the issues of the posts of all Workers, and `full`. */
  issues(): HealthIssue[]
}

/** Creates the counts of an object. The Workers have logged the posts. */
export function createCounts({ maxLeads }: Pick<Counted, 'maxLeads'>): Counts {
  const sources = createSourceCount(maxLeads, Date.now, MAX_SOURCES)
  let forms: ReadonlySet<string> = new Set()
  const common = { now: Date.now, log: () => {} }
  const refusals = createRefusals({ isForm: (name) => forms.has(name), ...common })
  const findings = createFindings(common)
  const full = createRecentlyFull()
  return {
    add(counted) {
      for (const each of counted.full ?? []) full.add(each, Date.now())
      forms = new Set(counted.forms)
      for (const { network, leads } of counted.sent) for (let n = 0; n < leads; n += 1) sources.add(network)
      countReport(counted.posts, refusals, findings)
      return sources.full()
    },
    issues: () => [...fullIssue(full.list(Date.now())), ...refusals.issues(), ...findings.issues()],
  }
}

/** Returns the number of leads that wait, by form. */
export function readWaiting(sql: Sql): WaitingCounts['waiting'] {
  return sql.run<{ form: string; leads: number }>(
    'SELECT form, sum(waiting) AS leads FROM counter GROUP BY form HAVING sum(waiting) > 0',
  )
}
