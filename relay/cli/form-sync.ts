#!/usr/bin/env node
/**
 * The form-sync command: finds the command's own file and runs it. Each command reads its own words.
 *
 * Exit codes: 0 done, 1 it did not work, 2 the words or the configuration are wrong.
 */
import process from 'node:process'

interface Command {
  summary: string
  /** Loaded when it is run: the relay on a server never reads the simulator's code. */
  load: () => Promise<(words: string[]) => Promise<number>>
}

const COMMANDS: Record<string, Command> = {
  serve: {
    summary: 'run the relay on this machine',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  lead: {
    summary: 'create or update one person in Marketo',
    load: async () => (await import('./lead.ts')).leadCommand,
  },
  parked: {
    summary: 'show the leads that wait for a person',
    load: async () => (await import('./parked.ts')).parkedCommand,
  },
  replay: {
    summary: 'send parked leads again, as they are or mended',
    load: async () => (await import('./replay.ts')).replayCommand,
  },
  simulator: {
    summary: 'run a Marketo on this machine, for tests and demonstrations',
    load: async () => (await import('../../demo/simulator/command.ts')).simulatorCommand,
  },
}

const [name = '--help', ...words] = process.argv.slice(2)
const command = COMMANDS[name]
if (command) process.exitCode = await (await command.load())(words)
else {
  const help = ['--help', '-h', 'help'].includes(name)
  const lines = Object.entries(COMMANDS).map(([command, { summary }]) => `  ${command.padEnd(12)}${summary}`)
  const usage = [
    'Usage: form-sync <command> [options]',
    '',
    ...lines,
    '',
    'form-sync <command> --help says more.',
  ].join('\n')
  if (help) console.log(usage)
  else console.error(`form-sync: there is no command "${name}"\n\n${usage}`)
  process.exitCode = help ? 0 : 2
}
