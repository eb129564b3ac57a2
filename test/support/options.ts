/** Reads the options of a test program, such as `--seed 7`, and says what is wrong with them. */
import { parseArgs } from 'node:util'

/** One option: its default, and how its text is read. */
export interface Option<T> {
  fallback: string | boolean
  /** @throws {@link OptionError} for a text that is not allowed */
  read: (given: string | boolean, name: string) => T
}

class OptionError extends Error {}

type Values<O> = { [Name in keyof O]: O[Name] extends Option<infer T> ? T : never }

/** An option without a value. */
export const flag: Option<boolean> = { fallback: false, read: (given) => given === true }

/** An option with any text, by default none. */
export const text: Option<string> = { fallback: '', read: String }

/** An option with a name of a list. */
export function oneOf<T extends string>(what: string, allowed: readonly T[], fallback: T): Option<T> {
  return {
    fallback,
    read(given) {
      const found = allowed.find((name) => name === given)
      if (found === undefined) throw new OptionError(`unknown ${what}: ${given}; use one of ${allowed.join(', ')}`)
      return found
    },
  }
}

/** An option with a whole number. */
export function wholeNumber(fallback: number, min = -Infinity): Option<number> {
  const allowed = min === -Infinity ? 'a whole number' : `a whole number from ${min}`
  return numberOption(fallback, allowed, (value) => Number.isInteger(value) && value >= min)
}

/** An option with a number above 0. */
export function positiveNumber(fallback: number): Option<number> {
  return numberOption(fallback, 'a number above 0', (value) => value > 0 && Number.isFinite(value))
}

/** A seed, by default a random one. */
export function seed(): Option<number> {
  return wholeNumber(Math.floor(Math.random() * 2 ** 31))
}

function numberOption(fallback: number, allowed: string, isAllowed: (value: number) => boolean): Option<number> {
  return {
    fallback: String(fallback),
    read(given, name) {
      const value = given === '' ? Number.NaN : Number(given)
      if (!isAllowed(value)) throw new OptionError(`--${name} takes ${allowed}, not ${given}`)
      return value
    },
  }
}

/** Returns the values of all options, or the message that says what is wrong. */
export function readOptions<O extends Record<string, Option<unknown>>>(
  args: readonly string[],
  options: O,
): Values<O> | string {
  try {
    const entries = Object.entries(options)
    const { values } = parseArgs({
      args: [...args],
      options: Object.fromEntries(
        entries.map(([name, { fallback }]) => [
          name,
          { type: typeof fallback === 'string' ? 'string' : 'boolean', default: fallback } as const,
        ]),
      ),
    })
    return Object.fromEntries(
      entries.map(([name, { read }]) => [name, read(values[name] as string | boolean, name)]),
    ) as Values<O>
  } catch (error) {
    if (error instanceof OptionError || isOfParseArgs(error)) return error.message
    throw error
  }
}

function isOfParseArgs(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
}

export interface Program<O> {
  /** Name of the npm script, for messages. */
  name: string
  help: string
  options: O
  /** Resolves with the exit code. */
  run: (values: Values<O>) => Promise<number>
}

/**
 * Runs a program with the options of the command line, and sets the exit code: 2 when the options are wrong. `--help` and
 * `-h` print the help.
 */
export async function runProgram<O extends Record<string, Option<unknown>>>(program: Program<O>): Promise<void> {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${program.help}\n`)
    return
  }
  const values = readOptions(args, program.options)
  if (typeof values === 'string') {
    process.stderr.write(`${program.name}: ${values}\n`)
    process.exitCode = 2
  } else process.exitCode = await program.run(values)
}
