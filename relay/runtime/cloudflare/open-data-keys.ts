/**
 * The data keys of the objects. An object loads this module when `FORM_SYNC_DATA_KEY` is set, so that no other one waits for
 * its code.
 */
import type { Environment } from '../../config/account.ts'
import { readDataKeys } from '../../config/data-keys.ts'
import { createDataKeys } from '../../outbox/sealing/data-keys.ts'
import type { DataKeys } from '../../outbox/sealing/sealing.ts'
import { createTextCipher } from '../data-cipher.ts'

/** @throws when the variable has no valid keys: nothing may be stored without encryption then */
export function openDataKeys(env: Environment): DataKeys {
  const keys = readDataKeys(env, (place, problem) => {
    throw new Error(`${place}: ${problem}`)
  })
  return createDataKeys(createTextCipher(keys))
}
