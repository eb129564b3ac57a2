/**
 * The rule `many-of-address`: many posts with one address come within an hour, to all forms together and from any network, as
 * when somebody signs up a victim everywhere. It is never answered differently: that would tell who is known.
 */
import type { Guard } from './guard.ts'
import type { IsRepeat } from './repeats.ts'

/** Counts a post with an address, and returns their number within an hour. A repeat is not counted again. It keeps no address. */
export type AddressCount = (address: string, at: number, isRepeat: boolean) => number | Promise<number>

/** Number of posts with one address in an hour that are certainly no attack. */
const MAX_POSTS = 5

/** Creates the guard. */
export function createManyOfAddress(count: AddressCount, isRepeat: IsRepeat): Guard {
  return {
    rule: 'many-of-address',
    async examine(post) {
      const { lead, now } = post
      if (lead.email === '') return undefined
      const posts = await count(foldAddress(lead.email), now, isRepeat(post))
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
