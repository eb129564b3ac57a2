/**
 * One server on Node, a process of its own: `node test/bench/accept/node-server.ts <kind> <folder>`. It sends its port over
 * the IPC channel, and ends when that channel closes.
 *
 * The relays consist of the relay's own parts, with guards, intake and log, and differ only in their `add`. Nothing is
 * delivered.
 */
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createApiKeys, createApp, readConfig, type Outbox } from '../../../relay/index.ts'
import { groupCommit } from '../../../relay/outbox/group-commit.ts'
import { logToStdout } from '../../../relay/runtime/node/log.ts'
import { openOutbox, type OpenOutbox } from '../../../relay/runtime/node/open-outbox.ts'
import { FORMS, PATH, TOKEN, VARIABLES } from './form.ts'

type Fetch = (request: Request) => Response | Promise<Response>
type Store = Pick<Outbox, 'add' | 'status'>

const [kind = '', folder = ''] = process.argv.slice(2)
const config = readConfig(VARIABLES, FORMS)

function relay(outbox: Store): Fetch {
  const app = createApp({
    config,
    outbox,
    wake: () => {},
    now: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log: logToStdout,
    // The bench reads the backlog in `/readyz`, and calls no other route of operators.
    operator: { keys: createApiKeys([TOKEN]), outbox: outbox as Outbox },
  })
  return app.fetch
}

async function open(): Promise<OpenOutbox> {
  const fail = (error: unknown) => {
    throw error
  }
  const options = { limits: config.limits, now: Date.now, onQuarantine: fail, onMissing: fail, onLogError: fail }
  return openOutbox(join(folder, 'outbox.sqlite'), options)
}

function grouped({ add, status }: Store, schedule: (write: () => void) => void): Store {
  return { add: groupCommit(add, schedule), status }
}

async function openGrouped(): Promise<Store> {
  const { outbox, schedule } = await open()
  return grouped(outbox, schedule)
}

/** An outbox without a database: leads are grouped as usual, and dropped. */
const WITHOUT_STORAGE = grouped(
  { add: async () => {}, status: () => Promise.reject(new Error('nothing is stored')) },
  setImmediate,
)

const FETCHES: Record<string, () => Fetch | Promise<Fetch>> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  'free-json': () => relay(WITHOUT_STORAGE),
  free: () => relay(WITHOUT_STORAGE),
  single: async () => relay((await open()).outbox),
  relay: async () => relay(await openGrouped()),
  reader: async () => relay(await openGrouped()),
}

const fetch = FETCHES[kind]
if (!fetch) throw new Error(`unknown server: ${kind}; use one of ${Object.keys(FETCHES).join(', ')}`)
process.once('disconnect', () => process.exit())
serve({ fetch: await fetch(), port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }))
