/**
 * The relay in workerd, as Cloudflare runs it. Its process group is killed as a whole, which is the strongest eviction of
 * an object that there is.
 *
 * It cannot be made to crash at a named step, and its clock is the machine's.
 */
import type { ChildProcess } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildWorker } from '../../demo/build-worker.ts'
import { freePort } from '../support/process.ts'
import { spawnChild } from './cleanup.ts'
import { environment, readOutbox, readSpent } from './node-relays.ts'
import type { Api } from '../support/account-variables.ts'
import { formsFile } from './api.ts'
import type { Platform, RelayProcess } from './relays.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface EdgeRelaysOptions {
  folder: string
  /** Address of the simulator. */
  marketo: string
  api: Api
  /** Number of objects that share the people. */
  shards: number
}

/** Prepares one Worker whose objects keep their storage in the folder. */
export async function edgeRelays({ folder, marketo, api, shards }: EdgeRelaysOptions): Promise<Platform> {
  const data = join(folder, 'data')
  const port = await freePort()
  const script = await buildWorker(join(folder, 'script'))
  const running = new Set<ChildProcess>()
  const outboxes = () =>
    globSync(join(data, 'v3/do/*LeadOutbox/*.sqlite')).filter((path) => !path.endsWith('metadata.sqlite'))

  return {
    name: shards === 1 ? 'workerd' : `workerd, ${shards} objects`,
    urls: [`http://127.0.0.1:${port}`],
    can: { crashAtSteps: false, setClock: false },
    wakesByAlarm: true,
    // It takes seconds to start, and it retries on the real schedule, which cannot be set.
    startupFactor: 4,
    drainTimeout: 180_000,
    start(_, { limits }) {
      const variables = {
        ...environment(api, marketo, limits),
        FORM_SYNC_FORMS: formsFile(api),
        FORM_SYNC_SHARDS: String(shards),
      }
      const args = ['test/support/edge-relay.ts', data, String(port), JSON.stringify(variables), script]
      return startRelay(args, running)
    },
    jobs: async () => outboxes().flatMap(readOutbox),
    spentToday: async (now) => outboxes().reduce((sum, path) => sum + readSpent(path, now), 0),
    async end() {
      for (const child of running) signalGroup(child, 'SIGKILL')
    },
  }
}

function startRelay(args: string[], running: Set<ChildProcess>): RelayProcess {
  const child = spawnChild(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: workerd is another process in it.
    detached: true,
  })
  running.add(child)
  let output = ''
  let endedByUs = false
  const ended = new Promise<undefined>((resolve, reject) => {
    child.once('exit', (code) => {
      running.delete(child)
      if (code !== null && code !== 0 && !endedByUs) reject(new Error(`the relay ended with ${code}:\n${output}`))
      else resolve(undefined)
    })
  })
  const ready = new Promise<boolean>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      if (/listens at/.test(output)) resolve(true)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    void ended.then(
      () => resolve(false),
      () => resolve(false),
    )
  })
  const end = (signal: NodeJS.Signals) => {
    endedByUs = true
    signalGroup(child, signal)
  }
  return {
    ready,
    ended,
    kill: () => end('SIGKILL'),
    shutDown: () => end('SIGTERM'),
    async freeze(ms) {
      signalGroup(child, 'SIGSTOP')
      await sleep(ms)
      signalGroup(child, 'SIGCONT')
    },
    setClock: () => {},
    happened: () => [],
  }
}

/** Sends a signal to the process and all that it has started. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal)
}
