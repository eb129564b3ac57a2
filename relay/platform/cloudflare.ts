/**
 * The relay on Cloudflare: a Worker that takes leads in, and one Durable Object that keeps and delivers them.
 *
 * One of the files that name a runtime. The object's SQLite is the outbox, its alarm is the clock. Cloudflare answers
 * for `form-sync.js` itself, as a static asset.
 */
import { DurableObject } from 'cloudflare:workers'
import bundledForms from '../../forms.json'
import { problem } from '../answer.ts'
import { createApp } from '../app.ts'
import { ConfigError, readConfig, readLimits, readSoapAccount, type Environment, type SoapAccount } from '../config.ts'
import { createDeliverer, HEARTBEAT, type Deliverer } from '../deliver.ts'
import { createApiKeys } from '../guard/api-key.ts'
import type { Lead } from '../lead.ts'
import { tellKey, type Log } from '../log.ts'
import { createLeadMarketo } from '../marketo/index.ts'
import { createSoapTransport } from '../marketo/soap/transport.ts'
import type { JobRecord, Outbox, OutboxStatus } from '../outbox/outbox.ts'
import { createSqlOutbox } from '../outbox/sql.ts'
import { durableObjectSql } from './durable-object-sql.ts'

interface Env {
  OUTBOX: DurableObjectNamespace<LeadOutbox>
  /** The forms as JSON, for a deployment that does not bundle `forms.json`. */
  FORM_SYNC_FORMS?: unknown
}

const NOT_CONFIGURED = 'The relay is not configured; its log says what is wrong.'

/** Which pages may read an answer is not known without a configuration, and there is nothing in this one to keep. */
const ANYONE = { 'access-control-allow-origin': '*' }

/** All leads wait in one object. */
const OBJECT = 'outbox'

let app: ReturnType<typeof createApp> | undefined

export default {
  async fetch(request, env) {
    try {
      app ??= createRelay(env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      log({ event: 'trouble', where: 'configuration', reason: error.message })
      const alive = new URL(request.url).pathname === '/healthz'
      return alive ? Response.json({ ok: true }) : problem('unavailable', NOT_CONFIGURED, ANYONE)
    }
    return app.fetch(request)
  },
} satisfies ExportedHandler<Env>

function createRelay(env: Env): ReturnType<typeof createApp> {
  const config = readConfig(env as unknown as Environment, env.FORM_SYNC_FORMS ?? bundledForms)
  // A stub that has failed stays broken, so each call takes a new one.
  const object = () => env.OUTBOX.get(env.OUTBOX.idFromName(OBJECT))
  return createApp({
    config,
    outbox: {
      add: (leads, dueAt) => object().add([...leads], dueAt),
      status: () => object().status(),
    },
    ...(config.apiKeys.length > 0 && {
      servers: { keys: createApiKeys(config.apiKeys), marketo: createLeadMarketo(callerOf(config.marketo)) },
    }),
    // The object wakes itself when it is given a lead.
    wake: () => {},
    now: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log,
  })
}

function callerOf(account: SoapAccount) {
  return {
    ...account,
    fetch: (url: string, init: RequestInit) => fetch(url, init),
    now: Date.now,
    onKey: tellKey(log),
  }
}

/** Keeps leads and brings them to Marketo. Its answers wait until what it wrote is on more than one disk. */
export class LeadOutbox extends DurableObject<Env> {
  readonly #outbox: Outbox
  readonly #deliverer: Deliverer | undefined

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    this.#outbox = createSqlOutbox(durableObjectSql(state.storage))
    const account = readSoapAccount(env as unknown as Environment, () => {})
    // Without an account the Worker takes nothing in and says why; what waits goes on waiting.
    if (!account) return
    this.#deliverer = createDeliverer({
      outbox: this.#outbox,
      transport: createSoapTransport(callerOf(account)),
      now: Date.now,
      random: Math.random,
      wakeAt: (time) => this.ctx.waitUntil(this.#wakeAt(time)),
      limits: readLimits(env as unknown as Environment, () => {}),
      log,
    })
    // There is one such object at a time: what the last one had in its hands when it ended is nobody's now.
    void this.#outbox.recover()
    this.#deliverer.wake()
  }

  async add(leads: Lead[], dueAt: number): Promise<void> {
    await this.#outbox.add(leads, dueAt)
    // The alarm is kept with the leads: were the object to die now, it would come back for them.
    if (leads.length > 0) await this.#wakeAt(dueAt)
    this.#deliverer?.wake()
  }

  status(): Promise<OutboxStatus> {
    return this.#outbox.status()
  }

  find(id: string): Promise<JobRecord | undefined> {
    return this.#outbox.find(id)
  }

  /**
   * Starts what is due and returns: an alarm that waited for Marketo would hold up the next one. Its successor is set
   * first, so that the object comes back even if it dies on the way; the deliverer then says the real time.
   */
  override async alarm(): Promise<void> {
    await this.#wakeAt(Date.now() + HEARTBEAT)
    this.#deliverer?.wake()
  }

  async #wakeAt(time: number | undefined): Promise<void> {
    if (time === undefined) await this.ctx.storage.deleteAlarm()
    else await this.ctx.storage.setAlarm(Math.max(time, Date.now()))
  }
}

const log: Log = (event) => console.log(JSON.stringify({ at: new Date().toISOString(), ...event }))
