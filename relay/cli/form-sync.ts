#!/usr/bin/env node
/**
 * Runs the form-sync command: loads the file of the subcommand and passes it the other words. Variables that the
 * environment does not have are read from the file `.env` in the working folder.
 *
 * Exit codes: 0 success, 1 failure, 2 wrong options or configuration.
 */
import process from 'node:process'
import { addEnvFile } from './env-file.ts'
import { escapeOutput } from './safe-output.ts'
import { VERSION } from './version.ts'

interface Command {
  summary: string
  /** Loads the command. Called only when it runs, so that a server never loads the simulator. */
  load: () => Promise<(words: string[]) => Promise<number>>
}

const COMMANDS: Record<string, Command> = {
  init: {
    summary: 'Write the first files of a project: forms, variables and a page',
    load: async () => (await import('./init.ts')).initCommand,
  },
  serve: {
    summary: 'Run the relay on this machine',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  lead: {
    summary: 'Create or update one person in Marketo',
    load: async () => (await import('./lead.ts')).leadCommand,
  },
  check: {
    summary: 'Compare the forms with the fields of Marketo',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  doctor: {
    summary: 'Examine the Marketo account: connection, credentials, rights',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  import: {
    summary: 'Print the forms entry and the HTML for a Marketo form',
    load: async () => (await import('./import.ts')).importCommand,
  },
  migrate: {
    summary: 'List what changes when a configuration moves from SOAP to REST',
    load: async () => (await import('./migrate.ts')).migrateCommand,
  },
  parked: {
    summary: 'Show parked leads: those that wait for a decision',
    load: async () => (await import('./parked.ts')).parkedCommand,
  },
  held: {
    summary: 'Show held leads, and release or discard them',
    load: async () => (await import('./held.ts')).heldCommand,
  },
  replay: {
    summary: 'Send parked leads again, unchanged or edited',
    load: async () => (await import('./replay.ts')).replayCommand,
  },
  waiting: {
    summary: 'Count the leads that are not delivered, in groups',
    load: async () => (await import('./waiting.ts')).waitingCommand,
  },
  discard: {
    summary: 'Remove leads that are not delivered, such as those of a flood',
    load: async () => (await import('./discard.ts')).discardCommand,
  },
  find: {
    summary: 'Show what is stored about a person, or about one lead',
    load: async () => (await import('./find.ts')).findCommand,
  },
  erase: {
    summary: 'Erase what is stored about a person',
    load: async () => (await import('./erase.ts')).eraseCommand,
  },
  hold: {
    summary: 'Hold all new leads of a form, such as during a flood',
    load: async () => (await import('./hold.ts')).holdCommand,
  },
  retry: {
    summary: 'Call Marketo again at once, after it refused all leads',
    load: async () => (await import('./retry.ts')).retryCommand,
  },
  encrypt: {
    summary: 'Encrypt the stored leads with a new data key',
    load: async () => (await import('./encrypt.ts')).encryptCommand,
  },
  export: {
    summary: 'Print undelivered leads as JSON lines',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  simulator: {
    summary: 'Run a Marketo simulator, for tests and demonstrations',
    load: async () => (await import('../../demo/simulator/command.ts')).simulatorCommand,
  },
}

const HELP = `Usage: form-sync <command> [options]

Commands:
${Object.entries(COMMANDS)
  .map(([command, { summary }]) => `  ${command.padEnd(12)}${summary}`)
  .join('\n')}

Run "form-sync <command> --help" for the options of a command, and
"form-sync --version" for the version.`

escapeOutput(process.stdout)
escapeOutput(process.stderr)
const [name = '--help', ...words] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
if (command) process.exitCode = await runCommand(command, words)
else if (['--help', '-h', 'help'].includes(name)) console.log(HELP)
else if (name === '--version') console.log(VERSION)
else {
  console.error(`form-sync: unknown command "${name}"; allowed are ${Object.keys(COMMANDS).join(', ')}\n\n${HELP}`)
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
