/** Data keys for tests. A number stands for a key. */
import { createDataKeys } from '../../relay/outbox/sealing/data-keys.ts'
import type { DataKeys } from '../../relay/outbox/sealing/sealing.ts'
import type { TextCipher } from '../../relay/outbox/sealing/text-cipher.ts'
import { createTextCipher } from '../../relay/runtime/data-cipher.ts'

/** Returns the 32 bytes of a key. */
function bytesOf(key: number): Uint8Array {
  return new Uint8Array(32).fill(key)
}

/** Returns keys as they stand in `FORM_SYNC_DATA_KEY`. */
export function variableOf(...keys: number[]): string {
  return keys.map((key) => btoa(String.fromCharCode(...bytesOf(key)))).join(',')
}

/** Returns a cipher with keys, of which the first one seals. */
export function cipherOf(...keys: number[]): TextCipher {
  return createTextCipher(keys.map(bytesOf))
}

/** Returns data keys, of which the first one encrypts. */
export function dataKeysOf(...keys: number[]): DataKeys {
  return createDataKeys(cipherOf(...keys))
}

/** Returns the id of a key. */
export function keyIdOf(key: number): string {
  return cipherOf(key).keyIds[0]!
}
