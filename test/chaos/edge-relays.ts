/**
 * The relay in workerd, as Cloudflare runs it. Its process is killed with all it has started: the strongest eviction of
 * an object that there is.
 *
 * It cannot be made to die at a named step, and its clock is the machine's.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/process.ts'
import { environment, readOutbox, readSpent } from './node-relays.ts'
import { FORMS } from './plan.ts'
import type { Life, Platform } from './relays.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface EdgeRelaysOptions {
  folder: string
  endpoint: string
  /** Objects that share the people. */
  shards: number
}

/** One Worker whose objects keep their storage in the folder. */
export async function edgeRelays({ folder, endpoint, shards }: EdgeRelaysOptions): Promise<Platform> {
  const data = join(folder, 'data')
  const port = await freePort()
  const lives = new Set<ChildProcess>()
  const outboxes = () =>
    globSync(join(data, 'v3/do/*LeadOutbox/*.sqlite')).filter((path) => !path.endsWith('metadata.sqlite'))

  return {
    name: shards === 1 ? 'workerd' : `workerd, ${shards} objects`,
    urls: [`http://127.0.0.1:${port}`],
    can: { dieAtSteps: false, moveTheClock: false },
    sleeps: true,
    // It takes seconds to start, and waits as long as in earnest: its schedule cannot be set.
    slowness: 4,
    patience: 180_000,
    start(_, { limits }) {
      const variables = {
        ...environment(endpoint, limits),
        FORM_SYNC_FORMS: JSON.stringify(FORMS),
        FORM_SYNC_SHARDS: String(shards),
      }
      const words = ['test/support/edge-relay.ts', data, String(port), JSON.stringify(variables)]
      return live(words, lives)
    },
    jobs: async () => outboxes().flatMap(readOutbox),
    spentToday: async (now) => outboxes().reduce((sum, path) => sum + readSpent(path, now), 0),
    async end() {
      for (const child of lives) signal(child, 'SIGKILL')
    },
  }
}

function live(words: string[], lives: Set<ChildProcess>): Life {
  const child = spawn(process.execPath, words, {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: workerd is another process in it.
    detached: true,
  })
  lives.add(child)
  let printed = ''
  let told = false
  const ended = new Promise<undefined>((resolve, reject) => {
    child.once('exit', (code) => {
      lives.delete(child)
      if (code !== null && code !== 0 && !told) reject(new Error(`the relay ended with ${code}:\n${printed}`))
      else resolve(undefined)
    })
  })
  const ready = new Promise<boolean>((resolve) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      if (/listens at/.test(printed)) resolve(true)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then(
      () => resolve(false),
      () => resolve(false),
    )
  })
  const end = (name: NodeJS.Signals) => {
    told = true
    signal(child, name)
  }
  return {
    ready,
    ended,
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
    async freeze(ms) {
      signal(child, 'SIGSTOP')
      await sleep(ms)
      signal(child, 'SIGCONT')
    },
    clock: () => {},
    told: () => [],
  }
}

/** To the process and all that it has started. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name)
}
