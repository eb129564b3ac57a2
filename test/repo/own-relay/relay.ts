/** A relay on a runtime of its own: node:sqlite, a timer and a server around the parts of `form-sync/relay`. */
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import {
  createApp,
  createDispatcher,
  createSoapTransport,
  createSqlOutbox,
  readConfig,
  type Sql,
} from 'form-sync/relay'

const { OUTBOX = 'outbox.sqlite', FORMS = 'forms.json', PORT = '8787' } = process.env
const db = new DatabaseSync(OUTBOX)
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
const sql: Sql = {
  run: (statement, ...values) => db.prepare(statement).all(...values) as never,
  transaction(work) {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  },
}

const config = readConfig(process.env, readFileSync(FORMS, 'utf8'))
const { limits } = config
const parts = { now: Date.now, log: console.log, outbox: createSqlOutbox(sql, limits) }
let timer: NodeJS.Timeout | undefined
const dispatcher = createDispatcher({
  ...parts,
  limits,
  transport: createSoapTransport({ ...config.marketo, timeout: limits.timeout, fetch, now: Date.now }),
  random: Math.random,
  wakeAt(time = Infinity) {
    clearTimeout(timer)
    timer = setTimeout(dispatcher.wake, Math.min(time - Date.now(), 60_000))
  },
})
const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const app = createApp({ ...parts, config, wake: dispatcher.wake, randomBytes })

await parts.outbox.resume(Date.now())
dispatcher.wake()
serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => console.log(`listens at ${port}`))
