/**
 * One server on Node, a process of its own: `node test/bench/accept/node-server.ts <kind> <folder> <endpoint>`. It says
 * over its IPC channel which port it took, and ends with that channel.
 *
 * The relays are the product's own, with guards, intake and log; `relay` is what `form-sync serve` starts.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve as listen } from '@hono/node-server'
import { Hono } from 'hono'
import { createApp, readConfig, type Outbox } from '../../../relay/index.ts'
import { createSqlOutbox } from '../../../relay/outbox/sql.ts'
import { logToStdout } from '../../../relay/platform/node-log.ts'
import { openSqlite } from '../../../relay/platform/node-sqlite.ts'
import { serve } from '../../../relay/platform/node.ts'
import { FORMS, PATH, variables } from './form.ts'

type Fetch = (request: Request) => Response | Promise<Response>

const HOST = '127.0.0.1'

const [kind = '', folder = '', endpoint = ''] = process.argv.slice(2)
const config = readConfig(variables(endpoint), FORMS)

/** The product's app on another outbox. Nothing delivers. */
function appOn(outbox: Pick<Outbox, 'add' | 'status'>): Fetch {
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

const FETCHES: Record<string, () => Fetch> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  free: () => appOn({ add: async () => {}, status: () => Promise.reject(new Error('nothing is kept')) }),
  single: () => appOn(createSqlOutbox(openSqlite(join(folder, 'outbox.sqlite')), config.limits)),
}

async function start(): Promise<number> {
  const fetch = FETCHES[kind]
  if (fetch)
    return new Promise((resolve) => listen({ fetch: fetch(), port: 0, hostname: HOST }, ({ port }) => resolve(port)))
  if (kind !== 'relay') throw new Error(`there is no server "${kind}"`)
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const { url } = await serve({ env: variables(endpoint), forms, data: join(folder, 'data'), port: 0, host: HOST })
  return Number(new URL(url).port)
}

process.once('disconnect', () => process.exit())
const port = await start()
process.send?.({ port })
