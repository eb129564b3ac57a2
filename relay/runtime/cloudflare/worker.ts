/**
 * The Worker: accepts requests and stores their leads in the Durable Objects, which deliver them.
 *
 * Cloudflare itself serves `form-sync.js`, as a static asset.
 */
import { createAccountClient } from '../../marketo/client/lead-client.ts'
import bundledForms from '../../../forms.json'
import { ConfigError, readConfig, readLimits, readShards, type Environment } from '../../config/config.ts'
import { createApiKeys } from '../../http/api-keys.ts'
import { createApp } from '../../http/app.ts'
import { problem } from '../../http/responses.ts'
import { reasonOf } from '../../monitoring/events.ts'
import { leaseOf } from '../../outbox/limits/limits.ts'
import type { Env } from './bindings.ts'
import { CALL_OPTIONS } from './call-options.ts'
import { log } from './log.ts'
import { askObjects, stubsOf } from './objects.ts'

export { LeadOutbox } from './lead-outbox.ts'

const NOT_CONFIGURED = 'The relay is not configured. Its log says why.'

/** Any page may read this answer: without a configuration the allowed origins are unknown, and it has no secrets. */
const ANY_ORIGIN = { 'access-control-allow-origin': '*' }

let app: ReturnType<typeof createApp> | undefined

export default {
  async fetch(request, env) {
    try {
      app ??= createRelay(env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      log({ event: 'error', where: 'configuration', reason: error.message })
      const isHealthCheck = new URL(request.url).pathname === '/healthz'
      return isHealthCheck ? Response.json({ ok: true }) : problem('unavailable', NOT_CONFIGURED, ANY_ORIGIN)
    }
    return app.fetch(request)
  },

  /** Looks after the objects' alarms, even while the forms are not configured: leads may be waiting. */
  async scheduled(_, env) {
    const vars = env as unknown as Environment
    const shards = readShards(
      vars,
      readLimits(vars, () => {}),
      () => {},
    )
    const checks = stubsOf(env.OUTBOX, shards).map((object) => object.check().catch(logError))
    await Promise.all(checks)
  },
} satisfies ExportedHandler<Env>

function logError(error: unknown): void {
  log({ event: 'error', where: 'outbox', reason: reasonOf(error) })
}

function createRelay(env: Env): ReturnType<typeof createApp> {
  const config = readConfig(env as unknown as Environment, env.FORM_SYNC_FORMS ?? bundledForms)
  const outbox = askObjects(env.OUTBOX, config.shards)
  return createApp({
    config,
    outbox,
    ...(config.consoleToken && { operator: { keys: createApiKeys([config.consoleToken]), outbox } }),
    ...(config.apiKeys.length > 0 && {
      servers: {
        keys: createApiKeys(config.apiKeys),
        marketo: createAccountClient({ ...config.marketo, ...CALL_OPTIONS, timeout: config.limits.timeout }),
        callSlot: {
          outbox,
          now: Date.now,
          wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
          lease: leaseOf(config.limits),
        },
      },
    }),
    // An object wakes its own dispatcher when it has stored a lead.
    wake: () => {},
    now: Date.now,
    // Cloudflare sets it, whatever the request had.
    clientAddress: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log,
  })
}
