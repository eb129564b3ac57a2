/** What a storm is made of, part by part, and what came of it: for the questions and for the report. */
import type { AskedFault } from '../../demo/simulator/faults.ts'
import { steadyNow } from './journal.ts'
import type { RelayLimits } from './relays.ts'

/** A stretch of the run, and the limits that hold in it. */
export interface Part {
  name: string
  /** Milliseconds. */
  length: number
  limits: Omit<RelayLimits, 'perDay'>
  /** Marketo allows the relay no more than it takes, and no clock goes forward. */
  tight: boolean
  /** How often a relay starts with a clock that is wrong. */
  wrongClocks: number
  /** Every other life goes by a clock that is days ahead, and the next one by the right one. */
  clocksSetBack?: boolean
  /** In each life a few verdicts come after the lease. */
  lateVerdicts?: boolean
  /** The relay may make so many calls more today, and Marketo allows no more. */
  callsLeft?: number
  /** Shares of all calls. */
  faults: readonly AskedFault[]
}

/** A time in which the same limits held, and in which no clock went forward. */
export interface Reign {
  part: string
  from: number
  until: number
  callsPer20s: number
  concurrency: number
  /** Calls that were left of the day when it began. */
  callsLeft?: number
  /** Marketo allowed no more than the relay took, and no fault spoke of a limit that was not met. */
  tight: boolean
}

/** What happened, for the report. */
export interface FaultPlan {
  reigns: Reign[]
  /** Deaths by step; `random` are those that came from outside, `told` those that were asked for. */
  deaths: Map<string, number>
  freezes: number
  /** Deaths of the store. */
  shakes: number
  /** Verdicts that came late, and processes that stood still after a claim. */
  late: number
  stalls: number
  jumps: { running: number; forward: number; back: number; furthest: number }
  lives: number
  relays: number
  /** Milliseconds that passed between the parts, for the relays alone. */
  passed: number
  /** Milliseconds that relays served, all together, and those that the storm lasted. */
  served: number
  lasted: number
}

export function clearSky(relays: number): FaultPlan {
  return {
    reigns: [],
    deaths: new Map(),
    freezes: 0,
    shakes: 0,
    late: 0,
    stalls: 0,
    jumps: { running: 0, forward: 0, back: 0, furthest: 0 },
    lives: 0,
    relays,
    passed: 0,
    served: 0,
    lasted: 0,
  }
}

/** From now on these limits hold, and those that held before do no more. */
export function reign({ reigns }: FaultPlan, { name, limits, tight, callsLeft }: Part): void {
  const from = steadyNow()
  closeReign({ reigns })
  const { callsPer20s, concurrency } = limits
  const left = callsLeft !== undefined && { callsLeft }
  reigns.push({ part: name, from, until: Infinity, tight, callsPer20s, concurrency, ...left })
}

export function closeReign({ reigns }: Pick<FaultPlan, 'reigns'>): void {
  const last = reigns.at(-1)
  if (last?.until === Infinity) last.until = steadyNow()
}
