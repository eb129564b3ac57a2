/**
 * The relay on Node: node:http, a SQLite file, a timer as the clock.
 *
 * One of the files that name a runtime; it wires what the others are given and decides nothing else.
 */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve as listen } from '@hono/node-server'
import type { ServerType } from '@hono/node-server'
import { createApp } from '../../http/app.ts'
import { readConfig, type Environment } from '../../config/config.ts'
import { createDispatcher } from '../../delivery/dispatcher.ts'
import { RETRY_SCHEDULE, type RetrySchedule } from '../../delivery/retry-policy.ts'
import { tellKey, type Log } from '../../monitoring/events.ts'
import { createApiKeys } from '../../http/api-keys.ts'
import { createMarketo } from '../../marketo/index.ts'
import { createSoapTransport } from '../../marketo/soap/transport.ts'
import { groupCommit } from '../../outbox/group-commit.ts'
import { leaseOf } from '../../outbox/limits/limits.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { Transport } from '../../delivery/transport.ts'
import { createAlertMonitor } from '../../monitoring/alerts.ts'
import { logToStdout } from './log.ts'
import { openStore } from './store.ts'
import { createTimer } from './timer.ts'
import { readWidget } from './widget-files.ts'

export interface ServeOptions {
  /** See docs/deploy.md for the variables. */
  env: Environment
  /** The forms file. */
  forms: string
  /** The folder of the outbox. It is made if it is not there. */
  data: string
  /** 0 picks a free one. */
  port: number
  /** All interfaces by default. */
  host?: string
  log?: Log
  schedule?: RetrySchedule
  /**
   * For tests alone: puts something around the parts before anything uses them, so that a relay can be made to die
   * between two of its steps.
   */
  instrument?: (parts: Parts) => Parts
}

/** What stands between the relay and the world. */
export interface Parts {
  outbox: Outbox
  transport: Transport
  /** The clock that the outbox goes by. */
  now: () => number
}

/** A client that has begun a request has this long to end it, in milliseconds; whoever waits for us waits ten seconds. */
const PATIENCE = 5_000

export interface Serving {
  url: string
  /** Takes nothing new, finishes what is in flight, closes the file. */
  close(): Promise<void>
}

/**
 * Starts the relay.
 *
 * @throws {ConfigError} when the configuration is not right; whatever the file system or the socket says otherwise
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const {
    env,
    forms,
    data,
    port,
    host,
    log = logToStdout,
    schedule = RETRY_SCHEDULE,
    instrument = (parts) => parts,
  } = options
  const config = readConfig(env, readForms(forms))

  const store = await openStore(config, data, log)
  const caller = { ...config.marketo, fetch, now: Date.now, onKey: tellKey(log) }
  const soap = createSoapTransport({ ...caller, timeout: config.limits.timeout })
  const { outbox, transport, now } = instrument({ outbox: store.outbox, transport: soap, now: store.now })
  const timer = createTimer(now, () => deliverer.wake())
  const deliverer = createDispatcher({
    outbox,
    transport,
    now,
    random: Math.random,
    wakeAt(time) {
      timer.wakeAt(Math.min(time ?? Infinity, now() + store.poll))
      if (time === undefined) store.idle()
    },
    log,
    monitor: createAlertMonitor({ outbox, now, log, ...(store.memory && { memory: store.memory }) }),
    limits: config.limits,
    schedule,
    keepReceipts: config.keepReceipts,
  })
  const app = createApp({
    config,
    outbox: { add: groupCommit(outbox.add, store.schedule), status: outbox.status },
    wake: deliverer.wake,
    now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log,
    notices: store.notices,
    ...(config.consoleToken && { operator: { keys: createApiKeys([config.consoleToken]), outbox } }),
    ...(config.apiKeys.length > 0 && {
      servers: {
        keys: createApiKeys(config.apiKeys),
        marketo: createMarketo({ ...caller, timeout: config.limits.timeout }),
        callSlot: { outbox, now, wait: (ms) => sleep(ms), lease: leaseOf(config.limits) },
      },
    }),
    widget: readWidget(join(import.meta.dirname, '../../../dist/widget')),
  })

  const server = await start((ready) => listen({ fetch: app.fetch, port, ...(host && { hostname: host }) }, ready))
  log({
    event: 'started',
    forms: [...config.forms.keys()],
    transport: transport.name,
    cookiesOf: config.munchkinId ?? 'any Munchkin id: MUNCHKIN_ID is not set',
  })
  // What the last process left.
  deliverer.wake()

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      const impatient = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections()
      }, PATIENCE)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      })
      clearTimeout(impatient)
      await deliverer.stop()
      timer.stop()
      await store.close()
      log({ event: 'stopped' })
    },
  }
}

/** The file's text, or why there is none: the configuration tells that beside whatever else is wrong. */
function readForms(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return new Error(`the file cannot be read; FORM_SYNC_FORMS or --forms names it. ${(error as Error).message}`)
  }
}

function start(listening: (ready: () => void) => ServerType): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = listening(() => resolve(server))
    server.once('error', reject)
  })
}
