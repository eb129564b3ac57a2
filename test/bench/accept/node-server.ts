/**
 * One server on Node, a process of its own: `node test/bench/accept/node-server.ts <kind> <folder>`. It sends its port over
 * the IPC channel, and ends when that channel closes.
 *
 * The relays consist of the relay's own parts, with guards, intake and log, and differ only in their `add`. Nothing is
 * delivered.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve as listen } from '@hono/node-server'
import { Hono } from 'hono'
import { createApiKeys, createApp, readConfig, type Outbox } from '../../../relay/index.ts'
import { groupCommit } from '../../../relay/outbox/group-commit.ts'
import { logToStdout } from '../../../relay/runtime/node/log.ts'
import { openOutbox } from '../../../relay/runtime/node/open-outbox.ts'
import { serve, type Parts } from '../../../relay/runtime/node/serve.ts'
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

async function open(): Promise<Outbox> {
  const fail = (error: unknown) => {
    throw error
  }
  const options = { limits: config.limits, now: Date.now, onQuarantine: fail, onMissing: fail, onLogError: fail }
  return (await openOutbox(join(folder, 'outbox.sqlite'), options)).outbox
}

function grouped({ add, status }: Store): Store {
  return { add: groupCommit(add, setImmediate), status }
}

/** An outbox without a database: leads are grouped as usual, and dropped. */
const WITHOUT_STORAGE = grouped({ add: async () => {}, status: () => Promise.reject(new Error('nothing is stored')) })

const GUARDED = 'guarded-json'

/** Limits that the bench does not reach, so that each post passes all of them. A trusted proxy names the visitors' addresses. */
const GUARDED_VARIABLES = {
  ...VARIABLES,
  FORM_SYNC_TRUSTED_PROXIES: '1',
  FORM_SYNC_POSTS_PER_MINUTE: '9999999',
  FORM_SYNC_MAX_WAITING_PER_SOURCE: '9999999',
  FORM_SYNC_DISK_RESERVE_MB: '1',
}

/** An outbox that stores nothing, and from which nothing is delivered. What it reports is that of the real one, which is empty. */
const dropLeads = ({ outbox, ...rest }: Parts): Parts => ({
  ...rest,
  outbox: { ...outbox, add: async () => {}, claim: async () => [], nextDueAt: async () => undefined },
})

/** Starts the relay as `form-sync serve` does, with all its guards but without storage. Returns its port. */
async function serveGuarded(): Promise<number> {
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const { url } = await serve({
    env: GUARDED_VARIABLES,
    forms,
    data: folder,
    port: 0,
    host: '127.0.0.1',
    checks: false,
    instrument: dropLeads,
    // A connection of the load generator carries any number of requests.
    serverLimits: { requestsPerConnection: 0 },
  })
  return Number(new URL(url).port)
}

const FETCHES: Record<string, () => Fetch | Promise<Fetch>> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  'free-json': () => relay(WITHOUT_STORAGE),
  free: () => relay(WITHOUT_STORAGE),
  single: async () => relay(await open()),
  relay: async () => relay(grouped(await open())),
  reader: async () => relay(grouped(await open())),
}

process.once('disconnect', () => process.exit())
if (kind === GUARDED) {
  process.send?.({ port: await serveGuarded() })
} else {
  const fetch = FETCHES[kind]
  if (!fetch) throw new Error(`unknown server: ${kind}; use one of ${[GUARDED, ...Object.keys(FETCHES)].join(', ')}`)
  listen({ fetch: await fetch(), port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }))
}
