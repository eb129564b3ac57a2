/** Runs a command of form-sync in this process, as `form-sync.ts` does: starting a process takes longer than most commands. */
import { vi } from 'vitest'
import { COMMANDS } from '../../relay/cli/commands.ts'

type Run = (words: string[], env?: NodeJS.ProcessEnv) => Promise<number>

/** Runs `form-sync <words>` with these variables, and resolves with what a process would have printed. */
export async function runHere([name = '', ...words]: string[], env: Record<string, string> = {}) {
  const printed = { stdout: '', stderr: '' }
  const write = (stream: keyof typeof printed) => (line: unknown) => void (printed[stream] += `${String(line)}\n`)
  // A test run in colour must not colour what the command prints into no terminal.
  const { FORCE_COLOR } = process.env
  delete process.env.FORCE_COLOR
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(write('stdout')),
    vi.spyOn(console, 'error').mockImplementation(write('stderr')),
  ]
  try {
    const run: Run = await COMMANDS[name]!.load()
    return { status: await run(words, env), ...printed }
  } finally {
    for (const spy of spies) spy.mockRestore()
    if (FORCE_COLOR !== undefined) process.env.FORCE_COLOR = FORCE_COLOR
  }
}
