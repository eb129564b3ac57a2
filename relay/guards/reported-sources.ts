/**
 * The leads of each network in the last hour, where several processes accept leads and one place counts them: each process
 * counts its own, reports them from time to time, and learns which networks have their maximum.
 */
import { createSourceCount, type SourceCount } from './source-count.ts'

/** Number of leads that a network has sent. */
export interface SentLeads {
  network: string
  leads: number
}

export interface ReportedSources extends Pick<SourceCount, 'add' | 'remove'> {
  /** Returns the leads that were counted since the last report, by network. */
  take(): SentLeads[]
  /** Notes the networks that have their maximum. */
  learn(full: readonly string[]): void
}

/** @param now returns epoch milliseconds */
export function createReportedSources(maxLeads: number, now: () => number): ReportedSources {
  const own = createSourceCount(maxLeads, now)
  let unreported = new Map<string, number>()
  let full: ReadonlySet<string> = new Set()
  const count = (network: string, by: number) => unreported.set(network, (unreported.get(network) ?? 0) + by)
  return {
    add(network) {
      if (full.has(network) || !own.add(network)) return false
      count(network, 1)
      return true
    },
    remove(network) {
      own.remove(network)
      count(network, -1)
    },
    take() {
      const taken = Array.from(unreported, ([network, leads]) => ({ network, leads })).filter(({ leads }) => leads > 0)
      unreported = new Map()
      return taken
    },
    learn: (networks) => void (full = new Set(networks)),
  }
}
