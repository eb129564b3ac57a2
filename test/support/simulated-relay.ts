/**
 * A relay in simulated time: the dispatcher, the outbox on SQLite and either transport against the simulator, all in this
 * process. An hour takes less than a second. A life of the relay may end at any step, and another one goes on with its file.
 *
 * The relay's sources may be a copy in which something is broken.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import type { AskedFault } from '../../demo/simulator/faults.ts'
import { createSimulator } from '../../demo/simulator/index.ts'
import type * as Dispatcher from '../../relay/delivery/dispatcher.ts'
import type { Lead } from '../../relay/intake/lead.ts'
import type * as MarketoTransport from '../../relay/marketo/transport.ts'
import type { LogEvent } from '../../relay/monitoring/events.ts'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox, OwedCookie } from '../../relay/outbox/outbox.ts'
import type * as SqliteOutbox from '../../relay/outbox/sqlite/outbox.ts'
import type * as OutboxCrypto from '../../relay/runtime/node/outbox-crypto.ts'
import type * as SqliteFile from '../../relay/runtime/node/sqlite-file.ts'
import type { Api } from './account-variables.ts'

/** Time that a call takes which is answered, in ms. */
const CALL_MS = 100

/** Time that really passes until a call without an answer times out, in ms. */
const SILENT_TIMEOUT_MS = 5

/** Limits of the relay. */
const LIMITS: Limits = { callsPer20s: 50, concurrency: 5, callsPerDay: 100_000, leadsPerCall: 300, timeout: 20_000 }

const ROOT = join(import.meta.dirname, '../..')

export interface SimulatedRelayOptions {
  /** Folder of the relay's sources. This project's by default. */
  root?: string
  /** Folder for the outbox. */
  folder: string
  api?: Api
  limits?: Partial<Limits>
  /** Calls that Marketo takes a day. A million by default. */
  daily?: number
  /** Start in epoch milliseconds. */
  start?: number
  /** True while calls time out. Their fault must be `timeout`. */
  isSilent?: (now: number) => boolean
}

export interface SimulatedRelay {
  /** Returns the time in epoch milliseconds. */
  now: () => number
  /** Stores leads, which were accepted now, as the HTTP app does. */
  add: (leads: readonly Lead[]) => Promise<void>
  /** Does something at a time. */
  at: (time: number, run: () => unknown) => void
  /** Lets time pass until there is nothing before this time, and then until it. */
  runUntil: (time: number) => Promise<void>
  /** Ends this life without a further step, as SIGKILL does, and begins the next one on the same file. */
  restart: (api?: Api) => Promise<void>
  /** Ends this life as soon as the delivery of a lead is stored. `restart` begins the next one. */
  killAfterSettle: () => void
  /** Returns whether the life was ended by `killAfterSettle`. */
  isKilled: () => boolean
  /** The outbox of this life. */
  outbox: () => Outbox
  /** Reads rows of the outbox's file. */
  rows: <Row>(statement: string) => Row[]
  /** Events of all lives. */
  events: LogEvent[]
  /** Reads a route of the simulator's `/sim/…`. */
  read: <T>(path: string) => Promise<T>
  fault: (faults: readonly AskedFault[]) => Promise<void>
  clearFaults: () => Promise<void>
  close: () => void
}

/** The parts of the relay that run. */
async function load(root: string) {
  const part = (path: string) => import(/* @vite-ignore */ pathToFileURL(join(root, path)).href) as Promise<unknown>
  const [dispatcher, outbox, file, crypto, transport] = (await Promise.all([
    part('relay/delivery/dispatcher.ts'),
    part('relay/outbox/sqlite/outbox.ts'),
    part('relay/runtime/node/sqlite-file.ts'),
    part('relay/runtime/node/outbox-crypto.ts'),
    part('relay/marketo/transport.ts'),
  ])) as [typeof Dispatcher, typeof SqliteOutbox, typeof SqliteFile, typeof OutboxCrypto, typeof MarketoTransport]
  return { ...dispatcher, ...outbox, ...file, ...crypto, ...transport }
}

const ACCOUNTS = {
  soap: {
    transport: 'soap',
    endpoint: 'http://marketo.example/soap/mktows/3_1',
    userId: DEMO_ACCOUNT.userId,
    secretKey: DEMO_ACCOUNT.secretKey,
  },
  rest: {
    transport: 'rest',
    endpoint: 'http://marketo.example',
    clientId: DEMO_ACCOUNT.clientId,
    clientSecret: DEMO_ACCOUNT.clientSecret,
  },
} as const

const NEVER = new Promise<never>(() => {})

/** Starts a relay and a simulator in simulated time. */
export async function startSimulatedRelay(options: SimulatedRelayOptions): Promise<SimulatedRelay> {
  const { folder, daily = 1_000_000, start = Date.UTC(2026, 10, 23, 9, 30), isSilent = () => false } = options
  const limits = { ...LIMITS, ...options.limits }
  const relay = await load(options.root ?? ROOT)
  const file = join(folder, 'outbox.sqlite')
  const logged: LogEvent[] = []
  let api = options.api ?? 'soap'
  let now = start
  let wakesAt: number | undefined
  let pending = 0
  let events: { at: number; run: () => unknown }[] = []
  let killsAfterSettle = false

  const { app } = createSimulator({ now: () => now, account: DEMO_ACCOUNT, random: () => 0 })
  const post = (path: string, body: object) => app.request(path, { method: 'POST', body: JSON.stringify(body) })
  await post('/sim/limits', { daily })

  /** Counts the work under way, except for the time that a call takes. */
  function counted<Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => {
      pending += 1
      try {
        return await work(...args)
      } finally {
        pending -= 1
      }
    }
  }

  async function begin() {
    const life = { isOver: false }
    const sql = relay.openSqlite(file)
    // Nothing but the relay ends, so that nothing has to be on the disk.
    sql.run('PRAGMA synchronous = OFF')
    const outbox: Outbox = await relay.createSqliteOutbox(sql, {
      batchKeys: relay.batchKeysOf(api),
      crypto: relay.NODE_CRYPTO,
      limits,
    })
    await outbox.resume(now, api)
    const caller = { fetch: async (url: string, init: RequestInit) => app.request(url, init), now: () => now }
    const answered = relay.createTransport(ACCOUNTS[api], { ...caller, timeout: limits.timeout })
    const silent = relay.createTransport(ACCOUNTS[api], { ...caller, timeout: SILENT_TIMEOUT_MS })
    const transport = () => (isSilent(now) ? silent : answered)

    /** Counts a step of this life. A life that is over takes no further step. */
    function step<Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) {
      const isCounted = counted(work)
      return async (...args: Args): Promise<Result> => {
        if (life.isOver) return NEVER
        const result = await isCounted(...args)
        return life.isOver ? NEVER : result
      }
    }

    function lasting<Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) {
      const attempt = step(call)
      return async (...args: Args): Promise<Result> => {
        const ms = isSilent(now) ? limits.timeout : CALL_MS
        const result = await attempt(...args)
        await new Promise<void>((resolve) => events.push({ at: now + ms, run: resolve }))
        return life.isOver ? NEVER : result
      }
    }

    const dispatcher = relay.createDispatcher({
      outbox: {
        ...outbox,
        claim: step(outbox.claim),
        async settle(batch, settlements, at, met) {
          await step(outbox.settle)(batch, settlements, at, met)
          if (!killsAfterSettle || !settlements.some(({ kind, owed }) => kind === 'delivered' && !owed)) return
          life.isOver = true
          await NEVER
        },
        acquireSlot: step(outbox.acquireSlot),
        nextDueAt: step(outbox.nextDueAt),
        // Its first call loads a module, which takes a while of real time.
        expire: step(outbox.expire),
        sweep: step(outbox.sweep),
      },
      transport: {
        deliver: lasting(async (leads: readonly Lead[]) => transport().deliver(leads)),
        associate: lasting(async (owed: OwedCookie) => transport().associate(owed)),
        probe: lasting(async (timeout: number) => transport().probe(timeout)),
      },
      now: () => now,
      random: () => 0.5,
      wakeAt: (time) => {
        if (!life.isOver) wakesAt = time
      },
      log: (event) => logged.push(event),
      limits,
    })
    return { life, sql, outbox, dispatcher }
  }

  let current = await begin()

  /** Resolves when nothing goes on until time passes. */
  async function idle(): Promise<void> {
    for (let turns = 0; turns < 3; turns = pending === 0 ? turns + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  return {
    now: () => now,
    events: logged,
    outbox: () => current.outbox,
    rows: (statement) => current.sql.run(statement) as never,
    read: async <T>(path: string) => (await (await app.request(path)).json()) as T,
    async fault(faults) {
      await post('/sim/faults', { faults, seed: 1 })
    },
    async clearFaults() {
      await app.request('/sim/faults', { method: 'DELETE' })
    },
    add: counted(async (leads) => {
      await current.outbox.add([...leads], now)
      current.dispatcher.wake()
    }),
    at: (time, run) => events.push({ at: time, run: () => void counted(async () => run())() }),
    killAfterSettle: () => (killsAfterSettle = true),
    isKilled: () => current.life.isOver,
    async restart(next = api) {
      await idle()
      current.life.isOver = true
      current.sql.close()
      api = next
      killsAfterSettle = false
      wakesAt = undefined
      current = await begin()
      current.dispatcher.wake()
      await idle()
    },
    async runUntil(end) {
      await idle()
      for (;;) {
        const next = Math.max(now, Math.min(wakesAt ?? Infinity, ...events.map(({ at }) => at)))
        if (next > end) break
        now = next
        const due = events.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
        events = events.filter(({ at }) => at > now)
        for (const { run } of due) {
          run()
          await idle()
        }
        if (wakesAt !== undefined && wakesAt <= now) {
          wakesAt = undefined
          current.dispatcher.wake()
        }
        await idle()
        if (current.life.isOver) return
      }
      now = Math.max(now, end)
    },
    close: () => current.sql.close(),
  }
}
