/** Record of the faults that a run injected and of the limits that applied, for the checks and for the report. */
import type { Part } from './fault-plan.ts'
import { steadyNow } from './journal.ts'

/** A time in which the same limits applied and no clock was set forward. */
export interface LimitPeriod {
  part: string
  /** Epoch ms. */
  from: number
  until: number
  callsPer20s: number
  concurrency: number
  /** Number of calls that were left of the day at the beginning. */
  callsLeft?: number
  /** True when Marketo allowed no more than the relay takes. */
  tight: boolean
}

export interface FaultLog {
  periods: LimitPeriod[]
  /** Number of relay processes by how they ended. */
  endings: Map<string, number>
  /** Number of times that a relay process was stopped and continued. */
  freezes: number
  storeCrashes: number
  /** Number of verdicts that came after the lease. */
  lateVerdicts: number
  /** Number of times that a relay process blocked after a claim. */
  stalls: number
  /** Number of times that clocks were set, and the largest error in ms. */
  clock: { whileRunning: number; forward: number; back: number; largestError: number }
  /** Number of times that the database's clock was set forward and back. */
  storeClock: { forward: number; back: number }
  /** Present error of the database's clock, in ms. */
  storeClockError: number
  /** True where the clock cannot be set, after the quota was spent, until an operator makes the relays try again. */
  retryIsDue: boolean
  /** Number of times that an operator made the relays try again. */
  retries: number
  relayStarts: number
  /** Number of relays at one time. */
  relays: number
  /** Time by which the relays' clocks were set forward between the parts, in ms. */
  skipped: number
  /** Time that relay processes served, all together, and time that the faults lasted, in ms. */
  served: number
  lasted: number
}

export function createFaultLog(relays: number): FaultLog {
  return {
    periods: [],
    endings: new Map(),
    freezes: 0,
    storeCrashes: 0,
    lateVerdicts: 0,
    stalls: 0,
    clock: { whileRunning: 0, forward: 0, back: 0, largestError: 0 },
    storeClock: { forward: 0, back: 0 },
    storeClockError: 0,
    retryIsDue: false,
    retries: 0,
    relayStarts: 0,
    relays,
    skipped: 0,
    served: 0,
    lasted: 0,
  }
}

/** Begins a period with the limits of the part, and ends the one before. */
export function startPeriod(log: FaultLog, { name, limits, tight, callsLeft }: Part): void {
  const from = steadyNow()
  endPeriod(log)
  const { callsPer20s, concurrency } = limits
  const left = callsLeft !== undefined && { callsLeft }
  log.periods.push({ part: name, from, until: Infinity, tight, callsPer20s, concurrency, ...left })
}

export function endPeriod({ periods }: FaultLog): void {
  const last = periods.at(-1)
  if (last?.until === Infinity) last.until = steadyNow()
}
