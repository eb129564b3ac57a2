/**
 * The relay on Node: connects the parts of the relay with node:http, a store and a timer.
 */
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve as listen } from '@hono/node-server'
import type { HttpBindings, ServerType } from '@hono/node-server'
import { FIRST_ACCOUNT, nameVariables } from '../../account-name.ts'
import { checkForms } from '../../check/check.ts'
import { createCheckMonitor } from '../../check/monitor.ts'
import { createApp } from '../../http/app.ts'
import { hasOperators, readConfig, type AccountSettings, type Config, type Environment } from '../../config/config.ts'
import { hasRobots } from '../../config/robots.ts'
import { runInSlot } from '../../delivery/call-slot.ts'
import { createDispatcher } from '../../delivery/dispatcher.ts'
import { RETRY_SCHEDULE, type RetrySchedule } from '../../delivery/retry-policy.ts'
import { accountLog } from '../../monitoring/account-log.ts'
import { logWorkingKey, type Log } from '../../monitoring/events.ts'
import { createFindings } from '../../monitoring/findings.ts'
import { createRefusals } from '../../monitoring/refusals.ts'
import { createOperatorTokens, MAX_WRONG_TOKENS } from '../../http/operator-tokens.ts'
import { createSourceCount } from '../../guards/source-count.ts'
import { createApiKeys } from '../../http/api-keys.ts'
import type { AccountCaller } from '../../http/leads-route.ts'
import { createLeadMarketo } from '../../marketo/index.ts'
import { createTransport } from '../../marketo/transport.ts'
import { createAccountsOutbox } from '../../outbox/accounts.ts'
import { groupCommit } from '../../outbox/group-commit.ts'
import { leaseOf } from '../../outbox/limits/limits.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { Transport } from '../../delivery/transport.ts'
import { createAlertMonitor } from '../../monitoring/alerts.ts'
import type { AlertStore } from '../../monitoring/alert-state.ts'
import { createNotKept } from '../../monitoring/not-kept.ts'
import { sendHeartbeat } from '../../monitoring/heartbeat.ts'
import { sendAlerts } from '../../monitoring/send-alerts.ts'
import { fullIssue, type Full } from '../../monitoring/full.ts'
import { limitBodies, type BodyLimit } from './body-limit.ts'
import { WIDGET_FOLDER } from './built-files.ts'
import { createCapacity } from '../../guards/capacity.ts'
import { createGuards } from '../../guards/guards.ts'
import { createRobots } from '../../guards/robots.ts'
import { createScreen } from '../../guards/screen.ts'
import { watchDisk } from './disk-reserve.ts'
import { loadDisposable } from './disposable-domains.ts'
import { createProxyWarning } from './proxy-warning.ts'
import { createSourceRate } from './source-rate.ts'
import { isSharedNetwork } from './shared-network.ts'
import { createDrain } from './drain.ts'
import { readFormsFile } from './forms-file.ts'
import { logToStdout } from './log.ts'
import { refuseUsers } from './request-target.ts'
import { defaultServerLimits, limitConnections, serverOptions, type ServerLimits } from './server-limits.ts'
import { openStore, type AccountStore, type Store } from './store.ts'
import { createTimer, type Timer } from './timer.ts'
import { addressBehind, trustIn } from './visitor-address.ts'
import { readWidget } from './widget-files.ts'

export interface ServeOptions {
  /** Environment variables. docs/deploy.md lists them. */
  env: Environment
  /** Path of the forms file. */
  forms: string
  /** Folder of the outbox. It is created if it is missing. */
  data: string
  /** Port to listen on. 0 picks a free port. */
  port: number
  /** Address to listen on. All interfaces by default. */
  host?: string
  log?: Log
  schedule?: RetrySchedule
  /** When the forms are compared with Marketo, in ms after the start and between two checks. False for never. */
  checks?: { after: number; every: number } | false
  /** For tests only: wraps the parts before they are used, so that a test can stop the relay between two steps. */
  instrument?: (parts: Parts) => Parts
  /** For tests only: other limits of the server. */
  serverLimits?: Partial<ServerLimits>
  /** For tests only: another limit of the bodies in flight. */
  bodyLimit?: BodyLimit
}

/** By default the first check waits until the leads that the last process left are under way. */
const CHECKS = { after: 30_000, every: 3_600_000 }

/** When alerts about leads that could not be stored are sent again, or are over. */
const NOT_KEPT_CHECKS = { after: 5_000, every: 5_000 }

/** The first heartbeat comes when the relay has started. */
const HEARTBEATS = { after: 0, every: 60_000 }

/** The parts through which the relay reaches its store, Marketo and the time, for one account. */
export interface Parts {
  outbox: Outbox
  transport: Transport
  /** The outbox's clock. Returns epoch milliseconds. */
  now: () => number
}

/** Maximum time for open requests to finish when the relay closes. Process managers often kill after ten seconds. */
const CLOSE_TIMEOUT_MS = 5_000

export interface Serving {
  url: string
  /** Takes no further request, also on open connections, finishes those under way and the deliveries in flight, then closes the store. */
  close(): Promise<void>
}

/**
 * Starts the relay.
 *
 * @throws {ConfigError} if the configuration is invalid; other errors come from the file system or the socket
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { env, forms, data, log = logToStdout } = options
  const config = readConfig(env, readFormsFile(forms))
  const store = await openStore(config, data, log)
  const timers: Timer[] = []
  try {
    return await serveStore(options, config, store, timers)
  } catch (error) {
    // Without this the process would go on, and keep the store from the next one.
    for (const timer of timers) timer.stop()
    await store.close()
    throw error
  }
}

/** Starts the relay on an open store. Each timer is added to the list when it begins. */
async function serveStore(options: ServeOptions, config: Config, store: Store, timers: Timer[]): Promise<Serving> {
  const {
    port,
    host,
    log = logToStdout,
    schedule = RETRY_SCHEDULE,
    checks = CHECKS,
    instrument = (parts) => parts,
  } = options
  const trusted = trustIn(config.trustedProxies)

  const refusals = createRefusals({ isForm: (name) => config.forms.has(name), now: store.now, log })
  const findings = createFindings({ now: store.now, log })
  const { maxConnections, postsPerMinute, diskReserve, ...maxima } = config.intake
  const serverLimits = { ...defaultServerLimits(), ...(maxConnections && { maxConnections }), ...options.serverLimits }
  let fullOfServer = (): Full[] => []
  /** Returns the issues of no account: those of the store, of refused submissions and of what is full. */
  const commonIssues = () => [
    ...store.issues(),
    ...refusals.issues(),
    ...findings.issues(),
    ...fullIssue([...capacity.full(), ...fullOfServer()]),
  ]
  const webhooksOf = (events: Log) => ({
    receivers: config.alerts.urls.length,
    send: (alertStore: AlertStore) =>
      sendAlerts({ ...config.alerts, store: alertStore, fetch, now: store.now, log: events }),
  })
  const notKept = createNotKept({ now: store.now, log, webhooks: webhooksOf(log) })
  const warnOfProxy = createProxyWarning(config.trustedProxies, log)
  const ratePosts = createSourceRate(postsPerMinute)

  /** Connects an account with its store and with Marketo. It delivers nothing until its dispatcher is woken. */
  async function connect(account: string, { marketo, limits }: AccountSettings, own: AccountStore) {
    const events = accountLog(log, account)
    const caller = { fetch, now: Date.now, onKey: logWorkingKey(events), timeout: limits.timeout }
    const parts = { outbox: own.outbox, transport: createTransport(marketo, caller), now: store.now }
    const { outbox, transport, now } = instrument(parts)
    const callSlot = { outbox, now, wait: (ms: number) => sleep(ms), lease: leaseOf(limits) }
    const forms = [...config.forms.values()].filter((form) => form.account === account)
    const check = createCheckMonitor(
      () => checkForms(marketo, forms, { ...caller, runCall: runInSlot(callSlot) }),
      now,
      events,
      (await own.alertStore.read())?.drift?.alerted?.issue,
    )
    const timer = createTimer(now, () => dispatcher.wake(), store.pollMs)
    timers.push(timer)
    const dispatcher = createDispatcher({
      outbox,
      transport,
      now,
      elapsed: () => performance.now(),
      random: Math.random,
      wait: callSlot.wait,
      wakeAt: timer.wakeAt,
      log: events,
      monitor: createAlertMonitor({
        outbox,
        now,
        log: events,
        storageIssues: () => [...(account === FIRST_ACCOUNT ? commonIssues() : []), ...check.issues()],
        store: own.alertStore,
        ...(account !== FIRST_ACCOUNT && { account }),
        webhooks: webhooksOf(events),
      }),
      limits,
      schedule,
      keepReceipts: config.keepReceipts,
      keepParked: config.keepParked,
    })
    const adding: Outbox = { ...outbox, add: groupCommit(outbox.add, own.schedule) }
    return { outbox, adding, transport, now, dispatcher, timer, caller, callSlot, check }
  }

  const accounts = new Map<string, Awaited<ReturnType<typeof connect>>>()
  for (const [name, own] of store.accounts) accounts.set(name, await connect(name, config.accounts.get(name)!, own))
  const { now, transport } = accounts.get(FIRST_ACCOUNT)!
  const accountOf = (form: string) => config.forms.get(form)!.account
  const outboxes = new Map(Array.from(accounts, ([name, { adding }]) => [name, adding]))
  const all = createAccountsOutbox(outboxes, accountOf)
  const capacity = createCapacity({
    ...maxima,
    maxWaitingOf: (form) => config.forms.get(form)?.maxWaiting,
    isCounted: (network) => !isSharedNetwork(network),
    readWaiting: store.waiting,
    fullDisk: store.file === undefined ? () => undefined : watchDisk(store.file, diskReserve, now),
    find: all.find,
    now,
  })
  const wakeAll = () => accounts.forEach(({ dispatcher }) => dispatcher.wake())
  const runChecks = async () => void (await Promise.all(Array.from(accounts.values(), (own) => own.check.run())))
  function leadCaller(name: string): AccountCaller {
    const { caller, callSlot } = accounts.get(name)!
    return { marketo: createLeadMarketo({ ...config.accounts.get(name)!.marketo, ...caller }), callSlot }
  }
  const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const robots = hasRobots(config.forms) ? createRobots({ ...config.robots, now, randomBytes, fetch, log }) : undefined
  const wrongTokens = createSourceCount(MAX_WRONG_TOKENS, now)
  const app = createApp({
    config,
    outbox: all,
    accounts: outboxes,
    wake: (form) => (form === undefined ? wakeAll() : accounts.get(accountOf(form))!.dispatcher.wake()),
    now,
    visitorAddress({ headers }, env) {
      const forwardedFor = headers.get('x-forwarded-for')
      warnOfProxy(forwardedFor)
      const peer = (env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress
      return addressBehind(peer, forwardedFor, trusted)
    },
    sourceRate: async (network) => (isSharedNetwork(network) ? { kind: 'within' } : ratePosts(network)),
    screen: createScreen({
      guards: createGuards({
        ...config,
        robots: robots?.guards,
        seed: crypto.getRandomValues(new Uint32Array(1))[0]!,
        loadDisposable,
      }),
      findings,
      find: all.find,
      onFailure: (rule, error) => log({ event: 'error', where: `rule ${rule}`, reason: (error as Error).name }),
    }),
    capacity,
    notKept,
    ...(robots && { issueTicket: robots.issue }),
    randomBytes,
    log,
    refusals,
    notices: () => ({ ...store.notices(), rules: findings.counts() }),
    storageIssues: () => [...notKept.issues(), ...commonIssues()],
    checks: () => new Map(Array.from(accounts, ([name, { check }]) => [name, check.state()])),
    ...(hasOperators(config) && {
      operator: { keys: createOperatorTokens({ token: config.consoleToken, ...config }), outbox: all },
    }),
    wrongTokens: {
      add: (network) => isSharedNetwork(network) || wrongTokens.add(network),
      isFull: wrongTokens.isFull,
    },
    ...(config.apiKeys.length > 0 && {
      servers: {
        keys: createApiKeys(config.apiKeys),
        ...leadCaller(FIRST_ACCOUNT),
        accounts: new Map(Array.from(accounts.keys(), (name) => [name, leadCaller(name)])),
      },
    }),
    widget: readWidget(WIDGET_FOLDER),
  })

  const drain = createDrain(app.fetch)
  const fetchLimited = limitBodies(drain.fetch, () => refusals.refused({ code: 'unavailable' }), options.bodyLimit)
  const server = await start((ready) =>
    listen(
      {
        fetch: refuseUsers(fetchLimited),
        port,
        ...(host && { hostname: host }),
        serverOptions: serverOptions(serverLimits),
      },
      ready,
    ),
  )
  fullOfServer = limitConnections(server, serverLimits, now)
  const named = [...accounts].filter(([name]) => name !== FIRST_ACCOUNT)
  log({
    event: 'started',
    forms: [...config.forms.keys()],
    transport: transport.name,
    cookiesOf: cookiesOf(FIRST_ACCOUNT, config),
    ...(named.length > 0 && {
      accounts: named.map(([account, own]) => ({
        account,
        transport: own.transport.name,
        cookiesOf: cookiesOf(account, config.accounts.get(account)!),
      })),
    }),
  })
  for (const unused of config.unusedAccounts) log({ event: 'account-unused', ...unused })
  for (const warning of config.warnings) log({ event: 'configuration-warning', ...warning })
  // Delivers the leads that the last process left.
  wakeAll()
  const stopChecks = checks ? repeat(runChecks, checks) : () => {}
  const stopNotKept = repeat(() => notKept.check(), NOT_KEPT_CHECKS)
  const { heartbeat } = config.alerts
  const isReady = async () => (await app.fetch(new Request('http://relay/readyz'))).ok
  const stopHeartbeats = heartbeat
    ? repeat(() => sendHeartbeat({ url: heartbeat, isReady, fetch, log }), HEARTBEATS)
    : () => {}

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      stopChecks()
      stopHeartbeats()
      stopNotKept()
      await drain.end(server, CLOSE_TIMEOUT_MS)
      await Promise.all(Array.from(accounts.values(), ({ dispatcher }) => dispatcher.stop()))
      for (const { timer } of accounts.values()) timer.stop()
      await store.close()
      log({ event: 'stopped' })
    },
  }
}

/** Calls `work` after a time, and then at intervals. Returns a function that stops it. No process stays alive for it. */
function repeat(work: () => Promise<void>, { after, every }: { after: number; every: number }): () => void {
  let interval: ReturnType<typeof setInterval> | undefined
  const first = setTimeout(() => {
    void work()
    interval = setInterval(() => void work(), every).unref()
  }, after).unref()
  return () => {
    clearTimeout(first)
    clearInterval(interval)
  }
}

/** Describes whose cookies an account takes. */
function cookiesOf(account: string, { munchkinId }: Pick<AccountSettings, 'munchkinId'>): string {
  return munchkinId ?? nameVariables(account, 'any Munchkin id: MUNCHKIN_ID is not set')
}

function start(listening: (ready: () => void) => ServerType): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = listening(() => resolve(server))
    server.once('error', reject)
  })
}
