/**
 * Which waiting leads may go together, and what a job is when it goes. Pure rules, for every store the same.
 *
 * Leads of one person may be merged where that loses nothing: the same cookie and the same workspace. Leads of several
 * people may share a call where they need nothing that a call has once: no cookie, no workspace.
 */
import type { Lead } from '../intake/lead.ts'
import type { Tries } from './outbox.ts'

/** Characters of leads that one call carries at the most: a gateway before Marketo may take no more than a megabyte. */
const CALL_SIZE = 500_000

/** True when it may share a call with leads of other people. */
export function isBatchable(lead: Lead): boolean {
  return lead.cookie === undefined && lead.workspace === undefined
}

/** True when `next` may be merged into the turn that `first` leads. */
export function mergeable(first: Lead, next: Lead): boolean {
  return first.cookie === next.cookie && first.workspace === next.workspace
}

/** How full a call is, and how full it may become. */
export interface Load {
  leads: number
  size: number
  most: number
}

/** An empty call. */
export function emptyLoad(leadsPerCall: number): Load {
  return { leads: 0, size: 0, most: leadsPerCall }
}

/**
 * The call with one more lead in it; undefined where there is no room. An empty call has room for any.
 *
 * @param size the lead's characters
 * @param share in calls of how many leads it may go
 */
export function loaded(load: Load, size: number, share: number | null): Load | undefined {
  const next = {
    leads: load.leads + 1,
    size: load.size + size,
    most: Math.min(load.most, share ?? load.most),
  }
  return load.leads === 0 || (next.leads <= next.most && next.size <= CALL_SIZE) ? next : undefined
}

/** The lead as it travels: without those attributes. */
export function without(lead: Lead, ...names: readonly (readonly string[])[]): Lead {
  const left = new Set(names.flat())
  return left.size === 0 ? lead : { ...lead, attributes: lead.attributes.filter(({ name }) => !left.has(name)) }
}

/** What of the lead did not travel: the attributes that were refused, and who they are of. */
export function refusedPart(lead: Lead, refused: readonly string[]): Lead {
  const left = { ...lead, attributes: lead.attributes.filter(({ name }) => refused.includes(name)) }
  delete left.cookie
  return left
}

/** The history with one more attempt. */
export function withAttempt(history: readonly Tries[], reason: string, now: number): Tries[] {
  const last = history.at(-1)
  return last?.reason === reason
    ? [...history.slice(0, -1), { ...last, times: last.times + 1, last: now }]
    : [...history, { reason, times: 1, first: now, last: now }]
}

/** Names, each once, in the order they came. */
export function union(names: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...names, ...more])]
}
