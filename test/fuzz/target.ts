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
import type { Reply } from './connection.ts'
import { FORMS, MUNCHKIN_ID, SERVER_KEY } from './forms.ts'
import { isOfNode, isOfWorkerd } from './server-replies.ts'
import { startWorkerd } from './workerd.ts'

export const PLATFORMS = ['node', 'workerd'] as const
export type Platform = (typeof PLATFORMS)[number]

export interface Target {
  port: number
  /** True for a reply to these bytes that the HTTP server gives by itself. */
  isOfServer: (reply: Reply, request: string) => boolean
  /** Returns the memory of the relay, in bytes: on Node what is left after a collection, in workerd all that is resident. */
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
  const { child, port } = await START[platform](folder.path, variables)
  const url = `http://127.0.0.1:${port}`
  return {
    port,
    isOfServer: platform === 'node' ? isOfNode : isOfWorkerd,
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

interface Started {
  child: ChildProcess
  port: number
}

const START = { node: startNode, workerd: buildAndStart } satisfies Record<Platform, unknown>

async function startNode(folder: string, variables: Record<string, string>): Promise<Started> {
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const program = join(import.meta.dirname, 'relay-process.ts')
  const child = spawnChild(process.execPath, ['--expose-gc', program, join(folder, 'data'), forms], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const [, port] = await waitForOutput(child, /listens at http:\/\/localhost:(\d+)/)
  return { child, port: Number(port) }
}

async function buildAndStart(folder: string, variables: Record<string, string>): Promise<Started> {
  const script = await buildWorker(join(folder, 'script'))
  return startWorkerd(script, folder, { ...variables, FORM_SYNC_FORMS: JSON.stringify(FORMS) })
}

async function heapOf(child: ChildProcess): Promise<number> {
  child.send('memory')
  const [bytes] = (await once(child, 'message')) as [number]
  return bytes
}

function residentOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4_096
}
