/**
 * Starts child processes that the system kills as soon as their parent has ended, however it has ended.
 *
 * It uses Linux's parent-death signal (`PR_SET_PDEATHSIG`) through util-linux's `setpriv`, which replaces itself by the
 * program and so keeps the process id. On other systems the program is started as it is.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const IS_SUPPORTED = spawnSync('setpriv', ['--pdeathsig', 'keep', 'true']).status === 0

/** Returns the command and arguments that start a program which gets `signal` when this process ends. */
export function withParent(
  command: string,
  args: readonly string[],
  signal: NodeJS.Signals = 'SIGKILL',
): [command: string, args: string[]] {
  return IS_SUPPORTED ? ['setpriv', ['--pdeathsig', signal, command, ...args]] : [command, [...args]]
}

/** The program of workerd that wrangler runs. */
export const { default: WORKERD } = createRequire(createRequire(import.meta.url).resolve('wrangler'))('workerd') as {
  default: string
}

/** Environment of wrangler and of Cloudflare's test runner: the workerd that they start ends with them. */
export const WORKERD_WITH_PARENT: Readonly<Record<string, string>> = IS_SUPPORTED
  ? { MINIFLARE_WORKERD_PATH: join(import.meta.dirname, 'workerd.sh'), WORKERD_PROGRAM: WORKERD }
  : {}
