#!/usr/bin/env node
/**
 * Runs the form-sync command: loads the file of the subcommand and passes it the other words. Variables that the
 * environment does not have are read from the file `.env` in the working folder.
 *
 * Exit codes: 0 success, 1 failure, 2 wrong options or configuration.
 */
import process from 'node:process'
import { didYouMean } from '../config/near-name.ts'
import { COMMANDS, GROUPS, type Command } from './commands.ts'
import { addEnvFile } from './env-file.ts'
import { escapeOutput } from './safe-output.ts'
import { VERSION } from './version.ts'

const HELP = `Usage: form-sync <command> [options]

${Object.entries(GROUPS)
  .map(([group, commands]) => `${group}:\n${linesOf(commands)}`)
  .join('\n\n')}

Run "form-sync <command> --help" for the options and examples of a command, and
"form-sync --version" for the version.

Exit codes:
  0  The command did its work
  1  It failed
  2  The words, the options or the configuration are wrong`

escapeOutput(process.stdout)
escapeOutput(process.stderr)
const [name = '--help', ...words] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
if (command) process.exitCode = await runCommand(command, words)
else if (['--help', '-h', 'help'].includes(name)) console.log(HELP)
else if (name === '--version') console.log(VERSION)
else {
  const names = Object.keys(COMMANDS)
  console.error(
    `form-sync: unknown command "${name}"; ${didYouMean(name, names)}allowed are ${names.join(', ')}\n\n${HELP}`,
  )
  process.exitCode = 2
}

async function runCommand({ load }: Command, words: string[]): Promise<number> {
  try {
    addEnvFile('.env', process.env)
  } catch (error) {
    console.error(`form-sync: ${(error as Error).message}`)
    return 2
  }
  return (await load())(words)
}

/** Returns a line for each command. */
function linesOf(commands: Readonly<Record<string, Command>>): string {
  return Object.entries(commands)
    .map(([command, { summary }]) => `  ${command.padEnd(12)}${summary}`)
    .join('\n')
}
