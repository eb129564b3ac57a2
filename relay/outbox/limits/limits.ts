/** What one relay takes of Marketo's limits. Source: Adobe's page of integration best practices. */

/** Of what Marketo allows to all integrations together, the share that one may take. */
export interface Limits {
  /** Calls that may start in any 20 seconds. */
  callsPer20s: number
  /** Calls that may be under way together. */
  concurrency: number
  /** Calls from midnight to midnight, US Central. */
  callsPerDay: number
  /** Leads that one call may carry; 1 makes a call of each lead, and none is merged with another. */
  leadsPerCall: number
  /** Milliseconds that one call may take, reply and all. */
  timeout: number
}

/**
 * What Adobe recommends for one integration: half of 100 calls in 20 seconds, half of ten at once. Of the day's 10,000
 * it recommends no share; half is ours. A call takes 300 leads at most, and some syncLeads have been seen to take 90 s.
 */
export const LIMITS: Limits = {
  callsPer20s: 50,
  concurrency: 5,
  callsPerDay: 5_000,
  leadsPerCall: 300,
  timeout: 90_000,
}

/**
 * How long a call that is not settled counts as under way, in milliseconds. Longer than it can take, so that a lead is in
 * two hands only if the first has died, and Marketo has done with what the first one sent.
 */
export function leaseOf({ timeout }: Pick<Limits, 'timeout'>): number {
  return Math.ceil((timeout * 11) / 10) + 1_000
}

/** What each of several outboxes may use that share the limits and know nothing of each other. */
export function partOf(limits: Limits, parts: number): Limits {
  const part = (all: number) => Math.max(1, Math.floor(all / parts))
  return {
    ...limits,
    callsPer20s: part(limits.callsPer20s),
    concurrency: part(limits.concurrency),
    callsPerDay: part(limits.callsPerDay),
  }
}
