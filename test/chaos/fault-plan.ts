/** The parts of a run: for how long, under which limits, and with which faults. */
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { RelayLimits } from './relays.ts'
import type { Step } from './steps.ts'

/** Name of the time after the last fault. */
export const CALM_PART = 'no faults'

export interface Part {
  name: string
  /** Minimum length, in ms. */
  length: number
  limits: Omit<RelayLimits, 'perDay'>
  /** True when Marketo allows no more than the relay takes. Then no clock is set forward. */
  tight: boolean
  /** Probability that a relay starts with a wrong clock. */
  wrongClocks: number
  /** True when every other relay process runs with a clock that is days ahead, and the next one with the right one. */
  clocksSetBack?: boolean
  /** Error of the database's clock during the part, in ms, where it can be set. It is right in other parts. */
  storeClockError?: number
  /**
   * True when Marketo reports in this part that the quota of the day is spent. Afterwards clocks that can be set go to the
   * next midnight.
   */
  quotaSpent?: boolean
  /**
   * Steps at which all relay processes crash, where they can; any, by default. Nothing else disturbs these processes: no
   * clock is set, none is stopped for a while, and one that does not come to its step is shut down.
   */
  crashes?: readonly Step[]
  /** True when each relay process gets a few verdicts only after the lease. */
  lateVerdicts?: boolean
  /** Number of calls that are left of the day, for the relay and at Marketo. */
  callsLeft?: number
  /** Marketo's faults, each with its share of all calls. */
  faults: readonly AskedFault[]
}
