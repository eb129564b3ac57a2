/**
 * One server on Node, a process of its own: `node test/bench/accept/node-server.ts <kind> <folder>`. It says over its IPC
 * channel which port it took, and ends with that channel.
 *
 * The relays are made of the product's own parts, with guards, intake and log; they differ in what `add` does. Nothing
 * delivers.
 */
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createApp, readConfig, type Outbox } from '../../../relay/index.ts'
import { groupCommit } from '../../../relay/outbox/group-commit.ts'
import { createSqlOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { logToStdout } from '../../../relay/runtime/node/log.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { FORMS, PATH, VARIABLES } from './form.ts'

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
  })
  return app.fetch
}

function open(): Outbox {
  return createSqlOutbox(openSqlite(join(folder, 'outbox.sqlite')), config.limits)
}

function grouped({ add, status }: Store): Store {
  return { add: groupCommit(add, setImmediate), status }
}

/** What the relay is without its database: leads come together as ever, and are thrown away. */
const FREE = grouped({ add: async () => {}, status: () => Promise.reject(new Error('nothing is kept')) })

const FETCHES: Record<string, () => Fetch> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  'free-json': () => relay(FREE),
  free: () => relay(FREE),
  single: () => relay(open()),
  relay: () => relay(grouped(open())),
}

const fetch = FETCHES[kind]
if (!fetch) throw new Error(`there is no server "${kind}"`)
process.once('disconnect', () => process.exit())
serve({ fetch: fetch(), port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }))
