/** Recognises a post that is sent again, so that guards that count do not count it twice. */
import { createDigestTable } from './digest-table.ts'
import type { ExaminedPost } from './guard.ts'
import { contentOf } from './same-lead.ts'
import { digestOf } from './text-digest.ts'

/** Minimum number of posts that are remembered. A page sends a post again within a minute. */
const MAX_POSTS = 10_000

/** Returns whether a post with the same id and content came before. For one post the reply is always the same. */
export type IsRepeat = (post: ExaminedPost) => boolean

/** @param seed of the digests */
export function createRepeats(seed: number, maxPosts = MAX_POSTS): IsRepeat {
  const posts = createDigestTable(maxPosts)
  const answered = new WeakMap<ExaminedPost, boolean>()
  return (post) => {
    const answer = answered.get(post)
    if (answer !== undefined) return answer
    const key = digestOf(contentOf(post.lead), seed)
    const isRepeat = posts.find(key) !== undefined
    if (!isRepeat) posts.add(key)
    answered.set(post, isRepeat)
    return isRepeat
  }
}
