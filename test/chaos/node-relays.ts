/** Relays on Node, each a process: one on a file, or several on one PostgreSQL. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import type { RetrySchedule } from '../../relay/delivery/retry-policy.ts'
import { freePort } from '../support/process.ts'
import { FORMS } from './plan.ts'
import { spentOf, type Job, type Life, type Platform, type RelayLimits } from './relays.ts'
import type { RelayLife, Told } from './relay-process.ts'

/** As the product's, and shorter: a run has no hours. */
export const SCHEDULE: RetrySchedule = {
  lead: { first: 50, last: 2_000 },
  outage: { first: 50, last: 500 },
  blocked: 500,
  giveUpAfter: 5 * 86_400_000,
}

/** Seconds; the shortest that the relay takes. Its lease is then 2.1 s. */
const TIMEOUT = 1

export interface NodeRelaysOptions {
  folder: string
  endpoint: string
}

/** One relay on a file in the folder. */
export async function nodeRelays({ folder, endpoint }: NodeRelaysOptions): Promise<Platform> {
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const data = join(folder, 'data')
  const port = await freePort()
  const lives = new Set<ChildProcess>()

  return {
    name: 'node',
    urls: [`http://127.0.0.1:${port}`],
    can: { dieAtSteps: true, moveTheClock: true },
    slowness: 1,
    patience: 90_000,
    start(_, { fate, clock, limits }) {
      const env = environment(endpoint, limits)
      const life = { env, forms, data, port, schedule: SCHEDULE, fate, clock, log: join(folder, 'relay.log') }
      return live(life, lives)
    },
    jobs: async () => readOutbox(join(data, 'outbox.sqlite')),
    spentToday: async (now) => readSpent(join(data, 'outbox.sqlite'), now),
    async end() {
      for (const child of lives) child.kill('SIGKILL')
    },
  }
}

/** The variables of a relay that calls this Marketo within these limits. */
export function environment(endpoint: string, { callsPer20s, concurrency, perDay, leadsPerCall }: RelayLimits) {
  return {
    MARKETO_SOAP_ENDPOINT: endpoint,
    MARKETO_USER_ID: DEMO_ACCOUNT.userId,
    MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
    MUNCHKIN_ID: DEMO_ACCOUNT.munchkinId,
    MARKETO_TIMEOUT: String(TIMEOUT),
    MARKETO_CALLS_PER_20S: String(callsPer20s),
    MARKETO_CONCURRENCY: String(concurrency),
    MARKETO_CALLS_PER_DAY: String(perDay),
    MARKETO_LEADS_PER_CALL: String(leadsPerCall),
  }
}

/** Starts a process and follows it to its end. What it may complain of when it cannot start is `mayFail`. */
export function live(options: RelayLife, lives: Set<ChildProcess>, mayFail?: RegExp): Life {
  const program = fileURLToPath(import.meta.resolve('./relay-process.ts'))
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    // Starts are most of what a storm does: the second one reads what the first has compiled.
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: join(dirname(options.log), 'compiled') },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  lives.add(child)
  let printed = ''
  let complaint = ''
  let served = false
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  // A process that was killed meanwhile hears nothing, and need not.
  const tell = (told: Told) => void (child.connected && child.send(told, () => {}))
  const lines = () => printed.split('\n').filter((line) => line !== '')
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.once('close', (code) => {
      lives.delete(child)
      if (code !== null && code !== 0 && (served || !mayFail?.test(complaint))) {
        reject(new Error(`a relay ended with ${code}:\n${complaint}`))
        return
      }
      if (code) resolve('it could not start')
      else
        resolve(
          lines()
            .find((line) => line.startsWith('died '))
            ?.slice('died '.length),
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
    end: () => tell({ end: true }),
    async freeze(ms) {
      child.kill('SIGSTOP')
      await sleep(ms)
      child.kill('SIGCONT')
    },
    clock: (off) => tell({ clock: off }),
    told: () => lines().filter((line) => !line.startsWith('died ')),
  }
}

/** The rows of a SQLite outbox, read as they are. */
export function readOutbox(path: string): Job[] {
  const columns = 'id, state, lead_id, reason, attempts, lead'
  return (rowsOf(path, 'job', columns) as unknown as Row[]).map(jobOf)
}

/** Calls of the day that it is then, as the outbox has counted them. */
export function readSpent(path: string, now: number): number {
  const [row] = rowsOf(path, 'allowance', 'spent, day_ends_at')
  return row ? spentOf({ spent: Number(row.spent), dayEndsAt: Number(row.day_ends_at) }, now) : 0
}

/** None where the relay was killed before it had made the table. */
function rowsOf(path: string, table: string, columns: string) {
  if (!existsSync(path)) return []
  const db = new DatabaseSync(path)
  try {
    const there = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table)
    return there ? db.prepare(`SELECT ${columns} FROM ${table}`).all() : []
  } finally {
    db.close()
  }
}

export interface Row {
  id: string
  state: string
  lead_id: number | null
  reason: string | null
  attempts: number
  lead: string | null
}

export function jobOf({ id, state, lead_id: leadId, reason, attempts, lead }: Row): Job {
  const kept = lead === null ? undefined : (JSON.parse(lead) as { attributes: { name: string; value: string }[] })
  const attributes = kept && Object.fromEntries(kept.attributes.map(({ name, value }) => [name, value]))
  return { id, state, leadId, reason, attempts, attributes }
}
