/**
 * Enforces Marketo's limits for one account: calls in 20 seconds, concurrent calls, calls per day (US Central). SOAP and
 * REST share them.
 *
 * Source: Marketo's SOAP error table (20023, 20024, 20015). It does not say whether a rejected call counts. REST's table
 * has the same limits and marks the errors that do not count against the quota: authentication errors (601, 602) are
 * marked, rate and concurrency (606, 615) are not. Therefore a call that rate or concurrency rejects counts against the
 * day here. It does not count against rate and concurrency, so that a caller that waits 20 seconds is served.
 */
import type { LimitsView } from './view.ts'

export interface LimitSettings {
  ratePer20s: number
  concurrency: number
  daily: number
}

/** State that survives a restart. */
export interface LimitsState {
  settings: LimitSettings
  /** Date in US Central. */
  day: string
  /** Calls of that day, including those that rate or concurrency rejected. */
  today: number
}

/** Limits of a Marketo account without purchased extensions. */
const DEFAULT_LIMITS: LimitSettings = { ratePer20s: 100, concurrency: 10, daily: 10_000 }

/** A limit that a call would exceed. Each API has a code of its own for it. */
export type ExceededLimit = 'daily' | 'rate' | 'concurrency'

const WINDOW_MS = 20_000

export class Limits {
  #settings = DEFAULT_LIMITS
  /** Arrival times of the calls of the last 20 seconds, valid from index `#first`. */
  #calls: number[] = []
  #first = 0
  #active = 0
  #day = ''
  #today = 0
  readonly #now: () => number

  /** @param now returns epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Admits a call, which must be followed by `leave`; or returns the limit that it would exceed. */
  enter(): ExceededLimit | undefined {
    const now = this.#now()
    this.#advance(now)
    if (this.#today >= this.#settings.daily) return 'daily'
    this.#today += 1
    if (this.#calls.length - this.#first >= this.#settings.ratePer20s) return 'rate'
    if (this.#active >= this.#settings.concurrency) return 'concurrency'
    this.#calls.push(now)
    this.#active += 1
    return undefined
  }

  leave(): void {
    this.#active -= 1
  }

  /** Changes the given limits and keeps the others. */
  set(settings: Partial<LimitSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
  }

  /** Returns what a restart must restore. The last 20 seconds are not part of it. */
  state(): LimitsState {
    this.#advance(this.#now())
    return { settings: this.#settings, day: this.#day, today: this.#today }
  }

  restore({ settings, day, today }: LimitsState): void {
    this.#settings = settings
    this.#day = day
    this.#today = today
  }

  view(): LimitsView {
    this.#advance(this.#now())
    const used = { last20s: this.#calls.length - this.#first, now: this.#active, today: this.#today }
    return { ...this.#settings, used }
  }

  /** Restores the defaults and forgets past calls. Calls in progress still count as concurrent. */
  clear(): void {
    this.#settings = DEFAULT_LIMITS
    this.#calls = []
    this.#first = 0
    this.#today = 0
  }

  /** Returns the day for which a call counts, in US Central: `2026-11-23`. */
  dayOf(at: number): string {
    return centralDay.format(at)
  }

  #advance(now: number): void {
    while (this.#first < this.#calls.length && (this.#calls[this.#first] ?? 0) <= now - WINDOW_MS) this.#first += 1
    // Compacts the array rarely, so that the cost per call stays constant on average.
    if (this.#first > 1_000 && this.#first * 2 > this.#calls.length) {
      this.#calls = this.#calls.slice(this.#first)
      this.#first = 0
    }
    const day = this.dayOf(now)
    if (day === this.#day) return
    this.#day = day
    this.#today = 0
  }
}

/** The quota resets at 00:00 US Central, in standard and in daylight saving time. */
const centralDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Chicago', dateStyle: 'short' })
