/** Options of the runs: length, number of forms, and the share of each fault. */
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { Api } from '../support/account-variables.ts'
import { BAD_LEAD_FAULTS, MISTYPED_FAULT } from './bad-leads.ts'
import type { Part } from './fault-plan.ts'
import type { PlatformName, RunOptions } from './run.ts'

const SECOND = 1_000

/**
 * Times of calls, in ms. In a run a call times out at the relay after 1,000, and its lease ends after 2,100. Marketo ends
 * each call before the lease does.
 */
const BEYOND_TIMEOUT_MS = 1_600
const BEFORE_LEASE_MS = 1_700
const WELL_BEFORE_LEASE_MS = 1_100

/** Fault that makes all leads wait for five minutes, unless a shorter schedule is set. */
const BLOCKED = '20013'

/** Marketo's faults, each with its share of all calls. */
const FAULTS: readonly AskedFault[] = [
  { fault: 'reset', rate: 0.02 },
  { fault: 'accepted-then-reset', rate: 0.03 },
  { fault: 'timeout', rate: 0.01, ms: BEFORE_LEASE_MS },
  { fault: 'accepted-then-timeout', rate: 0.02, ms: BEFORE_LEASE_MS },
  { fault: 'slow', rate: 0.12, ms: 400 },
  { fault: 'slow', rate: 0.04, ms: BEYOND_TIMEOUT_MS },
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

/** Faults that report a limit that was not met. Each makes all leads wait for seconds, so they are rare. */
const LIMIT_FAULTS: readonly AskedFault[] = [
  { fault: '20024', rate: 0.005 },
  { fault: '20023', rate: 0.004, times: 1 },
]

/** Faults with calls that take long enough to overlap. */
const SLOW_FAULTS: readonly AskedFault[] = [
  ...FAULTS.filter(({ fault }) => fault !== 'slow'),
  { fault: 'slow', rate: 0.35, ms: 800 },
  { fault: 'slow', rate: 0.1, ms: BEYOND_TIMEOUT_MS },
]

/** Faults that keep a call that was sent again under way when the verdict on the first try comes. */
const LATE_FAULTS: readonly AskedFault[] = [{ fault: 'slow', rate: 0.95, ms: 800 }]

/** Every answer comes after the timeout, and the work is done all the same. */
const SLOW_SPELL: readonly AskedFault[] = [{ fault: 'slow', rate: 1, ms: BEYOND_TIMEOUT_MS }]

/** Marketo reports that the quota of the day is spent. */
const QUOTA_SPENT: readonly AskedFault[] = [{ fault: '20015', rate: 1 }]

/** Error of the database's clock before it is set back, in ms. */
const STORE_CLOCK_ERROR_MS = 30 * 3_600 * SECOND

/** Everything that Marketo allows. */
const ALL = { callsPer20s: 100, concurrency: 10, leadsPerCall: 300 }

/** Small calls, so that there is always a backlog. The calls at once are not fewer than the objects that share them. */
const FEW_IN_20_S = { callsPer20s: 20, concurrency: 10, leadsPerCall: 4 }
const FEW_AT_ONCE = { callsPer20s: 100, concurrency: 3, leadsPerCall: 4 }

/** The relay crashes after the call for a lead, before that for its cookie or before its outcome is stored. */
const BETWEEN_LEAD_AND_COOKIE: Part = {
  name: 'between lead and cookie',
  length: 0,
  // One call at a time, so that no call for a lead is cut off, and a timeout that none meets on a busy machine.
  limits: { callsPer20s: 100, concurrency: 1, leadsPerCall: 30, callTimeout: 3 },
  tight: false,
  wrongClocks: 0,
  faults: [],
  crashes: ['associate-before', 'associate-after'],
}

interface PartOptions {
  platform: PlatformName
  api: Api
  /** Length of all parts together, in ms. */
  length: number
  wrongClocks: number
  callsLeft: number
}

function partsOf({ platform, api, length, wrongClocks, callsLeft }: PartOptions): Part[] {
  const edge = platform.startsWith('workerd')
  const on = (faults: typeof FAULTS) => (edge ? faults.filter(({ fault }) => fault !== BLOCKED) : faults)
  const wide = { limits: ALL, tight: false, wrongClocks }
  const tight = { tight: true, wrongClocks: 0 }
  // Each of several objects counts its own part of the day, so the calls that are left of it cannot be set.
  const dayEnds = platform !== 'workerd-sharded' && { callsLeft }
  return [
    // First, because after other faults the relay tries one call at a time.
    { name: 'late verdicts', length: length * 0.1, faults: LATE_FAULTS, ...wide, wrongClocks: 0, lateVerdicts: true },
    { name: 'wide', length: length * 0.14, faults: on([MISTYPED_FAULT, ...SLOW_FAULTS, ...LIMIT_FAULTS]), ...wide },
    { name: 'few in 20 s', length: length * 0.27, limits: FEW_IN_20_S, faults: on(FAULTS), ...tight },
    { name: 'few at once', length: length * 0.08, limits: FEW_AT_ONCE, faults: on(SLOW_FAULTS), ...tight },
    { name: 'end of the day', length: length * 0.07, limits: ALL, faults: on(FAULTS), ...tight, ...dayEnds },
    { name: 'bad leads', length: length * 0.16, faults: [...BAD_LEAD_FAULTS, MISTYPED_FAULT], ...wide, wrongClocks: 0 },
    { name: 'slow spell', length: length * 0.07, faults: SLOW_SPELL, ...wide, wrongClocks: 0 },
    { name: 'quota spent', length: length * 0.04, faults: QUOTA_SPENT, ...wide, wrongClocks: 0, quotaSpent: true },
    ...(api === 'rest' && !edge ? [{ ...BETWEEN_LEAD_AND_COOKIE, length: length * 0.1 }] : []),
    ...clockParts(platform, { length: length * 0.07, faults: on(SLOW_FAULTS), ...wide }),
  ]
}

/** Returns the parts at whose end clocks are set back: that of each relay's machine, or that of the database. */
function clockParts(platform: PlatformName, part: Omit<Part, 'name'>): Part[] {
  if (platform !== 'postgres') return [{ name: 'clocks set back', ...part, clocksSetBack: true }]
  const half = { ...part, length: part.length / 2 }
  return [
    { name: "the database's clock ahead", ...half, storeClockError: STORE_CLOCK_ERROR_MS },
    { name: "the database's clock set back", ...half },
  ]
}

export interface LongRunOptions {
  seed: number
  platform: PlatformName
  api: Api
  minutes: number
  clients: number
}

/** Returns the options of a run by hand, which lasts for a given time. */
export function longRun({ seed, platform, api, minutes, clients }: LongRunOptions): RunOptions {
  return {
    seed,
    platform,
    api,
    submissions: Math.round(minutes * 2_000),
    clients,
    parts: partsOf({
      platform,
      api,
      length: minutes * 60 * SECOND,
      wrongClocks: 0.05,
      callsLeft: Math.ceil(minutes * 8),
    }),
    keepEvidence: true,
  }
}

export interface ShortRunOptions {
  seed: number
  /** Number of forms. */
  submissions: number
  /** Minimum number of relay processes. */
  relayStarts: number
}

/** Returns the options of the run in `npm test`. It ends when all is sent, however long that takes on the machine. */
export function shortRun({ seed, submissions, relayStarts }: ShortRunOptions): RunOptions {
  const limits = { callsPer20s: 60, concurrency: 3, leadsPerCall: 30 }
  // Other tests run at the same time, so Marketo is given more time to end a call before its lease ends.
  const faults = [...BAD_LEAD_FAULTS, MISTYPED_FAULT, ...FAULTS].map((fault) => ({
    ...fault,
    ...(fault.ms !== undefined && { ms: Math.min(fault.ms, WELL_BEFORE_LEASE_MS) }),
  }))
  return {
    seed,
    platform: 'node',
    submissions,
    clients: 10,
    parts: [{ name: 'short', length: submissions * 25, limits, tight: true, wrongClocks: 0, faults }],
    untilAllSent: { relayStarts },
    keepEvidence: true,
  }
}

/** Time from one crash to the next, in ms: the lease of the call that was cut off, and a start. */
const CRASH_INTERVAL_MS = 4.5 * SECOND

/**
 * Returns the options of a run in which a relay crashes between the calls for a lead and for its cookie, and at no other
 * step. Forms are sent all the time, so that each process has leads to send.
 */
export function cookieRun({ seed, submissions, relayStarts }: ShortRunOptions): RunOptions {
  return {
    seed,
    platform: 'node',
    api: 'rest',
    submissions,
    clients: 10,
    parts: [{ ...BETWEEN_LEAD_AND_COOKIE, length: relayStarts * CRASH_INTERVAL_MS }],
    untilAllSent: { relayStarts },
    keepEvidence: true,
  }
}

export interface MutantRunOptions {
  seed: number
  platform: PlatformName
}

/** Maximum time until the outbox of a broken relay is empty, in ms. It may never be. */
const MUTANT_DRAIN_TIMEOUT_MS = 90_000

/** Returns the options of a run for a relay that is broken on purpose: limits and leases are met, clocks are often wrong. */
export function mutantRun({ seed, platform }: MutantRunOptions): RunOptions {
  return {
    seed,
    platform,
    submissions: 1_200,
    clients: 12,
    parts: partsOf({ platform, api: 'soap', length: 56 * SECOND, wrongClocks: 0.4, callsLeft: 3 }),
    drainTimeout: MUTANT_DRAIN_TIMEOUT_MS,
    keepEvidence: false,
  }
}
