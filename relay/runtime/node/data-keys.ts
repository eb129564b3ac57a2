/** The data keys of a relay or of a command on Node. */
import { createDataKeys } from '../../outbox/sealing/data-keys.ts'
import type { DataKeys } from '../../outbox/sealing/sealing.ts'
import type { TextCipher } from '../../outbox/sealing/text-cipher.ts'
import { createTextCipher } from '../data-cipher.ts'

/** Returns what encrypts and decrypts with these keys; undefined when there are none. */
export function openDataKeys(keys: readonly Uint8Array[] = []): DataKeys | undefined {
  return keys.length === 0 ? undefined : createDataKeys(openCipher(keys))
}

/** Returns the cipher of these keys. */
export function openCipher(keys: readonly Uint8Array[]): TextCipher {
  return createTextCipher(keys)
}
