/** The data keys of a command that reads a folder or a database: those of its relay. */
import { readDataKeys } from '../config/data-keys.ts'
import type { DataKeys } from '../outbox/sealing/sealing.ts'
import { openDataKeys } from '../runtime/node/data-keys.ts'
import { AdminError } from './admin-source.ts'

/**
 * Returns the keys; undefined when the variable is not set.
 *
 * @throws {AdminError} when they are not valid
 */
export function dataKeysFrom(env: NodeJS.ProcessEnv): DataKeys | undefined {
  const problems: string[] = []
  const keys = readDataKeys(env, (place, problem) => problems.push(`${place}: ${problem}`))
  if (problems.length > 0) throw new AdminError(2, problems.join('\n'))
  return openDataKeys(keys)
}
