/** Recognises a post that is sent again, so that guards that count do not count it twice. */
import type { ExaminedPost } from './guard.ts'
import { contentOf } from './same-lead.ts'
import { digestOf } from './text-digest.ts'

/** Number of posts that are remembered. A page sends a post again within a minute. */
const MAX_POSTS = 10_000

/** Returns whether a post with the same id and content came before. For one post the reply is always the same. */
export type IsRepeat = (post: ExaminedPost) => boolean

/** @param seed of the digests */
export function createRepeats(seed: number, maxPosts = MAX_POSTS): IsRepeat {
  // Two sets in turn, because removing single keys from the beginning of one takes long.
  let [newer, older] = [new Set<number>(), new Set<number>()]
  const answered = new WeakMap<ExaminedPost, boolean>()
  return (post) => {
    const answer = answered.get(post)
    if (answer !== undefined) return answer
    const key = digestOf(contentOf(post.lead), seed)
    const isRepeat = newer.has(key) || older.has(key)
    answered.set(post, isRepeat)
    if (isRepeat) return true
    if (newer.size >= maxPosts / 2) [newer, older] = [new Set(), newer]
    newer.add(key)
    return false
  }
}
