/** The data keys of a relay or of a command on Node. */
import { createDataKeys } from '../../outbox/sealing/data-keys.ts'
import type { DataKeys } from '../../outbox/sealing/sealing.ts'
import { createTextCipher } from '../data-cipher.ts'

/** Returns what encrypts and decrypts with these keys; undefined when there are none. */
export function openDataKeys(keys: readonly Uint8Array[] = []): DataKeys | undefined {
  return keys.length === 0 ? undefined : createDataKeys(createTextCipher(keys))
}
