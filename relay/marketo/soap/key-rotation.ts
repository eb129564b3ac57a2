/**
 * Keeps the keys of one account in the order in which to try them.
 *
 * Marketo accepts one key at a time, and only its fault 20014 shows that the key has changed. A second key can be set in
 * advance: when Marketo rejects one key, the call is tried once with the other, and the accepted key is tried first from
 * then on. This file decides the order; it sends nothing.
 */
import { createSigner, type Sign } from './sign.ts'

/** User id and keys of the account. A key is the "Encryption Key" of Admin > Web Services. */
export interface Credentials {
  /** The "User ID" of Admin > Web Services. */
  userId: string
  /** The current "Encryption Key". */
  secretKey: string
  /** A second key, tried when Marketo rejects the other: the one that follows, or the one before. */
  nextSecretKey?: string | undefined
  /**
   * Called with the name of the key that works, if there are two keys: when it is first known, and whenever it changes.
   * Errors thrown by it are ignored.
   */
  onKey?: ((which: KeyName) => void) | undefined
}

type KeyName = 'current' | 'next'

export interface KeyRotation {
  /** Returns the key to sign with, and the key to try if Marketo rejects that one. */
  inOrder(): readonly [Key, Key?]
  /**
   * Records that Marketo accepted a signature made with this key.
   *
   * @param otherRejected - true if Marketo rejected the other key in the same call
   */
  accepted(key: Key, otherRejected: boolean): void
}

export interface Key {
  readonly name: KeyName
  readonly sign: Sign
}

/** Creates the rotation of one account, whose only state is the key that worked last. */
export function createKeyRotation({ userId, secretKey, nextSecretKey, onKey }: Credentials): KeyRotation {
  const current: Key = { name: 'current', sign: createSigner({ userId, secretKey }) }
  if (!nextSecretKey || nextSecretKey === secretKey) return { inOrder: () => [current], accepted() {} }

  const next: Key = { name: 'next', sign: createSigner({ userId, secretKey: nextSecretKey }) }
  let first = current
  let reported: KeyName | undefined
  return {
    inOrder: () => (first === current ? [current, next] : [next, current]),
    accepted(key, otherRejected) {
      // A late reply to an earlier call must not undo a change that was seen since.
      if (!otherRejected && reported) return
      first = key
      if (reported === key.name) return
      reported = key.name
      try {
        onKey?.(key.name)
      } catch {
        // The call has succeeded; an error of the listener must not fail it.
      }
    },
  }
}
