/** The part of Marketo's API limits that one account takes. Source: Adobe's page of integration best practices. */

/** Part of the limits that all integrations of an account share. */
export interface Limits {
  /** Calls that may start in any 20 seconds. */
  callsPer20s: number
  /** Calls that may be under way at once. */
  concurrency: number
  /** Calls of a day, from midnight to midnight in US Central time. */
  callsPerDay: number
  /**
   * Share of the day's calls that leads with weak evidence may use, in percent, where each needs a call of its own; and as many
   * calls again that they share. Without it they may use all.
   */
  weakShare?: number
  /** Share of the day's calls that leads leave to servers, in percent. None without it. */
  serverShare?: number
  /** Maximum number of leads in a call; 1 sends each lead in a call of its own. */
  leadsPerCall: number
  /** Time-out of a call with its reply, in ms. */
  timeout: number
}

/**
 * Adobe's recommendation for one integration: half of 100 calls in 20 seconds, half of ten at once. Of the day's 10,000
 * calls it recommends no share; half is ours. A call takes 300 leads at most, and syncLead has been seen to take 90 s.
 */
export const LIMITS: Limits = {
  callsPer20s: 50,
  concurrency: 5,
  callsPerDay: 5_000,
  leadsPerCall: 300,
  timeout: 90_000,
}

/**
 * Returns the length of a lease, in ms. It is longer than a call can take, so that a job is leased twice only when its
 * first relay has died, and Marketo has finished the call of that relay.
 */
export function leaseOf({ timeout }: Pick<Limits, 'timeout'>): number {
  return Math.ceil((timeout * 11) / 10) + 1_000
}

/** Returns the limits of each of several outboxes that share an account and do not know of each other. */
export function partOf(limits: Limits, parts: number): Limits {
  const part = (all: number) => Math.max(1, Math.floor(all / parts))
  return {
    ...limits,
    callsPer20s: part(limits.callsPer20s),
    concurrency: part(limits.concurrency),
    callsPerDay: part(limits.callsPerDay),
  }
}
