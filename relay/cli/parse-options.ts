/** Parses the words of a command, and reports words that are wrong. */
import { parseArgs, type ParseArgsConfig } from 'node:util'

/**
 * Parses options and arguments as `parseArgs` does.
 *
 * @throws {Error} with a message that names the wrong word and, for an unknown option, the allowed ones
 */
export function parseOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    const [, name] = /^Unknown option '([^']+)'/.exec(message) ?? []
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || name === undefined) throw error
    const allowed = Object.keys(config.options ?? {}).map((option) => `--${option}`)
    throw new Error(`unknown option: ${name}; allowed are ${allowed.join(', ')}`, { cause: error })
  }
}

/** Prints a usage error on stderr and returns the exit code 2. */
export function usageError(command: string, message: string): 2 {
  console.error(`form-sync ${command}: ${message}\nRun "form-sync ${command} --help" for help.`)
  return 2
}
