/** A relay on a runtime of its own: node:sqlite, a timer and a server around the parts of `form-sync/relay`. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import * as relay from 'form-sync/relay'

const { OUTBOX = 'outbox.sqlite', FORMS = 'forms.json', PORT = '8787' } = process.env
const db = new DatabaseSync(OUTBOX)
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
const sql: relay.Sql = {
  run: (statement, ...values) => db.prepare(statement).all(...values) as never,
  write: (statement, ...values) => db.prepare(statement).run(...values).changes > 0,
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
const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const keyedDigest = (secret: Uint8Array) => (text: string) =>
  createHmac('sha256', secret).update(text).digest().subarray(0, 16).toString('base64url')

const config = relay.readConfig(process.env, readFileSync(FORMS, 'utf8'))
const { limits } = config
const runtime = { now: Date.now, log: console.log, random: Math.random, randomBytes }
const transport = relay.createTransport(config.marketo, { timeout: limits.timeout, fetch, now: Date.now })

const outbox = await relay.createSqliteOutbox(sql, {
  limits,
  batchKeys: transport,
  crypto: { randomBytes, keyedDigest },
})
let timer: NodeJS.Timeout | undefined
const dispatcher = relay.createDispatcher({
  ...runtime,
  ...{ outbox, transport, limits },
  wakeAt(time = Infinity) {
    clearTimeout(timer)
    timer = setTimeout(dispatcher.wake, Math.min(time - Date.now(), 60_000))
  },
})
const app = relay.createApp({
  ...{ ...runtime, config, outbox, wake: dispatcher.wake },
  ...(config.consoleToken && { operator: { keys: relay.createApiKeys([config.consoleToken]), outbox } }),
})

await outbox.resume(Date.now())
dispatcher.wake()
serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => console.log(`listens at ${port}`))
