/**
 * Remembers which lead has used a ticket or the answer to a challenge, so that each counts for one lead alone. The same lead
 * may use it again: a submission that is sent again is no other one.
 *
 * The memory is that of one process, and bounded. It holds digests, and nothing of a person.
 */
import { toHex } from '../hex.ts'
import type { Lead } from '../intake/lead.ts'

export interface UsedTokens {
  /** Notes that a lead uses a token. Returns false if another lead has used it. `content` is the digest of the lead. */
  use(token: string, content: string): boolean
  /** Returns the digest of the lead that has used a token; undefined where none has. */
  userOf(token: string): string | undefined
}

/** Maximum number of tokens, of which each takes about 200 bytes. Beyond it the oldest one is forgotten. */
const MAX_TOKENS = 50_000

/**
 * @param keep time for which a token is remembered, in ms: as long as it is valid
 * @param now returns epoch milliseconds
 */
export function createUsedTokens(keep: number, now: () => number, maxTokens = MAX_TOKENS): UsedTokens {
  /** In the order of their first use. */
  const used = new Map<string, { content: string; at: number }>()

  function forget(): void {
    const limit = now() - keep
    for (const [token, { at }] of used) {
      if (at > limit && used.size < maxTokens) return
      used.delete(token)
    }
  }

  return {
    use(token, content) {
      const known = used.get(token)
      if (known) return known.content === content
      forget()
      used.set(token, { content, at: now() })
      return true
    },
    userOf: (token) => used.get(token)?.content,
  }
}

/** Computes the digest of what makes a lead another than one with the same id, whether or not its cookie was left out. */
export function leadDigest(lead: Lead): Promise<string> {
  const { id, form, person, email, attributes, cookieLeftOut, cookie = cookieLeftOut, workspace } = lead
  const values = attributes.map(({ name, value }) => [name, value])
  return textDigest(JSON.stringify([id, form, person, email, values, cookie, workspace]))
}

/** Computes the first 16 bytes of the SHA-256 of a text, in hexadecimal. */
export async function textDigest(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toHex(new Uint8Array(digest).subarray(0, 16))
}
