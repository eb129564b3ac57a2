/** The rule `same-text`: one long text comes in several leads within an hour. It remembers digests alone. */
import type { Guard } from './guard.ts'
import { createHourCount } from './hour-count.ts'
import type { IsRepeat } from './repeats.ts'
import { digestOf } from './text-digest.ts'

/** Minimum length of a text, in characters. Many people write the same short ones. */
const MIN_LENGTH = 40

/** Number of leads from which the rule fires. */
const MIN_LEADS = 5

/** @param seed of the digests */
export function createSameText(seed: number, isRepeat: IsRepeat): Guard {
  const count = createHourCount()
  return {
    rule: 'same-text',
    examine(post) {
      const texts = post.texts.flatMap(({ attribute, value }) => {
        if (value.length < MIN_LENGTH) return []
        const text = value.toLowerCase().replace(/\s+/g, ' ').trim()
        return text.length < MIN_LENGTH ? [] : [{ attribute, text }]
      })
      if (texts.length === 0) return undefined
      const again = isRepeat(post)
      const counted = texts.map(({ attribute, text }) => ({
        attribute,
        leads: count(digestOf(text, seed), post.now, again),
      }))
      const found = counted.find(({ leads }) => leads >= MIN_LEADS)
      return found && { reason: `the text in ${found.attribute} came in several leads within an hour` }
    },
  }
}
