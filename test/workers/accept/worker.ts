/**
 * The servers of the benchmark "accept" in workerd. Each process runs one of them, selected by the variable `KIND`.
 *
 * The relays are the product's app with guards, intake and log. They differ in their `add`. `relay` and `shards` use the
 * product's objects without an account: these store leads, set their alarm and deliver nothing.
 */
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'
import { createApiKeys } from '../../../relay/http/api-keys.ts'
import { createApp } from '../../../relay/http/app.ts'
import { readConfig } from '../../../relay/config/config.ts'
import { HEARTBEAT_MS } from '../../../relay/delivery/dispatcher.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Outbox, OutboxStatus } from '../../../relay/outbox/outbox.ts'
import { SOAP_BATCH_KEYS } from '../../../relay/marketo/soap/transport.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import type { LeadOutbox } from '../../../relay/runtime/cloudflare/lead-outbox.ts'
import { askObjects } from '../../../relay/runtime/cloudflare/objects.ts'
import { WORKERD_CRYPTO } from '../../../relay/runtime/cloudflare/outbox-crypto.ts'
import { durableObjectSql } from '../../../relay/runtime/cloudflare/sql.ts'
import { FORMS, PATH, TOKEN, VARIABLES } from '../../bench/accept/form.ts'

export { LeadOutbox } from '../../../relay/runtime/cloudflare/lead-outbox.ts'

interface Env {
  KIND: string
  OUTBOX: DurableObjectNamespace<LeadOutbox>
  ONE_BY_ONE: DurableObjectNamespace<OneByOne>
}

/** The product's object without group commit: it makes a transaction and sets an alarm for each lead. */
export class OneByOne extends DurableObject<Env> {
  /** Requests wait for it: it is created within `blockConcurrencyWhile`. */
  #outbox!: Outbox

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    void state.blockConcurrencyWhile(async () => {
      const options = { batchKeys: SOAP_BATCH_KEYS, crypto: WORKERD_CRYPTO }
      this.#outbox = await createSqliteOutbox(durableObjectSql(state.storage), options)
    })
  }

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
    // oxlint-disable-next-line no-console -- same log as in the product
    log: (event) => console.log(JSON.stringify({ at: new Date().toISOString(), ...event })),
    // The bench reads the backlog in `/readyz`, and calls no other route of operators.
    operator: { keys: createApiKeys([TOKEN]), outbox: outbox as Outbox },
  })
  return (request) => app.fetch(request)
}

const FETCHES: Record<string, (env: Env) => Fetch> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  free: () => relay({ add: async () => {}, status: () => Promise.reject(new Error('this server stores nothing')) }),
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

// oxlint-disable-next-line import/no-default-export -- a Worker has a default export
export default {
  fetch(request, env) {
    fetch ??= FETCHES[env.KIND]?.(env)
    return fetch?.(request) ?? new Response(`unknown server: ${env.KIND}`, { status: 500 })
  },
} satisfies ExportedHandler<Env>
