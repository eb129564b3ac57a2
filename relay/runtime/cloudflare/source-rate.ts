/** The rate of a network on Cloudflare, by a rate limiting binding, if one is configured. */
import type { SourceRate } from '../../guards/source-rate.ts'

/** A rate limiting binding of Workers. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>
}

/** Returns the rate that a binding counts. A binding that fails leaves each post within its rate. */
export function createSourceRate(limiter: RateLimiter): SourceRate {
  return async (network) => {
    const { success } = await limiter.limit({ key: network }).catch(() => ({ success: true }))
    return { kind: success ? 'within' : 'over' }
  }
}
