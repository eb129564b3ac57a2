/** Reads the keys that encrypt the stored leads. Pure. No message contains a key. */
import { text, type Environment } from './account.ts'
import type { AddIssue } from './forms.ts'

/** Characters of base64 that 32 bytes fill, with or without padding. The alphabet for URLs is allowed too. */
const KEY = /^[\w+/-]{42}[AEIMQUYcgkosw048]=?$/

/** Reads the data keys: none, or the one that encrypts and those that only decrypt. */
export function readDataKeys(env: Environment, addIssue: AddIssue): Uint8Array[] {
  const keys = text(env.FORM_SYNC_DATA_KEY)?.split(/\s*,\s*/) ?? []
  return keys.flatMap((key, at) => {
    if (KEY.test(key)) return [decode(key)]
    const place = keys.length === 1 ? '' : `; key ${at + 1} of ${keys.length} is not`
    addIssue(
      'FORM_SYNC_DATA_KEY',
      `must be 32 bytes in base64, as "openssl rand -base64 32" prints them, or several such keys with commas between them${place}`,
    )
    return []
  })
}

function decode(key: string): Uint8Array {
  const binary = atob(key.replace('=', '').replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
