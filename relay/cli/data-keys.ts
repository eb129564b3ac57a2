/** The data keys of a command that reads a folder or a database: those of its relay. */
import { readDataKeys } from '../config/data-keys.ts'
import type { DataKeys } from '../outbox/sealing/sealing.ts'
import type { TextCipher } from '../outbox/sealing/text-cipher.ts'
import { openCipher, openDataKeys } from '../runtime/node/data-keys.ts'
import { AdminError } from './admin-source.ts'

/**
 * Returns the keys; undefined when the variable is not set.
 *
 * @throws {AdminError} when they are not valid
 */
export function dataKeysFrom(env: NodeJS.ProcessEnv): DataKeys | undefined {
  return openDataKeys(readKeys(env))
}

/**
 * Returns the cipher of the keys.
 *
 * @throws {AdminError} when they are not valid, or the variable is not set
 */
export function cipherFrom(env: NodeJS.ProcessEnv): TextCipher {
  const keys = readKeys(env)
  if (keys.length === 0) throw new AdminError(2, 'FORM_SYNC_DATA_KEY is not set; set it to the data keys of the relay')
  return openCipher(keys)
}

function readKeys(env: NodeJS.ProcessEnv): Uint8Array[] {
  const problems: string[] = []
  const keys = readDataKeys(env, (place, problem) => problems.push(`${place}: ${problem}`))
  if (problems.length > 0) throw new AdminError(2, problems.join('\n'))
  return keys
}
