/** Counts the posts of each network in memory. Nothing is stored, and the number of networks is bounded. */
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { SourceRate } from '../../guards/source-rate.ts'

const MINUTE_S = 60

/** A burst beyond the rate: half a minute's posts once in five minutes, as when an office fills in a form at once. */
const BURST_MINUTES = 0.5
const BURST_S = 300

/** Time for which a network that was over its rate counts as over it, in seconds: else each minute of a flood would begin anew. */
const OVER_S = 600

/** Multiple of the rate beyond which posts are refused. */
const FAR_OVER = 10

/** Maximum number of networks that are new in a minute. Further ones are not counted, and count as within their rate. */
const MAX_NEW_SOURCES = 25_000

/**
 * Creates the counters. They go by the clock of the process.
 *
 * @param postsPerMinute posts that each network may send for long
 */
export function createSourceRate(postsPerMinute: number, maxNewSources = MAX_NEW_SOURCES): SourceRate {
  const posts = new RateLimiterMemory({ points: postsPerMinute, duration: MINUTE_S })
  const bursts = new RateLimiterMemory({ points: Math.ceil(postsPerMinute * BURST_MINUTES), duration: BURST_S })
  const over = new RateLimiterMemory({ points: 1, duration: OVER_S })
  let fresh = { minute: 0, sources: 0 }

  /** Returns whether there is room for a network that is new. */
  function hasRoom(): boolean {
    const minute = Math.floor(Date.now() / (1_000 * MINUTE_S))
    if (fresh.minute !== minute) fresh = { minute, sources: 0 }
    return fresh.sources < maxNewSources
  }

  /** Returns whether a post is beyond the rate and the burst. */
  async function isOver(network: string, sent: number): Promise<boolean> {
    if (sent <= postsPerMinute) return (await over.get(network)) !== null
    if ((await over.get(network)) === null && (await bursts.penalty(network)).consumedPoints <= bursts.points)
      return false
    await over.set(network, 1, OVER_S)
    return true
  }

  return async (network) => {
    if (!hasRoom() && (await posts.get(network)) === null) return { kind: 'within' }
    const { consumedPoints, msBeforeNext, isFirstInDuration } = await posts.penalty(network)
    if (isFirstInDuration) fresh.sources += 1
    if (consumedPoints > FAR_OVER * postsPerMinute) {
      return { kind: 'far-over', retryAfterS: Math.ceil(msBeforeNext / 1_000) }
    }
    return { kind: (await isOver(network, consumedPoints)) ? 'over' : 'within' }
  }
}
