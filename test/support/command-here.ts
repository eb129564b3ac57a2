/** Runs a command of form-sync in this process, as `form-sync.ts` does: starting a process takes longer than most commands. */
import { vi } from 'vitest'
import { auditCommand } from '../../relay/cli/audit.ts'
import { discardCommand } from '../../relay/cli/discard.ts'
import { encryptCommand } from '../../relay/cli/encrypt.ts'
import { exportCommand } from '../../relay/cli/export.ts'
import { heldCommand } from '../../relay/cli/held.ts'
import { parkedCommand } from '../../relay/cli/parked.ts'
import { replayCommand } from '../../relay/cli/replay.ts'
import { retryCommand } from '../../relay/cli/retry.ts'
import { waitingCommand } from '../../relay/cli/waiting.ts'

const COMMANDS = {
  audit: auditCommand,
  discard: discardCommand,
  encrypt: encryptCommand,
  export: exportCommand,
  held: heldCommand,
  parked: parkedCommand,
  replay: replayCommand,
  retry: retryCommand,
  waiting: waitingCommand,
}

/** Runs `form-sync <words>` with these variables, and resolves with what a process would have printed. */
export async function runHere([name, ...words]: string[], env: Record<string, string> = {}) {
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
    return { status: await COMMANDS[name as keyof typeof COMMANDS](words, env), ...printed }
  } finally {
    for (const spy of spies) spy.mockRestore()
    if (FORCE_COLOR !== undefined) process.env.FORCE_COLOR = FORCE_COLOR
  }
}
