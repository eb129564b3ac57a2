/** The relays of a run, whichever platform they run on. */
import type { InjectedFaults } from './steps.ts'

/** A job as it is in the outbox, read from outside of the relay. */
export interface StoredJob {
  id: string
  /** The id that the form was sent with; another one when that stands for another content. */
  sentAs: string
  state: string
  /** Marketo's id of the person, once delivered. */
  leadId: number | null
  reason: string | null
  attempts: number
  /** Attributes that are stored: all of the lead, those that Marketo rejected, or undefined. */
  attributes: Readonly<Record<string, string>> | undefined
  /** True while its cookie is still to be associated. */
  owesCookie?: boolean
}

export interface RelayLimits {
  callsPer20s: number
  concurrency: number
  perDay: number
  leadsPerCall: number
  /** Timeout of a call, in seconds; one second by default, where the platform can set it. */
  callTimeout?: number
}

interface StartOptions {
  /** Faults in this process, on platforms that can inject them. */
  faults: InjectedFaults
  clock: ClockErrors
  limits: RelayLimits
}

/** Errors of the machine's clock, in ms. */
export interface ClockErrors {
  /** While the relay starts; the due times in the outbox are compared with this clock. */
  atStart: number
  afterwards: number
}

/** One relay process, from its start to its end. */
export interface RelayProcess {
  /** Resolves with true when the relay serves, with false when the process ended before. */
  ready: Promise<boolean>
  /** Resolves when the process has ended, with the step that it crashed at; undefined where it was ended from outside. */
  ended: Promise<string | undefined>
  /** Ends it by SIGKILL. */
  kill: () => void
  /** Ends it as a deployment does. */
  shutDown: () => void
  /** Stops the process for a time, in ms. */
  freeze: (ms: number) => Promise<void>
  /** Sets the error of the machine's clock in ms, on platforms that can. */
  setClock: (error: number) => void
  /** Returns the injected faults that have happened so far. */
  happened: () => ('late-verdict' | 'stall')[]
}

/** A way to start relays on one store. */
export interface Platform {
  name: string
  /** Address of each relay. */
  urls: readonly string[]
  /** Faults that the platform can inject. With `remoteStore` a transaction takes a while and crashes are timed. */
  can: { crashAtSteps: boolean; setClock: boolean; remoteStore?: boolean }
  /** True when the relay runs only while it has a request or when its alarm goes off. */
  wakesByAlarm?: boolean
  /** Factor by which its processes have to run longer than those of a platform that starts at once. */
  startupFactor: number
  /** Maximum time until the outbox is empty after the last fault, in ms. */
  drainTimeout: number
  start: (relay: number, options: StartOptions) => RelayProcess
  /** Crashes the store under the relays and starts it again. */
  crashStore?: () => Promise<void>
  /** Sets the error of the store's clock, in ms, where it is a program of its own. Call only while no relay runs. */
  setStoreClock?: (error: number) => Promise<void>
  /** Returns all jobs in the store. Call only while no relay runs. */
  jobs: () => Promise<StoredJob[]>
  /** Returns the calls that the store has counted of the day at `now`. Call only while no relay runs. */
  spentToday: (now: number) => Promise<number>
  end: () => Promise<void>
}

/** Maximum length of a quota day in ms: 25 hours when clocks go back, and the minute that the relay waits longer. */
const MAX_DAY_MS = 25 * 3_600_000 + 60_000

/** Returns the calls that count for the day at `now`. A count whose day ends later than possible is ignored. */
export function spentOf({ spent, dayEndsAt }: { spent: number; dayEndsAt: number }, now: number): number {
  return now < dayEndsAt && dayEndsAt - now <= MAX_DAY_MS ? spent : 0
}
