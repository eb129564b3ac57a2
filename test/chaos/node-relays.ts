/** Relays on Node, each a process: one on a file, or several on one PostgreSQL. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { FOLLOWS_NOTE } from '../../relay/outbox/unsent-cookie.ts'
import { parseState } from '../../relay/outbox/account-state.ts'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import type { RetrySchedule } from '../../relay/delivery/retry-policy.ts'
import { freePort } from '../support/process.ts'
import { spawnChild } from './cleanup.ts'
import { accountVariables, type Api } from '../support/account-variables.ts'
import { formsFile } from './api.ts'
import { spentOf, type Platform, type RelayLimits, type RelayProcess, type StoredJob } from './relays.ts'
import type { Message, RelayProcessOptions } from './relay-process.ts'
import { CRASHED } from './steps.ts'

/** The relay's schedule with shorter times, because a run lasts minutes. */
export const SCHEDULE: RetrySchedule = {
  lead: { first: 50, last: 2_000 },
  outage: { first: 50, last: 500 },
  blocked: 500,
  giveUpAfter: 5 * 86_400_000,
}

/** Timeout of a call in seconds, the shortest that the relay accepts. Its lease is then 2.1 s. */
const CALL_TIMEOUT_S = 1

/** Token of the operator's API, which takes 20 characters or more. */
export const CONSOLE_TOKEN = 'token-of-the-chaos-test'

export interface NodeRelaysOptions {
  folder: string
  /** Address of the simulator. */
  marketo: string
  api: Api
}

/** Prepares one relay on a file in the folder. */
export async function nodeRelays({ folder, marketo, api }: NodeRelaysOptions): Promise<Platform> {
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, formsFile(api))
  const data = join(folder, 'data')
  const log = join(folder, 'relay.log')
  const port = await freePort()
  const running = new Set<ChildProcess>()

  return {
    name: 'node',
    urls: [`http://127.0.0.1:${port}`],
    can: { crashAtSteps: true, setClock: true },
    startupFactor: 1,
    drainTimeout: 90_000,
    start(_, { faults, clock, limits }) {
      const env = environment(api, marketo, limits)
      return startRelay({ env, forms, data, port, schedule: SCHEDULE, faults, clock, log }, running)
    },
    jobs: async () => readOutbox(join(data, 'outbox.sqlite')),
    spentToday: async (now) => readSpent(join(data, 'outbox.sqlite'), now),
    async end() {
      for (const child of running) child.kill('SIGKILL')
    },
  }
}

/** Returns the variables of a relay that calls this Marketo within these limits. */
export function environment(
  api: Api,
  marketo: string,
  { callsPer20s, concurrency, perDay, leadsPerCall, callTimeout = CALL_TIMEOUT_S }: RelayLimits,
): Record<string, string> {
  return {
    ...accountVariables(api, marketo),
    MUNCHKIN_ID: DEMO_ACCOUNT.munchkinId,
    MARKETO_TIMEOUT: String(callTimeout),
    MARKETO_CALLS_PER_20S: String(callsPer20s),
    MARKETO_CONCURRENCY: String(concurrency),
    MARKETO_CALLS_PER_DAY: String(perDay),
    MARKETO_LEADS_PER_CALL: String(leadsPerCall),
    FORM_SYNC_CONSOLE_TOKEN: CONSOLE_TOKEN,
  }
}

/**
 * Starts a relay process and follows it to its end.
 *
 * @param running the processes that run; this one is added and removed
 * @param mayFail the error messages with which it may fail to start
 */
export function startRelay(options: RelayProcessOptions, running: Set<ChildProcess>, mayFail?: RegExp): RelayProcess {
  const program = fileURLToPath(import.meta.resolve('./relay-process.ts'))
  const child = spawnChild(process.execPath, [program, JSON.stringify(options)], {
    // A run starts many processes: each uses the code that the first one has compiled.
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: join(dirname(options.log), 'compiled') },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  running.add(child)
  let output = ''
  let errors = ''
  let served = false
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  // A process that was killed meanwhile cannot receive it, which does not matter.
  const send = (message: Message) => void (child.connected && child.send(message, () => {}))
  const lines = () => output.split('\n').filter((line) => line !== '')
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.once('close', (code) => {
      running.delete(child)
      if (code && (served || !mayFail?.test(errors))) reject(new Error(`a relay ended with ${code}:\n${errors}`))
      else if (code) resolve('could not start')
      else
        resolve(
          lines()
            .find((line) => line.startsWith(CRASHED))
            ?.slice(CRASHED.length),
        )
    })
  })
  return {
    ready: Promise.race([
      new Promise<boolean>((resolve) => child.once('message', () => resolve((served = true)))),
      ended.then(() => false),
    ]),
    ended,
    kill: () => void child.kill('SIGKILL'),
    shutDown: () => send({ shutDown: true }),
    async freeze(ms) {
      child.kill('SIGSTOP')
      await sleep(ms)
      child.kill('SIGCONT')
    },
    setClock: (clockError) => send({ clockError }),
    happened: () => lines().filter((line) => line === 'late-verdict' || line === 'stall'),
  }
}

/** Reads the jobs of a SQLite outbox. */
export function readOutbox(path: string): StoredJob[] {
  const columns = 'id, state, lead_id, reason, attempts, lead, notes'
  return (rowsOf(path, 'job', columns) as unknown as JobRow[]).map(jobOf)
}

/** Reads the calls that a SQLite outbox has counted of the day at `now`. */
export function readSpent(path: string, now: number): number {
  const [row] = rowsOf(path, 'control', 'state')
  return spentOf(parseState(row?.state as string | null | undefined).budget, now)
}

/** Reads all rows of a table; empty where the relay was killed before it had created the table. */
function rowsOf(path: string, table: string, columns: string) {
  if (!existsSync(path)) return []
  const db = new DatabaseSync(path)
  try {
    const found = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table)
    return found ? db.prepare(`SELECT ${columns} FROM ${table}`).all() : []
  } finally {
    db.close()
  }
}

export interface JobRow {
  id: string
  state: string
  lead_id: number | null
  reason: string | null
  attempts: number
  lead: string | null
  /** JSON list of the notes for the operator. */
  notes: string
}

/** Returns the id that a form was sent with, by the notes of its lead. */
export function sentIdOf(id: string, notes: readonly string[]): string {
  return notes.map((note) => /^id replaced: (\S+) was used before/.exec(note)?.[1]).find(Boolean) ?? id
}

export function jobOf({ id, state, lead_id: leadId, reason, attempts, lead, notes }: JobRow): StoredJob {
  const stored = lead === null ? undefined : (JSON.parse(lead) as { attributes: { name: string; value: string }[] })
  const attributes = stored && Object.fromEntries(stored.attributes.map(({ name, value }) => [name, value]))
  const all = JSON.parse(notes) as string[]
  const owesCookie = all.includes(FOLLOWS_NOTE)
  return { id, sentAs: sentIdOf(id, all), state, leadId, reason, attempts, attributes, owesCookie }
}
