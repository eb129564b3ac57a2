/** Counts the posts with each address in memory, by a keyed digest. Nothing is stored, and the number of addresses is bounded. */
import { createHmac, randomBytes } from 'node:crypto'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { AddressCount } from '../../guards/many-of-address.ts'

const HOUR_S = 3_600

/** Maximum number of addresses that are new in an hour. Further ones are not counted. */
const MAX_NEW_ADDRESSES = 50_000

/** Creates the counters. They go by the clock of the process. */
export function createAddressCount(maxNewAddresses = MAX_NEW_ADDRESSES): AddressCount {
  const key = randomBytes(32)
  const posts = new RateLimiterMemory({ points: 1, duration: HOUR_S })
  let fresh = { hour: 0, addresses: 0 }

  return async (address, _at, isRepeat) => {
    const digest = createHmac('sha256', key).update(address).digest('base64')
    const hour = Math.floor(Date.now() / (1_000 * HOUR_S))
    if (fresh.hour !== hour) fresh = { hour, addresses: 0 }
    const known = isRepeat || fresh.addresses >= maxNewAddresses ? await posts.get(digest) : undefined
    if (known === null) return 0
    if (isRepeat && known) return known.consumedPoints
    const { consumedPoints, isFirstInDuration } = await posts.penalty(digest)
    if (isFirstInDuration) fresh.addresses += 1
    return consumedPoints
  }
}
