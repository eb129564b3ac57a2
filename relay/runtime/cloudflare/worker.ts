/**
 * The relay on Cloudflare: a Worker that takes leads in, and Durable Objects that keep and deliver them.
 *
 * One of the files that name a runtime. An object's SQLite is the outbox, its alarm is the clock; where there are several,
 * each has the leads of its share of all people, and its part of the limits. Cloudflare answers for `form-sync.js`
 * itself, as a static asset.
 */
import { DurableObject } from 'cloudflare:workers'
import bundledForms from '../../../forms.json'
import { problem } from '../../http/responses.ts'
import { createApp } from '../../http/app.ts'
import {
  ConfigError,
  readConfig,
  readLimits,
  readReceiptDays,
  readShards,
  readSoapAccount,
  type Environment,
  type SoapAccount,
} from '../../config/config.ts'
import { createDispatcher, HEARTBEAT_MS, type Dispatcher } from '../../delivery/dispatcher.ts'
import { createApiKeys } from '../../http/api-keys.ts'
import type { Lead } from '../../intake/lead.ts'
import { tellKey, type Log } from '../../monitoring/events.ts'
import { createLeadMarketo } from '../../marketo/index.ts'
import { createSoapTransport, SOAP_BATCH_KEYS } from '../../marketo/soap/transport.ts'
import { leaseOf, partOf } from '../../outbox/limits/limits.ts'
import { groupCommit } from '../../outbox/group-commit.ts'
import type { LeadEdit } from '../../outbox/edit.ts'
import type {
  CallSlot,
  JobRecord,
  Limited,
  ListedState,
  ListPosition,
  Outbox,
  OutboxStatus,
  Replayed,
} from '../../outbox/outbox.ts'
import { NO_BATCH, broadcastLimits } from '../../outbox/sharding.ts'
import { createSqliteOutbox } from '../../outbox/sqlite/outbox.ts'
import { createAlertMonitor, type SeenIssues } from '../../monitoring/alerts.ts'
import { askObjects, othersThan } from './objects.ts'
import { WORKERD_CRYPTO } from './outbox-crypto.ts'
import { durableObjectSql } from './sql.ts'

interface Env {
  OUTBOX: DurableObjectNamespace<LeadOutbox>
  /** The forms as JSON, for a deployment that does not bundle `forms.json`. */
  FORM_SYNC_FORMS?: unknown
}

const NOT_CONFIGURED = 'The relay is not configured; its log says what is wrong.'

/** Which pages may read an answer is not known without a configuration, and there is nothing in this one to keep. */
const ANYONE = { 'access-control-allow-origin': '*' }

let app: ReturnType<typeof createApp> | undefined

export default {
  async fetch(request, env) {
    try {
      app ??= createRelay(env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      log({ event: 'error', where: 'configuration', reason: error.message })
      const alive = new URL(request.url).pathname === '/healthz'
      return alive ? Response.json({ ok: true }) : problem('unavailable', NOT_CONFIGURED, ANYONE)
    }
    return app.fetch(request)
  },
} satisfies ExportedHandler<Env>

function createRelay(env: Env): ReturnType<typeof createApp> {
  const config = readConfig(env as unknown as Environment, env.FORM_SYNC_FORMS ?? bundledForms)
  const outbox = askObjects(env.OUTBOX, config.shards)
  const caller = callerOf(config.marketo)
  return createApp({
    config,
    outbox,
    ...(config.consoleToken && { operator: { keys: createApiKeys([config.consoleToken]), outbox } }),
    ...(config.apiKeys.length > 0 && {
      servers: {
        keys: createApiKeys(config.apiKeys),
        marketo: createLeadMarketo({ ...caller, timeout: config.limits.timeout }),
        callSlot: {
          outbox,
          now: Date.now,
          wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
          lease: leaseOf(config.limits),
        },
      },
    }),
    // An object wakes itself when it is given a lead.
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

/**
 * Keeps leads and brings them to Marketo.
 *
 * Leads that arrive together are written together. No answer leaves before its lead is durable: a write has ended only
 * with `sync`, and the runtime holds back whatever leaves the object until what it wrote is on more than one disk. A lead
 * that cannot be written costs the others nothing. Where the disks fail the object is started anew, each call that was
 * under way fails, and the next one takes a new stub.
 *
 * A Worker gives it together what is there together; here come together what many Workers give.
 */
export class LeadOutbox extends DurableObject<Env> {
  #outbox!: Outbox
  /** The same; what it learns of Marketo's limits the other objects are told. */
  #telling!: Outbox
  #deliverer: Dispatcher | undefined
  /** When the alarm rings that this object has set. */
  #rings: number | undefined

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    // Requests wait until the tables are those of this version.
    void state.blockConcurrencyWhile(() => this.#open(state, env))
  }

  async #open(state: DurableObjectState, env: Env): Promise<void> {
    const vars = env as unknown as Environment
    const all = readLimits(vars, () => {})
    const shards = readShards(vars, all, () => {})
    const limits = partOf(all, shards)
    this.#outbox = await createSqliteOutbox(durableObjectSql(state.storage), {
      batchKeys: SOAP_BATCH_KEYS,
      crypto: WORKERD_CRYPTO,
      limits,
    })
    this.#telling = broadcastLimits(this.#outbox, (met, now) => {
      const told = othersThan(state.id, env.OUTBOX, shards).map((other) => other.meetLimit(met, now))
      state.waitUntil(Promise.allSettled(told))
    })
    const account = readSoapAccount(vars, () => {})
    // Without an account the Worker takes nothing in and says why; what waits goes on waiting.
    if (!account) return
    const memory = {
      read: () => state.storage.kv.get<SeenIssues>('seen'),
      write: (seen: SeenIssues) => state.storage.kv.put('seen', seen),
    }
    const watch = createAlertMonitor({ outbox: this.#outbox, now: Date.now, log, memory })
    this.#deliverer = createDispatcher({
      outbox: this.#telling,
      transport: createSoapTransport({ ...callerOf(account), timeout: limits.timeout }),
      now: Date.now,
      random: Math.random,
      wakeAt: (time) => this.ctx.waitUntil(this.#wakeAt(watch.soonest(time))),
      monitor: watch,
      limits,
      keepReceipts: readReceiptDays(vars, () => {}),
      log,
    })
    await this.#outbox.resume(Date.now())
    this.#deliverer.wake()
  }

  add(leads: Lead[], dueAt: number): Promise<void> {
    return this.#add(leads, dueAt)
  }

  /** Leads that arrive while others are on their way to the disks share the next transaction and its alarm. */
  readonly #add = groupCommit(
    async (leads, dueAt) => {
      await this.#outbox.add(leads, dueAt)
      // The alarm is kept with the leads: were the object to die now, it would come back for them.
      if (leads.length > 0) await this.#wakeAt(dueAt + HEARTBEAT_MS)
      this.#deliverer?.wake()
      this.#durable = this.ctx.storage.sync()
      await this.#durable
    },
    (write) => void this.#durable.then(write, write),
  )

  /** The end of the write under way, or of the last one. */
  #durable = Promise.resolve()

  status(now: number): Promise<OutboxStatus> {
    return this.#outbox.status(now)
  }

  find(id: string): Promise<JobRecord | undefined> {
    return this.#outbox.find(id)
  }

  list(state: ListedState, limit: number, after?: ListPosition): Promise<JobRecord[]> {
    return this.#outbox.list(state, limit, after)
  }

  async replay(ids: string[], mending: LeadEdit, now: number): Promise<Replayed[]> {
    const replayed = await this.#outbox.replay(ids, mending, now)
    await this.#wakeAt(now)
    this.#deliverer?.wake()
    return replayed
  }

  acquireSlot(now: number, until: number): Promise<CallSlot> {
    return this.#outbox.acquireSlot(now, until)
  }

  /** Ends a call that was permitted, with the limit that it met, and lets the deliverer see that there is room. */
  async endCall(call: number, now: number, limited?: Limited): Promise<void> {
    await this.#telling.settle(call, [], now, limited)
    this.#deliverer?.wake()
  }

  /** Another object has met one of Marketo's limits: this one keeps to less of it, too. It tells nobody. */
  meetLimit(met: Limited, now: number): Promise<void> {
    return this.#outbox.settle(NO_BATCH, [], now, met)
  }

  /**
   * Starts what is due and returns: an alarm that waited for Marketo would hold up the next one. Its successor is set
   * first, so that the object comes back even if it dies on the way; the deliverer then says the real time.
   */
  override async alarm(): Promise<void> {
    this.#rings = undefined
    await this.#wakeAt(Date.now() + HEARTBEAT_MS)
    this.#deliverer?.wake()
  }

  /** One that rings a little early does no harm, and to set it anew for each lead would cost as much as the lead. */
  async #wakeAt(time: number | undefined): Promise<void> {
    if (time === undefined) {
      this.#rings = undefined
      await this.ctx.storage.deleteAlarm()
      return
    }
    const at = Math.max(time, Date.now())
    const early = at - (this.#rings ?? Infinity)
    if (early >= 0 && early < HEARTBEAT_MS) return
    this.#rings = at
    await this.ctx.storage.setAlarm(at)
  }
}

const log: Log = (event) => console.log(JSON.stringify({ at: new Date().toISOString(), ...event }))
