/**
 * The rule `many-of-address`: many posts with one address come within an hour, to all forms together and from any network, as
 * when somebody signs up a victim everywhere. It is never answered differently: that would tell who is known.
 */
import type { Guard } from './guard.ts'
import { createHourCount } from './hour-count.ts'
import type { IsRepeat } from './repeats.ts'
import { digestOf } from './text-digest.ts'

/** Number of posts with one address in an hour that are certainly no attack. */
const MAX_POSTS = 5

/** @param seed of the digests, by which addresses are counted */
export function createManyOfAddress(seed: number, isRepeat: IsRepeat): Guard {
  const count = createHourCount()
  return {
    rule: 'many-of-address',
    examine(post) {
      const { lead, now } = post
      if (lead.email === '') return undefined
      const posts = count(digestOf(foldAddress(lead.email), seed), now, isRepeat(post))
      return posts > MAX_POSTS ? { reason: `more than ${MAX_POSTS} posts with its address within an hour` } : undefined
    },
  }
}

/** Returns an address as its mailbox: in lower case, without `+tag` and the dots of the local part. */
export function foldAddress(email: string): string {
  const at = email.lastIndexOf('@')
  const local = email.slice(0, at).split('+', 1)[0]!.replaceAll('.', '')
  return `${local}${email.slice(at).replace(/^@googlemail\.com$/i, '@gmail.com')}`.toLowerCase()
}
