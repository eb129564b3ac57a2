/** The relays under fire: what a run needs of them, whatever they run on. */
import type { Fate } from './steps.ts'

/** What stands in an outbox, as it is read from outside of the relay. */
export interface Job {
  id: string
  state: string
  /** Marketo's id of the person, once delivered. */
  leadId: number | null
  reason: string | null
  attempts: number
  /** What is kept of the lead: all of it, what Marketo refused, or nothing. */
  attributes: Readonly<Record<string, string>> | undefined
}

export interface RelayLimits {
  callsPer20s: number
  concurrency: number
  perDay: number
  leadsPerCall: number
}

interface LifeOptions {
  /** What goes wrong in it, where the platform can. */
  fate: Fate
  clock: Clock
  limits: RelayLimits
}

/** How many milliseconds the clock of the machine is off. */
export interface Clock {
  /** While the relay starts. What waits goes by what it says then. */
  boot: number
  /** From then on. */
  after: number
}

/** One life of one relay, from its start to its end. */
export interface Life {
  /** True once it serves; false when it ended before. */
  ready: Promise<boolean>
  /** Resolves when it has ended, with the step that it died at, or undefined where it was killed or told to end. */
  ended: Promise<string | undefined>
  /** SIGKILL. */
  kill: () => void
  /** As a deployment ends it. */
  end: () => void
  /** Lets it stand still for so many milliseconds. */
  freeze: (ms: number) => Promise<void>
  /** Sets the clock of the machine, where the platform can. */
  clock: (off: number) => void
  /** What was told of its fate so far: `late`, `stall`. */
  told: () => string[]
}

/** The way to start relays of one platform on one store. */
export interface Platform {
  name: string
  /** The address of each relay; a life is of one of them. */
  urls: readonly string[]
  /** What it can be made to suffer. */
  can: { dieAtSteps: boolean; moveTheClock: boolean; waitForTheStore?: boolean }
  /** It lives only while it is asked something, and when its alarm rings. */
  sleeps?: boolean
  /** How many times longer its lives are than those of a process that starts at once. */
  slowness: number
  /** Milliseconds in which all that is left must have gone through, once the trouble is over. */
  patience: number
  start: (relay: number, options: LifeOptions) => Life
  /** Kills the store under the relays and starts it again. */
  shake?: () => Promise<void>
  /** All that stands in the store. Only while no relay runs. */
  jobs: () => Promise<Job[]>
  /** Calls that the store has counted of the day that it is then. Only while no relay runs. */
  spentToday: (now: number) => Promise<number>
  end: () => Promise<void>
}

/** The day has 25 hours when clocks go back, and the relay waits a minute more: one that ends later is not this day. */
const LONGEST_DAY = 25 * 3_600_000 + 60_000

/** Of what was counted of a day, what counts of the one that it is now. */
export function spentOf({ spent, dayEndsAt }: { spent: number; dayEndsAt: number }, now: number): number {
  return now < dayEndsAt && dayEndsAt - now <= LONGEST_DAY ? spent : 0
}
