/** What the runs are made of: how long, how much, what goes wrong how often. */
import type { AskedFault } from '../../demo/marketo/faults.ts'
import type { PlatformName, RunOptions } from './run.ts'
import type { Part } from './storm.ts'

const SECOND = 1_000

/** The relay's deadline in a run is one second, its lease 2.1: Marketo is done with a call before that. */
const BEYOND_THE_DEADLINE = 1_600
const BEFORE_THE_LEASE = 1_700

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

/** Marketo's whole allowance, and a small one with calls so small that there is always a backlog. */
const ALL = { callsPer20s: 100, concurrency: 10, leadsPerCall: 300 }
const FEW = { callsPer20s: 30, concurrency: 2, leadsPerCall: 4 }

export interface LongOptions {
  seed: number
  platform: PlatformName
  minutes: number
  clients: number
}

/** Wide, then as few calls as Marketo allows, then a day that ends, then wide again. */
export function longRun({ seed, platform, minutes, clients }: LongOptions): RunOptions {
  const whole = minutes * 60 * SECOND
  const on = (faults: readonly AskedFault[]) =>
    platform.startsWith('workerd') ? faults.filter(({ fault }) => fault !== BLOCKED) : faults
  const wide = { limits: ALL, tight: false, faults: on([...FAULTS, ...LIMITS]) }
  const parts: Part[] = [
    { name: 'wide', length: whole * 0.4, ...wide },
    { name: 'tight', length: whole * 0.3, limits: FEW, tight: true, faults: on(SLOW) },
    {
      name: 'end of the day',
      length: whole * 0.1,
      limits: ALL,
      tight: true,
      callsLeft: Math.ceil(minutes * 8),
      faults: on(FAULTS),
    },
    { name: 'wide again', length: whole * 0.2, ...wide },
  ]
  return { seed, platform, submissions: Math.round(minutes * 2_000), clients, parts }
}

/** A few seconds, with as few calls as Marketo allows: what `npm test` runs. */
export function shortRun({ seed, seconds }: { seed: number; seconds: number }): RunOptions {
  return {
    seed,
    platform: 'node',
    submissions: seconds * 40,
    clients: 10,
    parts: [
      { name: 'short', length: seconds * SECOND, limits: { ...FEW, leadsPerCall: 30 }, tight: true, faults: FAULTS },
    ],
  }
}

/** Long enough for limits and leases to be met, and for clocks to go back: for a relay that is broken on purpose. */
export function mutantRun(seed: number): RunOptions {
  return {
    seed,
    platform: 'node',
    submissions: 1_000,
    clients: 12,
    parts: [
      { name: 'tight', length: 14 * SECOND, limits: FEW, tight: true, faults: SLOW },
      { name: 'end of the day', length: 4 * SECOND, limits: ALL, tight: true, callsLeft: 4, faults: FAULTS },
      { name: 'wide', length: 14 * SECOND, limits: ALL, tight: false, faults: SLOW },
    ],
  }
}
