/** The form-sync command as a process of its own, run to its end. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { startProgram } from './process.ts'

export const COMMAND = 'relay/cli/form-sync.ts'

/** Runs it while this process stands still. One that goes on where it should end is ended, and has no status. */
export function run(words: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...words], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}

/** Runs it beside this process, so that what is asked of it is answered. */
export async function runAside(words: string[], env: Record<string, string>) {
  const program = await startProgram([COMMAND, ...words], env, /\n/)
  return { code: await program.ended, printed: program.printed() }
}
