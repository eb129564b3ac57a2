#!/usr/bin/env node
/**
 * The form-sync command: finds the command's own file and runs it. Each command reads its own words.
 *
 * Exit codes: 0 done, 1 it did not work, 2 the words or the configuration are wrong.
 */
import { serveCommand } from './serve.ts'

const COMMANDS: Record<string, { summary: string; run: (words: string[]) => Promise<number> }> = {
  serve: { summary: 'run the relay on this machine', run: serveCommand },
}

const [name = '--help', ...words] = process.argv.slice(2)
const command = COMMANDS[name]
if (command) process.exitCode = await command.run(words)
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
