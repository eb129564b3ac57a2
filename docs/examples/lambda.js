// The relay as a function of AWS Lambda behind an HTTP API (payload format 2.0), with PostgreSQL. A schedule of EventBridge
// calls the same function once a minute: that delivers what is due. The function's time limit must be 120 seconds or more.
import { readFileSync } from 'node:fs'
import { createApp, createDispatcher, createTransport, leaseOf, readConfig } from 'form-sync/relay'
import { openPostgres } from 'form-sync/relay/node'

const config = readConfig(process.env, readFileSync(process.env.FORM_SYNC_FORMS ?? 'forms.json', 'utf8'))
const { limits, keepReceipts, keepParked } = config
const log = (event) => console.log(JSON.stringify(event))
const transport = createTransport(config.marketo, { fetch, now: Date.now, timeout: limits.timeout })
const { outbox, now, setClock } = await openPostgres(config.database, { limits, batchKeys: transport })
await outbox.resume(now())
const app = createApp({
  config,
  outbox,
  now,
  log,
  // A scheduled call delivers.
  wake() {},
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  visitorAddress: (_, event) => event.requestContext.http.sourceIp,
})

/** Delivers until nothing is due before `end`, and resolves when all calls to Marketo are over. */
function deliver(end) {
  return new Promise((resolve) => {
    let timer
    const wakeAt = (time = Infinity) => {
      clearTimeout(timer)
      if (time > end) resolve(dispatcher.stop())
      else timer = setTimeout(() => dispatcher.wake(), time - now())
    }
    const options = { outbox, transport, limits, keepReceipts, keepParked, now, random: Math.random, log, wakeAt }
    const dispatcher = createDispatcher(options)
    dispatcher.wake()
  })
}

export async function handler(event, context) {
  // A function that was suspended may have lost its connection, and its time.
  await setClock().catch(setClock)
  if (!event.requestContext) return deliver(now() + context.getRemainingTimeInMillis() - leaseOf(limits))
  const { http, domainName } = event.requestContext
  const headers = { ...event.headers, ...(event.cookies && { cookie: event.cookies.join('; ') }) }
  const body = event.body && Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8')
  const url = `https://${domainName}${event.rawPath}?${event.rawQueryString}`
  const response = await app.fetch(new Request(url, { method: http.method, headers, body }), event)
  const bytes = Buffer.from(await response.arrayBuffer())
  const replied = { isBase64Encoded: true, body: bytes.toString('base64') }
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), ...replied }
}
