/** Makes one run: visitors and faults, then a time without faults until nothing waits, then the checks. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Api } from '../support/account-variables.ts'
import { faultOf } from './api.ts'
import { makeTempFolder } from './cleanup.ts'
import { applyConditions } from './conditions.ts'
import { drain } from './drain.ts'
import { edgeRelays } from './edge-relays.ts'
import type { FaultLog } from './fault-log.ts'
import type { Part } from './fault-plan.ts'
import { openJournal } from './journal.ts'
import { startMarketo, type Marketo } from './marketo.ts'
import { nodeRelays } from './node-relays.ts'
import { planVisits } from './plan.ts'
import { postgresRelays } from './postgres-relays.ts'
import type { Platform } from './relays.ts'
import { writeReport } from './report.ts'
import { partsWithoutCalls } from './verdicts/calls.ts'
import type { CheckResult, Evidence } from './verdicts/evidence.ts'
import { runChecks } from './verdicts/index.ts'
import { makeVisits } from './visitors.ts'

interface PlatformOptions {
  folder: string
  /** Address of the simulator. */
  marketo: string
  api: Api
}

const PLATFORMS = {
  node: (options: PlatformOptions) => nodeRelays(options),
  workerd: (options: PlatformOptions) => edgeRelays({ ...options, shards: 1 }),
  'workerd-sharded': (options: PlatformOptions) => edgeRelays({ ...options, shards: 3 }),
  postgres: (options: PlatformOptions) => postgresRelays({ ...options, nodes: 3 }),
} as const satisfies Record<string, (options: PlatformOptions) => Promise<Platform>>

export type PlatformName = keyof typeof PLATFORMS

export const PLATFORM_NAMES = Object.keys(PLATFORMS) as PlatformName[]

export interface RunOptions {
  seed: number
  platform: PlatformName
  /** The API by which the relay reaches Marketo; SOAP by default. */
  api?: Api
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
  /** Names of the parts in which Marketo was not called: the run shows nothing of them. */
  idleParts: string[]
  evidence: Evidence
  log: FaultLog
  /** Number of filled-in forms that were planned. */
  planned: number
  /** Folder with the evidence and the relay's log, where a check failed and they are kept. */
  folder?: string
}

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
  const { drainTimeout, api = 'soap' } = options
  const started = await startMarketo()
  const marketo: Marketo = {
    ...started,
    addFaults: (faults, seed) =>
      started.addFaults(
        faults.map((fault) => faultOf(api, fault)),
        seed,
      ),
  }
  try {
    const platform = {
      ...(await PLATFORMS[options.platform]({ folder, marketo: marketo.url, api })),
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
  { seed, api = 'soap', submissions, clients, parts, untilAllSent }: RunOptions,
): Promise<RunResult> {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const visits = planVisits({ seed, duration: length, submissions })
  const journal = openJournal()
  let visiting = true
  let conditionsAreOver = false
  const isOver = () => conditionsAreOver && !untilAllSent
  const visited = makeVisits({ seed, relays: platform.urls, visits, journal, clients, isOver }).finally(
    () => (visiting = false),
  )
  const mustGoOn = ({ relayStarts }: FaultLog) =>
    untilAllSent !== undefined && (visiting || relayStarts < untilAllSent.relayStarts)
  const conditions = applyConditions({ seed, platform, marketo, parts, mustGoOn }).finally(
    () => (conditionsAreOver = true),
  )
  const [log] = await Promise.all([conditions, visited])
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
  const title = `form-sync under faults: ${platform.name}, ${api.toUpperCase()}, seed ${seed}, ${Math.round(length / 1_000)} s`
  const report = writeReport({ title, journal, log, evidence, checks, drained })
  const planned = visits.flatMap((visit) => visit.submissions).reduce((sum, { contents }) => sum + contents.length, 0)
  return { report, checks, idleParts: partsWithoutCalls(evidence), evidence, log, planned }
}
