/** What the runs are made of: how long, how much, what goes wrong how often. */
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { PlatformName, RunOptions } from './run.ts'
import type { Part } from './fault-plan.ts'

const SECOND = 1_000

/** The relay's deadline in a run is one second, its lease 2.1: Marketo is done with a call before that. */
const BEYOND_THE_DEADLINE = 1_600
const BEFORE_THE_LEASE = 1_700
const WELL_BEFORE = 1_250

/** Has all wait for five minutes, unless a shorter schedule is set. */
const BLOCKED = '20013'

/** Shares of all calls. */
const FAULTS: readonly AskedFault[] = [
  { fault: 'reset', rate: 0.02 },
  { fault: 'accepted-then-reset', rate: 0.03 },
  { fault: 'timeout', rate: 0.01, ms: BEFORE_THE_LEASE },
  { fault: 'accepted-then-timeout', rate: 0.02, ms: BEFORE_THE_LEASE },
  { fault: 'slow', rate: 0.12, ms: 400 },
  { fault: 'slow', rate: 0.04, ms: BEYOND_THE_DEADLINE },
  { fault: 'html502', rate: 0.02 },
  { fault: 'garbage', rate: 0.02 },
  { fault: 'empty', rate: 0.01 },
  { fault: 'failed', rate: 0.02 },
  { fault: 'skipped', rate: 0.01 },
  { fault: '10001', rate: 0.02 },
  { fault: '20106', rate: 0.01 },
  { fault: '20105', rate: 0.004 },
  { fault: BLOCKED, rate: 0.003 },
  { fault: '20016', rate: 0.003 },
]

/** They say that a limit was met where none was. Pauses of seconds, and of twenty: rarely, for a run has no time for more. */
const LIMITS: readonly AskedFault[] = [
  { fault: '20024', rate: 0.005 },
  { fault: '20023', rate: 0.004, times: 1 },
]

/** Calls take long enough to meet each other. */
const SLOW: readonly AskedFault[] = [
  ...FAULTS.filter(({ fault }) => fault !== 'slow'),
  { fault: 'slow', rate: 0.35, ms: 800 },
  { fault: 'slow', rate: 0.1, ms: BEYOND_THE_DEADLINE },
]

/** A call that was sent again is still at work when the verdict on the first try comes. */
const LATE: readonly AskedFault[] = [{ fault: 'slow', rate: 0.95, ms: 800 }]

/** Marketo's whole allowance. */
const ALL = { callsPer20s: 100, concurrency: 10, leadsPerCall: 300 }

/** Small calls, so that there is always a backlog. None at once are fewer than the objects that share them. */
const FEW_IN_20_S = { callsPer20s: 20, concurrency: 10, leadsPerCall: 4 }
const FEW_AT_ONCE = { callsPer20s: 100, concurrency: 3, leadsPerCall: 4 }

/** What differs from run to run. */
interface PartOptions {
  platform: PlatformName
  /** Milliseconds, all parts together. */
  length: number
  wrongClocks: number
  callsLeft: number
}

/**
 * Late verdicts; then wide; then as few calls as Marketo allows, for long enough to meet it; then a day that ends; then
 * clocks that are set back.
 */
function partsOf({ platform, length, wrongClocks, callsLeft }: PartOptions): Part[] {
  const edge = platform.startsWith('workerd')
  const on = (faults: typeof FAULTS) => (edge ? faults.filter(({ fault }) => fault !== BLOCKED) : faults)
  const wide = { limits: ALL, tight: false, wrongClocks }
  const tight = { tight: true, wrongClocks: 0 }
  // Several objects each count their part of the day: how many calls are left of it together is none's to say.
  const dayEnds = platform !== 'workerd-sharded' && { callsLeft }
  return [
    // First, while no trouble has made the relay try one call at a time.
    { name: 'late verdicts', length: length * 0.15, faults: LATE, ...wide, wrongClocks: 0, lateVerdicts: true },
    { name: 'wide', length: length * 0.2, faults: on([...SLOW, ...LIMITS]), ...wide },
    { name: 'few in 20 s', length: length * 0.37, limits: FEW_IN_20_S, faults: on(FAULTS), ...tight },
    { name: 'few at once', length: length * 0.11, limits: FEW_AT_ONCE, faults: on(SLOW), ...tight },
    { name: 'end of the day', length: length * 0.08, limits: ALL, faults: on(FAULTS), ...tight, ...dayEnds },
    { name: 'clocks set back', length: length * 0.09, faults: on(SLOW), ...wide, clocksSetBack: true },
  ]
}

export interface LongOptions {
  seed: number
  platform: PlatformName
  minutes: number
  clients: number
}

export function longRun({ seed, platform, minutes, clients }: LongOptions): RunOptions {
  return {
    seed,
    platform,
    submissions: Math.round(minutes * 2_000),
    clients,
    parts: partsOf({
      platform,
      length: minutes * 60 * SECOND,
      wrongClocks: 0.05,
      callsLeft: Math.ceil(minutes * 8),
    }),
  }
}

/** A few seconds, with few calls: what `npm test` runs. */
export function shortRun({ seed, seconds }: { seed: number; seconds: number }): RunOptions {
  const limits = { callsPer20s: 60, concurrency: 3, leadsPerCall: 30 }
  // All tests run at once: a machine that is late itself must not be taken for a lease that is too short.
  const faults = FAULTS.map((fault) => ({
    ...fault,
    ...(fault.ms !== undefined && { ms: Math.min(fault.ms, WELL_BEFORE) }),
  }))
  return {
    seed,
    platform: 'node',
    submissions: seconds * 40,
    clients: 10,
    parts: [{ name: 'short', length: seconds * SECOND, limits, tight: true, wrongClocks: 0, faults }],
  }
}

export interface MutantOptions {
  seed: number
  platform: PlatformName
}

/** Milliseconds: one that is broken may never have done, and nobody is to wait long for it. */
const SHORT_PATIENCE = 90_000

/** For a relay that is broken on purpose: long enough for limits and leases to be met, with clocks that are often wrong. */
export function mutantRun({ seed, platform }: MutantOptions): RunOptions {
  return {
    seed,
    platform,
    submissions: 1_200,
    clients: 12,
    parts: partsOf({ platform, length: 44 * SECOND, wrongClocks: 0.4, callsLeft: 3 }),
    patience: SHORT_PATIENCE,
  }
}
