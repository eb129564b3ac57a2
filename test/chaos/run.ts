/** One run: Marketo, relays, visitors and a storm; then calm, until nothing waits; then the questions. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openJournal } from './journal.ts'
import { startMarketo, type Marketo } from './marketo.ts'
import { edgeRelays } from './edge-relays.ts'
import { nodeRelays } from './node-relays.ts'
import { planVisits } from './plan.ts'
import { postgresRelays } from './postgres-relays.ts'
import type { Life, Platform } from './relays.ts'
import { write } from './report.ts'
import { letItPass, LONGEST_WAIT } from './conditions.ts'
import type { Break, Evidence } from './verdicts/evidence.ts'
import { judge } from './verdicts/index.ts'
import { reign, type Part, type FaultPlan } from './fault-plan.ts'
import { letThemCome } from './visitors.ts'

/** What a run needs to start relays. */
interface Ground {
  folder: string
  endpoint: string
}

const PLATFORMS = {
  node: (ground: Ground) => nodeRelays(ground),
  workerd: (ground: Ground) => edgeRelays({ ...ground, shards: 1 }),
  'workerd-sharded': (ground: Ground) => edgeRelays({ ...ground, shards: 3 }),
  postgres: (ground: Ground) => postgresRelays({ ...ground, nodes: 3 }),
} as const satisfies Record<string, (ground: Ground) => Promise<Platform>>

export type PlatformName = keyof typeof PLATFORMS

export function isPlatform(name: string): name is PlatformName {
  return Object.hasOwn(PLATFORMS, name)
}

export interface RunOptions {
  seed: number
  platform: PlatformName
  /** Filled-in forms that are planned. */
  submissions: number
  clients: number
  /** How long people send, and what holds meanwhile. */
  parts: readonly Part[]
  /** Milliseconds in which what is left must have gone through; where it is not given, the platform's own. */
  patience?: number
}

export interface Outcome {
  report: string[]
  broken: Break[]
  evidence: Evidence
  weather: FaultPlan
  /** Where the evidence and the relay's log lie, when something broke. */
  folder?: string
}

/** Wide enough for all that is left to go through. */
const WIDE = { callsPer20s: 100, concurrency: 10, leadsPerCall: 300, perDay: 1_000_000 }
const CALM: Part = { name: 'calm', length: 0, limits: WIDE, tight: false, wrongClocks: 0, faults: [] }

/** Milliseconds in which what is left goes through by itself, where nothing waits for a time that lies ahead. */
const BY_ITSELF = 8_000

/** Milliseconds without a call after which one may look whether anything is left. */
const SILENCE = 5_000

export async function run(options: RunOptions): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-chaos-'))
  const marketo = await startMarketo()
  try {
    const ground = { folder, endpoint: `${marketo.url}/soap/mktows/3_1` }
    const { patience } = options
    const platform = { ...(await PLATFORMS[options.platform](ground)), ...(patience !== undefined && { patience }) }
    try {
      const outcome = await observe(options, platform, marketo)
      if (outcome.broken.length === 0) {
        rmSync(folder, { recursive: true, force: true })
        return outcome
      }
      writeFileSync(join(folder, 'evidence.json'), JSON.stringify(outcome.evidence))
      return { ...outcome, folder }
    } finally {
      await platform.end()
    }
  } finally {
    await marketo.end()
  }
}

async function observe(
  { seed, submissions, clients, parts }: RunOptions,
  platform: Platform,
  marketo: Marketo,
): Promise<Outcome> {
  const duration = parts.reduce((sum, { length }) => sum + length, 0)
  const visits = planVisits({ seed, duration, submissions })
  const journal = openJournal()
  const coming = letThemCome({ seed, relays: platform.urls, visits, journal, clients, duration })
  const [weather] = await Promise.all([letItPass({ seed, platform, marketo, parts }), coming])
  await marketo.calm()
  const { drained, broughtForward } = await drain(platform, marketo, weather)

  const evidence: Evidence = {
    submissions: journal.all(),
    jobs: await platform.jobs(),
    calls: await marketo.calls(),
    people: await marketo.people(),
    reigns: weather.reigns,
  }
  const verdicts = judge(evidence)
  const title = `form-sync under fire: ${platform.name}, seed ${seed}, ${Math.round(duration / 1_000)} s of sending`
  const report = write({ title, journal, weather, evidence, verdicts, drained, broughtForward })
  return { report, broken: verdicts.flatMap(({ broken }) => broken), evidence, weather }
}

/** Lets what is left go through. What waits for a time that lies ahead is helped by a clock that goes forward. */
async function drain(
  platform: Platform,
  marketo: Marketo,
  weather: FaultPlan,
): Promise<{ drained: number; broughtForward: boolean }> {
  const began = performance.now()
  await marketo.idle()
  await marketo.limit({ ratePer20s: 1_000_000, concurrency: 1_000, daily: 1_000_000_000 })
  reign(weather, CALM)
  const broughtForward = platform.sleeps ? await leaveAlone(platform, marketo) : await watch(platform, weather)
  return { drained: performance.now() - began, broughtForward }
}

/** Asks until nothing waits, or long enough. True when the clock had to go forward for it. */
async function watch(platform: Platform, weather: FaultPlan): Promise<boolean> {
  let lives = await startAll(platform, weather.passed)
  const empty = await untilEmpty(platform, BY_ITSELF)
  const broughtForward = !empty && platform.can.moveTheClock
  if (broughtForward) {
    await endAll(lives)
    reign(weather, CALM)
    lives = await startAll(platform, weather.passed + LONGEST_WAIT)
  }
  if (!empty) await untilEmpty(platform, platform.patience)
  await endAll(lives)
  return broughtForward
}

/** Asks it nothing: what waits must be gone on with when the alarm rings, in this life or the next. */
async function leaveAlone(platform: Platform, marketo: Marketo): Promise<false> {
  const until = performance.now() + platform.patience
  for (let waiting = true; waiting && performance.now() < until;) {
    const lives = await startAll(platform, 0)
    await marketo.silent(SILENCE)
    await endAll(lives)
    waiting = (await platform.jobs()).some(({ state }) => state === 'ready' || state === 'behind')
  }
  return false
}

async function startAll(platform: Platform, boot: number): Promise<Life[]> {
  const lives = platform.urls.map((_, relay) =>
    platform.start(relay, { fate: {}, clock: { boot, after: 0 }, limits: WIDE }),
  )
  for (const { ready } of lives) if (!(await ready)) throw new Error('a relay ended at its start')
  return lives
}

async function endAll(lives: readonly Life[]): Promise<void> {
  for (const life of lives) life.end()
  await Promise.all(lives.map(({ ended }) => ended))
}

/** True once nothing waits. */
async function untilEmpty({ urls }: Platform, patience: number): Promise<boolean> {
  const until = performance.now() + patience
  while (performance.now() < until) {
    const readiness = (await (await fetch(`${urls[0]}/readyz`)).json()) as { backlog: number }
    if (readiness.backlog === 0) return true
    await sleep(50)
  }
  return false
}
