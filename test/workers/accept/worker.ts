/**
 * The servers of the bench "accept" in workerd, one a process: the variable `KIND` says which.
 *
 * The relays are the product's own; `relay` is the product's Worker itself.
 */
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'
import { createApp } from '../../../relay/app.ts'
import { readConfig } from '../../../relay/config.ts'
import type { Lead } from '../../../relay/lead.ts'
import { createSqlOutbox } from '../../../relay/outbox/sql.ts'
import type { Outbox, OutboxStatus } from '../../../relay/outbox/outbox.ts'
import relay, { LeadOutbox } from '../../../relay/platform/cloudflare.ts'
import { durableObjectSql } from '../../../relay/platform/durable-object-sql.ts'
import { FORMS, PATH, variables } from '../../bench/accept/form.ts'

export { LeadOutbox }

interface Env {
  KIND: string
  OUTBOX: DurableObjectNamespace<LeadOutbox>
  ONE_BY_ONE: DurableObjectNamespace<OneByOne>
}

type Fetch = (request: Request) => Response | Promise<Response>

const config = readConfig(variables('https://marketo.example/soap/mktows/3_1'), FORMS)

/** An outbox that writes each lead by itself, and an alarm beside it, as the product's does. Nothing delivers. */
export class OneByOne extends DurableObject<Env> {
  readonly #outbox = createSqlOutbox(durableObjectSql(this.ctx.storage), config.limits)

  async add(leads: Lead[], dueAt: number): Promise<void> {
    await this.#outbox.add(leads, dueAt)
    if (leads.length > 0) await this.ctx.storage.setAlarm(dueAt + NEVER)
  }

  status(now: number): Promise<OutboxStatus> {
    return this.#outbox.status(now)
  }

  override async alarm(): Promise<void> {}
}

/** Longer than any bench, in milliseconds. */
const NEVER = 86_400_000

/** The product's app on another outbox. */
function appOn(outbox: Pick<Outbox, 'add' | 'status'>): Fetch {
  const app = createApp({
    config,
    outbox,
    wake: () => {},
    now: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    // oxlint-disable-next-line no-console -- the Worker's log, as the product writes it
    log: (event) => console.log(JSON.stringify({ at: new Date().toISOString(), ...event })),
  })
  return (request) => app.fetch(request)
}

function oneByOne(env: Env): Pick<Outbox, 'add' | 'status'> {
  const object = () => env.ONE_BY_ONE.get(env.ONE_BY_ONE.idFromName('outbox'))
  return {
    add: (leads, dueAt) => object().add([...leads], dueAt),
    status: (now) => object().status(now),
  }
}

const FETCHES: Record<string, (env: Env) => Fetch> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  free: () => appOn({ add: async () => {}, status: () => Promise.reject(new Error('nothing is kept')) }),
  single: (env) => appOn(oneByOne(env)),
}

let fetch: Fetch | undefined

// oxlint-disable-next-line import/no-default-export -- what a Worker is
export default {
  fetch(request, env) {
    if (env.KIND === 'relay') return relay.fetch(request, env)
    fetch ??= FETCHES[env.KIND]?.(env)
    return fetch?.(request) ?? new Response(`there is no server "${env.KIND}"`, { status: 500 })
  },
} satisfies ExportedHandler<Env>
