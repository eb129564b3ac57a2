/**
 * The number of leads that each network has sent in the last hour, in memory alone. The number of networks is bounded: beyond
 * it further ones are not counted, and the limit for all leads holds.
 */

export interface SourceCount {
  /** Counts a lead of a network. Returns false, and counts nothing, if the network has its maximum. */
  add(network: string): boolean
  /** Returns whether a network has its maximum. */
  isFull(network: string): boolean
  /** Takes back a lead that was not stored after all. */
  remove(network: string): void
  /** Returns the networks that have their maximum. */
  full(): string[]
}

/** Time for which a lead counts, in ms, and its parts, after each of which the leads of one part are dropped. */
const HOUR_MS = 3_600_000
const PARTS = 12
const PART_MS = HOUR_MS / PARTS

/** Time until a network that has its maximum may send another lead, in seconds. */
export const SOURCE_RETRY_AFTER_S = PART_MS / 1_000

/** Maximum number of networks that are counted in each part of the hour. */
const MAX_SOURCES = 10_000

/** @param now returns epoch milliseconds */
export function createSourceCount(maxLeads: number, now: () => number, maxSources = MAX_SOURCES): SourceCount {
  let parts: { index: number; leads: Map<string, number> }[] = []

  /** Returns the leads of the present part, and drops those of an hour ago. */
  function current(): Map<string, number> {
    const index = Math.floor(now() / PART_MS)
    const last = parts.at(-1)
    if (last?.index === index) return last.leads
    const leads = new Map<string, number>()
    parts = [...parts.filter((part) => part.index > index - PARTS && part.index < index), { index, leads }]
    return leads
  }

  function isFull(network: string): boolean {
    current()
    return parts.reduce((sum, part) => sum + (part.leads.get(network) ?? 0), 0) >= maxLeads
  }

  return {
    isFull,
    add(network) {
      if (isFull(network)) return false
      const leads = current()
      const own = leads.get(network)
      if (own !== undefined || leads.size < maxSources) leads.set(network, (own ?? 0) + 1)
      return true
    },
    full() {
      current()
      const sent = new Map<string, number>()
      for (const { leads } of parts) {
        for (const [network, count] of leads) sent.set(network, (sent.get(network) ?? 0) + count)
      }
      return [...sent].flatMap(([network, count]) => (count >= maxLeads ? [network] : []))
    },
    remove(network) {
      const own = current().get(network)
      if (own !== undefined && own > 0) current().set(network, own - 1)
    },
  }
}
