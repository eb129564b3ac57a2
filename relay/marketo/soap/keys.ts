/**
 * The keys of one account, and which of them works.
 *
 * Marketo knows one key at a time, and its change is seen by nobody but those whom it refuses. So a second key may be
 * set beforehand: what one key is refused, the other tries once, and the one that works is kept.
 */
import { createSigner, type Sign } from './sign.ts'

/** Whose calls they are. A key is the "Encryption Key" of Admin > Web Services. */
export interface Account {
  userId: string
  secretKey: string
  /** The key that is to follow, or the one that was before: tried where the other is refused. */
  nextSecretKey?: string | undefined
  /**
   * Told which key works, where there are two: once that is known, and again when it changes. What it throws is lost.
   */
  onKey?: ((which: Which) => void) | undefined
}

type Which = 'current' | 'next'

export interface Keys {
  /** The key to sign with, and the one to try where Marketo refuses it. */
  inOrder(): readonly [Key, Key?]
  /** Marketo has taken this key's signature; `refused` says that it has just refused the other's. */
  works(key: Key, refused: boolean): void
}

export interface Key {
  readonly which: Which
  readonly sign: Sign
}

/** All that is kept from call to call: the signers, and which key worked last. */
export function createKeys({ userId, secretKey, nextSecretKey, onKey }: Account): Keys {
  const current: Key = { which: 'current', sign: createSigner({ userId, secretKey }) }
  if (!nextSecretKey || nextSecretKey === secretKey) return { inOrder: () => [current], works() {} }

  const next: Key = { which: 'next', sign: createSigner({ userId, secretKey: nextSecretKey }) }
  let first = current
  let told: Which | undefined
  return {
    inOrder: () => (first === current ? [current, next] : [next, current]),
    works(key, refused) {
      // An answer that was long under way says nothing of a change since.
      if (!refused && told) return
      first = key
      if (told === key.which) return
      told = key.which
      try {
        onKey?.(key.which)
      } catch {
        // A listener's trouble is none of the call's: what was asked is done.
      }
    },
  }
}
