/**
 * The servers of the bench "accept" in workerd, one a process: the variable `KIND` says which.
 *
 * The relays are the product's own app with guards, intake and log; they differ in what `add` does. The objects of `relay`
 * and of `shards` are the product's, without an account: they keep leads, set their alarm and deliver nothing.
 */
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'
import { createApp } from '../../../relay/http/app.ts'
import { readConfig } from '../../../relay/config/config.ts'
import { HEARTBEAT_MS } from '../../../relay/delivery/dispatcher.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Outbox, OutboxStatus } from '../../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import type { LeadOutbox } from '../../../relay/runtime/cloudflare/worker.ts'
import { askObjects } from '../../../relay/runtime/cloudflare/objects.ts'
import { durableObjectSql } from '../../../relay/runtime/cloudflare/sql.ts'
import { FORMS, PATH, VARIABLES } from '../../bench/accept/form.ts'

export { LeadOutbox } from '../../../relay/runtime/cloudflare/worker.ts'

interface Env {
  KIND: string
  OUTBOX: DurableObjectNamespace<LeadOutbox>
  ONE_BY_ONE: DurableObjectNamespace<OneByOne>
}

/** What the product's object would be without groups: a transaction and an alarm for each lead. */
export class OneByOne extends DurableObject<Env> {
  readonly #outbox = createSqlOutbox(durableObjectSql(this.ctx.storage))

  async add(leads: Lead[], dueAt: number): Promise<void> {
    await this.#outbox.add(leads, dueAt)
    if (leads.length > 0) await this.ctx.storage.setAlarm(dueAt)
  }

  status(now: number): Promise<OutboxStatus> {
    return this.#outbox.status(now)
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + HEARTBEAT_MS)
  }
}

type Fetch = (request: Request) => Response | Promise<Response>
type Store = Pick<Outbox, 'add' | 'status'>

function relay(outbox: Store): Fetch {
  const app = createApp({
    config: readConfig(VARIABLES, FORMS),
    outbox,
    wake: () => {},
    now: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    // oxlint-disable-next-line no-console -- the Worker's log, as the product writes it
    log: (event) => console.log(JSON.stringify({ at: new Date().toISOString(), ...event })),
  })
  return (request) => app.fetch(request)
}

const FETCHES: Record<string, (env: Env) => Fetch> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  free: () => relay({ add: async () => {}, status: () => Promise.reject(new Error('nothing is kept')) }),
  single: ({ ONE_BY_ONE: objects }) => {
    const name = objects.idFromName('outbox')
    return relay({
      add: (leads, dueAt) => objects.get(name).add([...leads], dueAt),
      status: (now) => objects.get(name).status(now),
    })
  },
  relay: ({ OUTBOX: objects }) => relay(askObjects(objects, 1)),
  shards: ({ OUTBOX: objects }) => relay(askObjects(objects, 3)),
}

let fetch: Fetch | undefined

// oxlint-disable-next-line import/no-default-export -- what a Worker is
export default {
  fetch(request, env) {
    fetch ??= FETCHES[env.KIND]?.(env)
    return fetch?.(request) ?? new Response(`there is no server "${env.KIND}"`, { status: 500 })
  },
} satisfies ExportedHandler<Env>
