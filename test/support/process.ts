/**
 * A program of ours as its own process, so that a test can kill it as a power cut would.
 *
 * Each is started in a group of its own: the group is what is ended, workerd and all.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export interface Program {
  /** The first match of `ready` in what it printed. */
  ready: RegExpExecArray
  /** All that it has printed so far. */
  printed: () => string
  /** Its exit code, once it has ended. */
  ended: Promise<number | null>
  /** Ends it, by SIGTERM unless said otherwise, and resolves with its exit code; null when a signal ended it. */
  end: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** Starts `node <words>` in the checkout and resolves when it has printed `ready`. */
export async function startProgram(words: string[], env: Record<string, string>, ready: RegExp): Promise<Program> {
  const child = spawn(process.execPath, words, {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
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
    void ended.then((code) => reject(new Error(`${words.join(' ')} ended with ${code}:\n${printed}`)))
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

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
