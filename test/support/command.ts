/** Runs the form-sync command as its own process, until it ends. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { COMPILE_CACHE } from './compile-cache.ts'
import { startProgram } from './process.ts'
import { withParent } from './with-parent.ts'

export const COMMAND = 'relay/cli/form-sync.ts'

/** Runs the command and blocks this process meanwhile. After 20 s the command is ended, and `status` is null. */
export function run(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(...withParent(process.execPath, [COMMAND, ...args]), {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, ...COMPILE_CACHE, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}

/** Runs the command while this process goes on, so that it can answer the command's requests. */
export async function runAside(args: string[], env: Record<string, string>) {
  const program = await startProgram([COMMAND, ...args], env, /\n/)
  return { code: await program.ended, printed: program.printed() }
}
