/** What one relay takes of Marketo's limits. Source: Adobe's page of integration best practices. */

/** Of what Marketo allows to all integrations together, the share that one may take. */
export interface Limits {
  callsPer20s: number
  concurrency: number
}

/** What Adobe recommends for one integration: half of 100 calls in 20 seconds, half of ten at once. */
export const LIMITS: Limits = { callsPer20s: 50, concurrency: 5 }
