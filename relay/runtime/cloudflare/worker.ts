/**
 * The Worker: accepts requests and stores their leads in the Durable Objects, which deliver them.
 *
 * Cloudflare itself serves `form-sync.js`, as a static asset.
 */
import { waitUntil } from 'cloudflare:workers'
import type { CheckState } from '../../check/last-check.ts'
import bundledForms from '../../../forms.json'
import { FIRST_ACCOUNT, namedAccounts } from '../../account-name.ts'
import { readAlertReceivers } from '../../config/alert-receivers.ts'
import { ConfigError, hasOperators, readAccountSettings, readConfig, type Environment } from '../../config/config.ts'
import { hasRobots } from '../../config/robots.ts'
import type { Robots } from '../../guards/robots.ts'
import { createApiKeys } from '../../http/api-keys.ts'
import { createApp } from '../../http/app.ts'
import { problem } from '../../http/responses.ts'
import { reasonOf } from '../../monitoring/events.ts'
import { createRefusals } from '../../monitoring/refusals.ts'
import { createAccountsOutbox } from '../../outbox/accounts.ts'
import { leaseOf } from '../../outbox/limits/limits.ts'
import type { Env } from './bindings.ts'
import type { Bounds, createBounds } from './bound-leads.ts'
import { callOptions } from './call-options.ts'
import { loadClient } from './leads-route.ts'
import { log } from './log.ts'
import type { OperatorKeys } from './operator-keys.ts'
import type { createWorkerScreen } from './screen-posts.ts'
import { createSourceRate } from './source-rate.ts'
import { askObjects, stubsOf } from './objects.ts'

export { LeadOutbox } from './lead-outbox.ts'

const NOT_CONFIGURED = 'The relay is not configured. Its log says why.'

/** Any page may read this answer: without a configuration the allowed origins are unknown, and it has no secrets. */
const ANY_ORIGIN = { 'access-control-allow-origin': '*' }

let app: ReturnType<typeof createApp> | undefined

export default {
  async fetch(request, env) {
    // The URL has the request's `Host`, whatever it is.
    if (!URL.canParse(request.url)) return problem('unreadable', 'The host of the request is not valid.', {})
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

  /**
   * Looks after the objects' alarms, even while the forms are not configured: leads may be waiting. The first object of
   * each account compares the forms with Marketo. Then comes the heartbeat, if there is one.
   */
  async scheduled(_, env) {
    const vars = env as unknown as Environment
    const accounts = [FIRST_ACCOUNT, ...namedAccounts(vars)].map((account) =>
      stubsOf(env.OUTBOX, readAccountSettings(vars, account, () => {}).shards, account),
    )
    await Promise.all([
      ...accounts.flat().map((object) => object.check().catch(logError)),
      ...accounts.map(([first]) => first!.checkForms().catch(logFailedCheck)),
    ])
    const { heartbeat } = readAlertReceivers(vars, () => {})
    if (heartbeat === undefined) return
    const isReady = async () => (await (app ??= createRelay(env)).fetch(new Request('https://relay/readyz'))).ok
    const { sendHeartbeat } = await import('./heartbeat.ts')
    await sendHeartbeat({ url: heartbeat, isReady, fetch, log })
  },
} satisfies ExportedHandler<Env>

function noCheck(error: unknown): CheckState {
  logError(error)
  return { issues: [] }
}

function logError(error: unknown): void {
  log({ event: 'error', where: 'outbox', reason: reasonOf(error) })
}

function logFailedCheck(error: unknown): void {
  log({ event: 'error', where: 'check', reason: reasonOf(error) })
}

function createRelay(env: Env): ReturnType<typeof createApp> {
  const config = readConfig(env as unknown as Environment, env.FORM_SYNC_FORMS ?? bundledForms)
  const accounts = new Map(
    Array.from(config.accounts, ([name, { shards }]) => [name, askObjects(env.OUTBOX, shards, name)]),
  )
  const all = createAccountsOutbox(accounts, (form) => config.forms.get(form)!.account)
  const callers = new Map(
    Array.from(config.accounts, ([name, { marketo, limits }]) => [
      name,
      {
        marketo: loadClient({ ...marketo, ...callOptions(log), timeout: limits.timeout }),
        callSlot: {
          outbox: accounts.get(name)!,
          now: Date.now,
          wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
          lease: leaseOf(limits),
        },
      },
    ]),
  )
  let screening: Promise<ReturnType<typeof createWorkerScreen>> | undefined
  let screen: ReturnType<typeof createWorkerScreen> | undefined
  const guards = () =>
    (screening ??= Promise.all([import('./screen-posts.ts'), robots()]).then(
      ([own, checks]) => (screen = own.createWorkerScreen(config, all, count, checks?.guards)),
    ))
  let checking: Promise<Robots> | undefined
  const robots = async () =>
    hasRobots(config.forms)
      ? (checking ??= import('./check-robots.ts').then((own) => own.createWorkerRobots(config.robots)))
      : undefined
  let bounds: Bounds | undefined
  const objects = () => Array.from(config.accounts, ([name, { shards }]) => stubsOf(env.OUTBOX, shards, name)).flat()
  const loadBounds = async () =>
    (bounds ??= (await (bounding ??= import('./bound-leads.ts'))).createBounds(config, all, objects))
  let bounding: Promise<{ createBounds: typeof createBounds }> | undefined
  const count = (post: Parameters<Bounds['count']>[0]) => waitUntil(loadBounds().then((own) => own.count(post)))
  const refusals = createRefusals({ isForm: (name) => config.forms.has(name), now: Date.now, log })
  for (const unused of config.unusedAccounts) log({ event: 'account-unused', ...unused })
  for (const warning of config.warnings) log({ event: 'configuration-warning', ...warning })
  let operatorKeys: OperatorKeys | undefined
  const loadKeys = async () => (operatorKeys ??= (await import('./answer-operator.ts')).createOperatorKeys(config))
  return createApp({
    config,
    outbox: all,
    accounts,
    ...(hasOperators(config) && {
      operator: {
        keys: {
          admits: async (authorization) => (await loadKeys()).tokens.admits(authorization),
          identify: async (authorization) => (await loadKeys()).tokens.identify(authorization),
        },
        outbox: all,
      },
    }),
    // There is a wrong token only once they are loaded.
    wrongTokens: {
      add: (network) => operatorKeys!.wrongTokens.add(network),
      isFull: (network) => operatorKeys?.wrongTokens.isFull(network) ?? false,
    },
    ...(config.apiKeys.length > 0 && {
      servers: {
        keys: createApiKeys(config.apiKeys),
        ...callers.get(FIRST_ACCOUNT)!,
        accounts: callers,
      },
    }),
    checks: async () => {
      await bounds?.report().catch(logError)
      const states = Array.from(accounts.keys(), async (name): Promise<[string, CheckState]> => {
        const [first] = stubsOf(env.OUTBOX, 1, name)
        // In a gradual deployment the object may be of a version without it. Leads are stored all the same.
        return [name, await first!.checkState().catch(noCheck)]
      })
      return new Map(await Promise.all(states))
    },
    // An object wakes its own dispatcher when it has stored a lead.
    wake: () => {},
    now: Date.now,
    // Cloudflare sets it, whatever the request had.
    visitorAddress: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
    screen: async (post) => (await guards()).screen(post),
    notices: () => ({ rules: screen?.findings.counts() }),
    refusals: {
      ...refusals,
      refused(refusal) {
        refusals.refused(refusal)
        count({ kind: 'refused', refusal })
      },
      accepted(form, unknownFields) {
        refusals.accepted(form, unknownFields)
        count({ kind: 'accepted', form })
      },
    },
    capacity: {
      async reserve(lead) {
        return (await loadBounds()).reserve(lead)
      },
    },
    issueTicket: async (form, origin) => (await robots())?.issue(form, origin),
    ...(env.RATE_LIMITER && { sourceRate: createSourceRate(env.RATE_LIMITER) }),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log,
  })
}
