/**
 * A run in simulated time: the dispatcher, the outbox on SQLite and the SOAP transport of a relay against the simulator,
 * all in this process. An hour takes less than a second, no process crashes, and the same checks decide.
 *
 * The relay's sources may be a copy in which something is broken.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import type { AskedFault } from '../../demo/simulator/faults.ts'
import { createSimulator } from '../../demo/simulator/index.ts'
import type { CallLine, PersonView } from '../../demo/simulator/view.ts'
import type * as Dispatcher from '../../relay/delivery/dispatcher.ts'
import type { Lead } from '../../relay/intake/lead.ts'
import type * as SoapTransport from '../../relay/marketo/soap/transport.ts'
import type { OwedCookie } from '../../relay/outbox/outbox.ts'
import type * as SqliteOutbox from '../../relay/outbox/sqlite/outbox.ts'
import type * as OutboxCrypto from '../../relay/runtime/node/outbox-crypto.ts'
import type * as SqliteFile from '../../relay/runtime/node/sqlite-file.ts'
import { lead as createLead } from '../suites/outbox/leads.ts'
import { openJournal } from './journal.ts'
import { jobOf, type JobRow } from './node-relays.ts'
import type { Content } from './plan.ts'
import type { Evidence } from './verdicts/evidence.ts'

/** Time that a call takes which is answered, in ms. */
const CALL_MS = 100

/** Time that really passes until a call without an answer times out, in ms. */
const SILENT_TIMEOUT_MS = 5

/** Limits of the relay. */
const LIMITS = { callsPer20s: 50, concurrency: 5, callsPerDay: 100_000, leadsPerCall: 300, timeout: 20_000 }

/** A lead that is accepted at a time, in ms since the beginning. Two with one object of attributes are one content. */
export interface PlannedLead {
  at: number
  /** A UUID, or any text where no other content has the id. */
  id: string
  email: string
  attributes: Readonly<Record<string, string>>
  cookie?: string
}

export interface SimulatedPlan {
  leads: readonly PlannedLead[]
  /** Faults of all calls from the beginning, and the time at which they end. */
  faults: readonly AskedFault[]
  faultsEndAt: number
  /** Time until which calls time out. The fault `timeout` must be asked for until then. */
  silentUntil?: number
  /** Time at which the run is over. */
  until: number
}

/** The parts of the relay that run. */
async function load(root: string) {
  const part = (path: string) => import(/* @vite-ignore */ pathToFileURL(join(root, path)).href) as Promise<unknown>
  const [dispatcher, outbox, file, crypto, soap] = (await Promise.all([
    part('relay/delivery/dispatcher.ts'),
    part('relay/outbox/sqlite/outbox.ts'),
    part('relay/runtime/node/sqlite-file.ts'),
    part('relay/runtime/node/outbox-crypto.ts'),
    part('relay/marketo/soap/transport.ts'),
  ])) as [typeof Dispatcher, typeof SqliteOutbox, typeof SqliteFile, typeof OutboxCrypto, typeof SoapTransport]
  return { ...dispatcher, ...outbox, ...file, ...crypto, ...soap }
}

/**
 * Makes one run.
 *
 * @param root folder of the relay's sources
 * @param folder folder for the outbox
 */
export async function simulate(root: string, folder: string, plan: SimulatedPlan): Promise<Evidence> {
  const relay = await load(root)
  const start = Date.UTC(2026, 10, 23, 9, 30)
  let now = start
  let wakesAt: number | undefined
  let pending = 0
  let events: { at: number; run: () => void }[] = []

  const { app } = createSimulator({ now: () => now, account: DEMO_ACCOUNT, random: () => 0 })
  const read = async <T>(path: string) => (await (await app.request(path)).json()) as T
  await app.request('/sim/limits', { method: 'POST', body: JSON.stringify({ daily: 1_000_000 }) })
  await app.request('/sim/faults', { method: 'POST', body: JSON.stringify({ faults: plan.faults, seed: 1 }) })

  const sql = relay.openSqlite(join(folder, 'outbox.sqlite'))
  // Nothing crashes, so that nothing has to be on the disk.
  sql.run('PRAGMA synchronous = OFF')
  const outbox = await relay.createSqliteOutbox(sql, {
    batchKeys: relay.SOAP_BATCH_KEYS,
    crypto: relay.NODE_CRYPTO,
    limits: LIMITS,
  })
  const caller = {
    endpoint: 'http://marketo.example/soap/mktows/3_1',
    userId: DEMO_ACCOUNT.userId,
    secretKey: DEMO_ACCOUNT.secretKey,
    fetch: async (url: string, init: RequestInit) => app.request(url, init),
    now: () => now,
  }
  const answered = relay.createSoapTransport(caller)
  const silent = relay.createSoapTransport({ ...caller, timeout: SILENT_TIMEOUT_MS })
  const isSilent = () => now < start + (plan.silentUntil ?? 0)
  const transport = () => (isSilent() ? silent : answered)

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

  function lasting<Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) {
    const attempt = counted(call)
    return async (...args: Args): Promise<Result> => {
      const ms = isSilent() ? LIMITS.timeout : CALL_MS
      const result = await attempt(...args)
      await new Promise<void>((resolve) => events.push({ at: now + ms, run: resolve }))
      return result
    }
  }

  const dispatcher = relay.createDispatcher({
    outbox: {
      ...outbox,
      claim: counted(outbox.claim),
      settle: counted(outbox.settle),
      acquireSlot: counted(outbox.acquireSlot),
      nextDueAt: counted(outbox.nextDueAt),
    },
    transport: {
      deliver: lasting(async (leads: readonly Lead[]) => transport().deliver(leads)),
      associate: lasting(async (owed: OwedCookie) => transport().associate(owed)),
      probe: lasting(async (timeout: number) => transport().probe(timeout)),
    },
    now: () => now,
    random: () => 0.5,
    wakeAt: (time) => (wakesAt = time),
    log: () => {},
    limits: LIMITS,
  })

  /** Resolves when nothing goes on until time passes. */
  async function idle(): Promise<void> {
    for (let turns = 0; turns < 3; turns = pending === 0 ? turns + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  const journal = openJournal(() => now)
  const contents = new Map<PlannedLead['attributes'], Content>()
  const contentOf = ({ attributes }: PlannedLead): Content => {
    const content = contents.get(attributes) ?? { fields: {}, attributes }
    contents.set(attributes, content)
    return content
  }
  const accept = counted(async (leads: readonly PlannedLead[]) => {
    for (const lead of leads) journal.sent(lead.id, lead.email, contentOf(lead), lead.cookie)
    await outbox.add(
      leads.map((lead) => leadOf(lead, now)),
      now,
    )
    for (const lead of leads) journal.accepted(lead.id, contentOf(lead), lead.id)
    dispatcher.wake()
  })
  for (const [at, leads] of Map.groupBy(plan.leads, (lead) => lead.at)) {
    events.push({ at: start + at, run: () => void accept(leads) })
  }
  events.push({
    at: start + plan.faultsEndAt,
    run: () => void counted(async () => app.request('/sim/faults', { method: 'DELETE' }))(),
  })

  const end = start + plan.until
  for (let next = start; next <= end; next = Math.min(wakesAt ?? Infinity, ...events.map(({ at }) => at))) {
    now = Math.max(now, next)
    const due = events.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    events = events.filter(({ at }) => at > now)
    for (const { run } of due) {
      run()
      await idle()
    }
    if (wakesAt !== undefined && wakesAt <= now) {
      wakesAt = undefined
      dispatcher.wake()
    }
    await idle()
  }

  const rows = sql.run('SELECT id, state, lead_id, reason, attempts, lead, notes FROM job') as unknown as JobRow[]
  const evidence = {
    submissions: journal.all(),
    jobs: rows.map(jobOf),
    calls: await read<CallLine[]>('/sim/calls?limit=1000&records=1'),
    people: await read<PersonView[]>('/sim/leads'),
    periods: [],
  }
  sql.close()
  return evidence
}

function leadOf({ id, email, attributes, cookie }: PlannedLead, acceptedAt: number): Lead {
  return createLead(id, {
    email,
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    acceptedAt,
    ...(cookie !== undefined && { cookie }),
  })
}
