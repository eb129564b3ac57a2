/** Parses the words of a command, and reports words that are wrong. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { didYouMean } from '../config/near-name.ts'

/**
 * Parses options and arguments as `parseArgs` does. The value of an option may begin with `-`, as one source in 64 does.
 *
 * @throws {Error} with a message that names the wrong word and, for an unknown option, the allowed ones
 */
export function parseOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs<T>({ ...config, args: config.args && joinValues(config.args, config.options) })
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    const [, name] = /^Unknown option '([^']+)'/.exec(message) ?? []
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || name === undefined) throw error
    const allowed = Object.keys(config.options ?? {}).map((option) => `--${option}`)
    throw new Error(`unknown option: ${name}; ${didYouMean(name, allowed)}allowed are ${allowed.join(', ')}`, {
      cause: error,
    })
  }
}

/** A value that `parseArgs` would take for short options. A word of two characters is one: `-h`. */
const LIKE_SHORT_OPTIONS = /^-[^-]../

/** Returns the words, with values that look like short options joined to their options by `=`. */
function joinValues(words: readonly string[], options: ParseArgsConfig['options'] = {}): string[] {
  const joined: string[] = []
  for (const word of words) {
    const option = joined.at(-1) ?? ''
    const isValue = LIKE_SHORT_OPTIONS.test(word) && options[option.replace(/^--/, '')]?.type === 'string'
    if (isValue && option.startsWith('--')) joined[joined.length - 1] = `${option}=${word}`
    else joined.push(word)
  }
  return joined
}

/** Prints a usage error on stderr and returns the exit code 2. */
export function usageError(command: string, message: string): 2 {
  console.error(`form-sync ${command}: ${message}\nRun "form-sync ${command} --help" for help.`)
  return 2
}
