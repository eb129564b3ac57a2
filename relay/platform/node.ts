/**
 * The relay on Node: node:http, a SQLite file, a timer as the clock.
 *
 * One of the files that name a runtime; it wires what the others are given and decides nothing else.
 */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve as listen } from '@hono/node-server'
import type { ServerType } from '@hono/node-server'
import { createApp } from '../app.ts'
import { readConfig, type Environment } from '../config.ts'
import { createDeliverer, SCHEDULE, type Schedule } from '../deliver.ts'
import { tellKey, type Log } from '../log.ts'
import { createApiKeys } from '../guard/api-key.ts'
import { createMarketo } from '../marketo/index.ts'
import { createSoapTransport } from '../marketo/soap/transport.ts'
import { groupCommit } from '../outbox/group.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { createSqlOutbox } from '../outbox/sql.ts'
import { holdFolder } from './node-lock.ts'
import { openSqlite, type SqliteFile } from './node-sqlite.ts'
import { createTimer } from './node-timer.ts'
import { readWidget } from './node-widget.ts'

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
  schedule?: Schedule
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
  const { env, forms, data, port, host, log = logToStdout, schedule = SCHEDULE } = options
  const now = Date.now
  const config = readConfig(env, readForms(forms))

  const folder = holdFolder(data)
  const { sql, outbox } = await openOutbox(join(data, 'outbox.sqlite'))
  const caller = { ...config.marketo, fetch, now, onKey: tellKey(log) }
  const transport = createSoapTransport(caller)
  const timer = createTimer(now, () => deliverer.wake())
  const deliverer = createDeliverer({
    outbox,
    transport,
    now,
    random: Math.random,
    wakeAt(time) {
      timer.wakeAt(time)
      // Nothing waits: what was wiped goes from the log too.
      if (time === undefined) sql.checkpoint()
    },
    log,
    limits: config.limits,
    schedule,
  })
  const app = createApp({
    config,
    outbox: { add: groupCommit(outbox.add, setImmediate), status: outbox.status },
    wake: deliverer.wake,
    now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log,
    ...(config.apiKeys.length > 0 && {
      servers: { keys: createApiKeys(config.apiKeys), marketo: createMarketo(caller) },
    }),
    widget: readWidget(join(import.meta.dirname, '../../dist/widget')),
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
      sql.close()
      folder.release()
      log({ event: 'stopped' })
    },
  }
}

/** Opens the outbox and takes back what the last process had in its hands when it died. */
async function openOutbox(path: string): Promise<{ sql: SqliteFile; outbox: Outbox }> {
  const sql = openSqlite(path)
  try {
    const outbox = createSqlOutbox(sql)
    await outbox.recover()
    return { sql, outbox }
  } catch (cause) {
    sql.close()
    const what = `${path} cannot be used: ${(cause as Error).message}.`
    throw new Error(`${what} It was left as it is: keep it, for it may hold leads, and start with another folder.`, {
      cause,
    })
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

/** One JSON line an event. */
function logToStdout(event: Parameters<Log>[0]): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`)
}
