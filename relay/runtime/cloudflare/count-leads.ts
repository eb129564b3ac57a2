/**
 * What a Durable Object counts for the bounds of waiting leads, as a module that it loads when a Worker asks: the waiting leads
 * of each form, and in the first object the leads of each network. An object that is evicted begins anew with the latter; it is
 * evicted only while no lead comes.
 */
import type { SentLeads } from '../../guards/reported-sources.ts'
import { createSourceCount, type SourceCount } from '../../guards/source-count.ts'
import type { Sql } from '../../outbox/sqlite/database.ts'
import type { WaitingCounts } from './bindings.ts'

/** Maximum number of networks that are counted in each part of the hour. */
const MAX_SOURCES = 50_000

/** The counters of the objects in this isolate, each with the maximum that it was created for. */
const counters = new WeakMap<Sql, { maxLeads: number; sources: SourceCount }>()

/** Counts leads that a Worker has accepted, and returns what its bounds need; see `LeadOutboxMethods`. */
export function countLeads(sql: Sql, sent: readonly SentLeads[], maxLeads: number): WaitingCounts {
  const known = counters.get(sql)
  const own =
    known?.maxLeads === maxLeads ? known : { maxLeads, sources: createSourceCount(maxLeads, Date.now, MAX_SOURCES) }
  counters.set(sql, own)
  for (const { network, leads } of sent) for (let n = 0; n < leads; n += 1) own.sources.add(network)
  const waiting = sql.run<{ form: string; leads: number }>(
    'SELECT form, sum(waiting) AS leads FROM counter GROUP BY form HAVING sum(waiting) > 0',
  )
  return { waiting, fullSources: own.sources.full() }
}
