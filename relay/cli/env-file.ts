/** Reads variables from a file such as `.env`. A variable of the environment has precedence. */
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/**
 * Adds the variables of the file that the environment does not have. A missing file has none.
 *
 * @throws {Error} if the file cannot be read; the message names it
 */
export function addEnvFile(path: string, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(parseEnv(readIfThere(path)))) env[name] ??= value
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // A folder of this name is a Python environment.
    if (code === 'ENOENT' || code === 'EISDIR') return ''
    throw new Error(`${path} cannot be read: ${message}`, { cause: error })
  }
}
