/** The relay that is fuzzed, as its own process, on Node or in workerd, with a simulator of Marketo in this process. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildWorker } from '../../demo/build-worker.ts'
import { serveSimulator } from '../../demo/simulator/serve.ts'
import type { PersonView } from '../../demo/simulator/view.ts'
import { endChild, makeTempFolder, spawnChild, waitForOutput } from '../chaos/cleanup.ts'
import { accountVariables } from '../support/account-variables.ts'
import { AS_OPERATOR, OPERATOR } from '../support/operator.ts'
import { descendantsOf } from '../support/processes.ts'
import { FORMS, MUNCHKIN_ID, SERVER_KEY } from './forms.ts'

export const PLATFORMS = ['node', 'workerd'] as const
export type Platform = (typeof PLATFORMS)[number]

export interface Target {
  port: number
  /** Returns the memory of the relay, in bytes: on Node what is left after a collection, in workerd all of its processes. */
  memory: () => Promise<number>
  people: () => Promise<PersonView[]>
  /** Returns the number of leads that wait. */
  backlog: () => Promise<number>
  end: () => Promise<void>
}

/** A source may send as much as it likes, and Marketo's limits are wide: what is sought are faults, not floods. */
const WIDE = {
  FORM_SYNC_POSTS_PER_MINUTE: '9999999',
  FORM_SYNC_MAX_WAITING_PER_SOURCE: '9999999',
  FORM_SYNC_MAX_WAITING: '9999999',
  MARKETO_CALLS_PER_20S: '100',
  MARKETO_CALLS_PER_DAY: '1000000',
}

/** Starts both. */
export async function startTarget(platform: Platform): Promise<Target> {
  const folder = makeTempFolder('fuzz')
  const simulator = await serveSimulator({ port: 0 })
  await fetch(`${simulator.url}/sim/limits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ratePer20s: 1_000_000, daily: 100_000_000 }),
  })
  const variables = {
    ...accountVariables('rest', simulator.url),
    ...OPERATOR,
    ...WIDE,
    MUNCHKIN_ID,
    FORM_SYNC_API_KEYS: SERVER_KEY,
  }
  const child = platform === 'node' ? startNode(folder.path, variables) : await startWorkerd(folder.path, variables)
  const [, port] = await waitForOutput(child, /listens at http:\/\/localhost:(\d+)/)
  const url = `http://127.0.0.1:${port}`
  return {
    port: Number(port),
    memory: platform === 'node' ? () => heapOf(child) : async () => residentOf(child.pid!),
    people: async () => (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[],
    backlog: async () => ((await (await fetch(`${url}/readyz`, AS_OPERATOR)).json()) as { backlog: number }).backlog,
    async end() {
      await endChild(child, 'SIGTERM')
      await simulator.close()
      folder.remove()
    },
  }
}

function startNode(folder: string, variables: Record<string, string>): ChildProcess {
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const program = join(import.meta.dirname, 'relay-process.ts')
  return spawnChild(process.execPath, ['--expose-gc', program, join(folder, 'data'), forms], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

async function startWorkerd(folder: string, variables: Record<string, string>): Promise<ChildProcess> {
  const script = await buildWorker(join(folder, 'script'))
  const program = join(import.meta.dirname, '../support/edge-relay.ts')
  const env = JSON.stringify({ ...variables, FORM_SYNC_FORMS: JSON.stringify(FORMS) })
  return spawnChild(process.execPath, [program, join(folder, 'data'), '0', env, script], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
}

async function heapOf(child: ChildProcess): Promise<number> {
  child.send('memory')
  const [bytes] = (await once(child, 'message')) as [number]
  return bytes
}

function residentOf(pid: number): number {
  const pages = [...descendantsOf(pid).keys()].map((id) =>
    Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]),
  )
  return pages.reduce((sum, own) => sum + own, 0) * 4_096
}
