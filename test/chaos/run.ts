/** Makes one run: visitors and faults, then a time without faults until nothing waits, then the checks. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeTempFolder } from './cleanup.ts'
import { applyConditions, CLOCK_STEP_MS } from './conditions.ts'
import { edgeRelays } from './edge-relays.ts'
import { startPeriod, type FaultLog } from './fault-log.ts'
import type { Part } from './fault-plan.ts'
import { openJournal, type Journal } from './journal.ts'
import { startMarketo, type Marketo } from './marketo.ts'
import { CONSOLE_TOKEN, nodeRelays } from './node-relays.ts'
import { replayParked } from './operator.ts'
import { planVisits } from './plan.ts'
import { postgresRelays } from './postgres-relays.ts'
import type { Platform, RelayProcess } from './relays.ts'
import { writeReport, type Drained } from './report.ts'
import type { CheckResult, Evidence } from './verdicts/evidence.ts'
import { runChecks } from './verdicts/index.ts'
import { makeVisits } from './visitors.ts'

interface PlatformOptions {
  folder: string
  endpoint: string
}

const PLATFORMS = {
  node: (options: PlatformOptions) => nodeRelays(options),
  workerd: (options: PlatformOptions) => edgeRelays({ ...options, shards: 1 }),
  'workerd-sharded': (options: PlatformOptions) => edgeRelays({ ...options, shards: 3 }),
  postgres: (options: PlatformOptions) => postgresRelays({ ...options, nodes: 3 }),
} as const satisfies Record<string, (options: PlatformOptions) => Promise<Platform>>

export type PlatformName = keyof typeof PLATFORMS

export const PLATFORM_NAMES = Object.keys(PLATFORMS) as PlatformName[]

export function isPlatform(name: string): name is PlatformName {
  return Object.hasOwn(PLATFORMS, name)
}

export interface RunOptions {
  seed: number
  platform: PlatformName
  /** Number of filled-in forms that are planned. */
  submissions: number
  /** Number of visitors at once. */
  clients: number
  parts: readonly Part[]
  /** Makes the last part go on until all planned forms were sent and that many relay processes were started. */
  untilAllSent?: { relayStarts: number }
  /** Maximum time until the outbox is empty after the last fault, in ms. Default: the platform's own. */
  drainTimeout?: number
  /** True when the evidence and the relay's log are kept where a check fails. */
  keepEvidence: boolean
}

export interface RunResult {
  report: string[]
  checks: CheckResult[]
  evidence: Evidence
  log: FaultLog
  /** Number of filled-in forms that were planned. */
  planned: number
  /** Folder with the evidence and the relay's log, where a check failed and they are kept. */
  folder?: string
}

/** Limits that are wide enough for everything that is left. */
const WIDE = { callsPer20s: 100, concurrency: 10, leadsPerCall: 300, perDay: 1_000_000 }
const CALM: Part = { name: 'no faults', length: 0, limits: WIDE, tight: false, wrongClocks: 0, faults: [] }

/** Time in which the outbox becomes empty where no lead waits for a time that is far ahead, in ms. */
const UNAIDED_DRAIN_MS = 8_000

/** Time without a call after which the outbox may be empty, in ms. */
const QUIET_MS = 5_000

export async function run(options: RunOptions): Promise<RunResult> {
  const folder = makeTempFolder('chaos')
  try {
    const result = await runIn(folder.path, options)
    if (!options.keepEvidence || result.checks.every(({ violations }) => violations.length === 0)) return result
    writeFileSync(join(folder.path, 'evidence.json'), JSON.stringify(result.evidence))
    rmSync(join(folder.path, 'compiled'), { recursive: true, force: true })
    return { ...result, folder: folder.keep() }
  } finally {
    folder.remove()
  }
}

async function runIn(folder: string, options: RunOptions): Promise<RunResult> {
  const marketo = await startMarketo()
  try {
    const { drainTimeout } = options
    const endpoint = `${marketo.url}/soap/mktows/3_1`
    const platform = {
      ...(await PLATFORMS[options.platform]({ folder, endpoint })),
      ...(drainTimeout !== undefined && { drainTimeout }),
    }
    try {
      return await runOn(platform, marketo, options)
    } finally {
      await platform.end()
    }
  } finally {
    await marketo.end()
  }
}

async function runOn(
  platform: Platform,
  marketo: Marketo,
  { seed, submissions, clients, parts, untilAllSent }: RunOptions,
): Promise<RunResult> {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const visits = planVisits({ seed, duration: length, submissions })
  const journal = openJournal()
  const duration = untilAllSent ? Infinity : length
  let visiting = true
  const visited = makeVisits({ seed, relays: platform.urls, visits, journal, clients, duration }).finally(
    () => (visiting = false),
  )
  const mustGoOn = ({ relayStarts }: FaultLog) =>
    untilAllSent !== undefined && (visiting || relayStarts < untilAllSent.relayStarts)
  const [log] = await Promise.all([applyConditions({ seed, platform, marketo, parts, mustGoOn }), visited])
  await marketo.clearFaults()
  const drained = await drain(platform, marketo, log, journal)

  const evidence: Evidence = {
    submissions: journal.all(),
    jobs: await platform.jobs(),
    calls: await marketo.calls(),
    people: await marketo.people(),
    periods: log.periods,
  }
  const checks = runChecks(evidence)
  const title = `form-sync under faults: ${platform.name}, seed ${seed}, ${Math.round(length / 1_000)} s`
  const report = writeReport({ title, journal, log, evidence, checks, drained })
  const planned = visits.reduce((sum, visit) => sum + visit.submissions.length, 0)
  return { report, checks, evidence, log, planned }
}

/** Lets the relays deliver what is left, without faults. */
async function drain(platform: Platform, marketo: Marketo, log: FaultLog, journal: Journal): Promise<Drained> {
  const startedAt = performance.now()
  await marketo.idle()
  await marketo.setLimits({ ratePer20s: 1_000_000, concurrency: 1_000, daily: 1_000_000_000 })
  startPeriod(log, CALM)
  const drained = platform.wakesByAlarm
    ? await drainByAlarm(platform, marketo)
    : await drainByPolling(platform, log, journal)
  return { ...drained, ms: performance.now() - startedAt }
}

/**
 * Polls until the outbox is empty. Where leads wait for a time that is far ahead, the clock is set forward. Then an
 * operator has parked leads sent again.
 */
async function drainByPolling(platform: Platform, log: FaultLog, journal: Journal): Promise<Omit<Drained, 'ms'>> {
  let relays = await startAll(platform, log.skipped)
  const empty = await untilEmpty(platform, UNAIDED_DRAIN_MS)
  const clockSetForward = !empty && platform.can.setClock
  if (clockSetForward) {
    await shutDownAll(relays)
    startPeriod(log, CALM)
    relays = await startAll(platform, log.skipped + CLOCK_STEP_MS)
  }
  let replayed = 0
  if (empty || (await untilEmpty(platform, platform.drainTimeout))) {
    replayed = await replayParked(platform.urls[0]!, CONSOLE_TOKEN, journal)
    await untilEmpty(platform, platform.drainTimeout)
  }
  await shutDownAll(relays)
  return { clockSetForward, replayed }
}

/** Sends the relay no request: its alarm alone must make it deliver what is left, in this process or the next one. */
async function drainByAlarm(platform: Platform, marketo: Marketo): Promise<Omit<Drained, 'ms'>> {
  const until = performance.now() + platform.drainTimeout
  for (let waiting = true; waiting && performance.now() < until;) {
    const relays = await startAll(platform, 0)
    await marketo.quiet(QUIET_MS)
    await shutDownAll(relays)
    waiting = (await platform.jobs()).some(({ state }) => state !== 'delivered' && state !== 'parked')
  }
  return { clockSetForward: false, replayed: 0 }
}

async function startAll(platform: Platform, atStart: number): Promise<RelayProcess[]> {
  const relays = platform.urls.map((_, relay) =>
    platform.start(relay, { faults: {}, clock: { atStart, afterwards: 0 }, limits: WIDE }),
  )
  for (const { ready } of relays) if (!(await ready)) throw new Error('a relay ended while it started')
  return relays
}

async function shutDownAll(relays: readonly RelayProcess[]): Promise<void> {
  for (const relay of relays) relay.shutDown()
  await Promise.all(relays.map(({ ended }) => ended))
}

/** Resolves with true once the outbox is empty, with false when that takes longer than `timeout`, in ms. */
async function untilEmpty({ urls }: Platform, timeout: number): Promise<boolean> {
  const until = performance.now() + timeout
  while (performance.now() < until) {
    const readiness = (await (await fetch(`${urls[0]}/readyz`)).json()) as { backlog: number }
    if (readiness.backlog === 0) return true
    await sleep(50)
  }
  return false
}
