/**
 * A program of the project as its own process, so that a test can kill it as a power cut would.
 *
 * Each program has its own process group, which is signalled as a whole, including workerd. The system kills the program
 * when the test process ends.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { COMPILE_CACHE } from './compile-cache.ts'
import { withParent, WORKERD_WITH_PARENT } from './with-parent.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface Program {
  /** The first match of `ready` in the output. */
  ready: RegExpExecArray
  /** Returns the output so far. */
  printed: () => string
  /** Resolves with the exit code when the program has ended. */
  ended: Promise<number | null>
  /** Sends a signal, SIGTERM by default, and resolves with the exit code; null if a signal ended the program. */
  end: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** Starts `node <args>` in the project's folder, and resolves when the output matches `ready`. */
export async function startProgram(args: string[], env: Record<string, string>, ready: RegExp): Promise<Program> {
  const child = spawn(...withParent(process.execPath, args), {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      ...WORKERD_WITH_PARENT,
      ...COMPILE_CACHE,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let printed = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      const found = ready.exec(printed)
      if (found) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    // What the program has printed last may come after its end.
    child.once('close', (code) => reject(new Error(`${args.join(' ')} ended with ${code}:\n${printed}`)))
  })
  return {
    ready: match,
    printed: () => printed,
    ended,
    async end(signal = 'SIGTERM') {
      kill(child, signal)
      return ended
    },
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, signal)
}

/**
 * Returns a port that is free at the moment. It is below those that systems give to servers on port 0 and to clients, so that no
 * other test gets it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
