/**
 * Marketo's limits for one account: calls in 20 seconds, calls at once, calls a day until midnight US Central.
 *
 * Source: Marketo's SOAP error table (20023, 20024, 20015). It does not say whether a refused call counts. REST's table,
 * for the same limits, marks the errors that are not counted against the quota: rate and concurrency (606, 615) are not
 * among them, a caller who is not known (601, 602) is. So here a call that rate or concurrency refuses uses up a part of
 * the day. For the 20 seconds and for the calls at once it does not count, so that whoever waits as told gets through.
 */
import type { LimitsView } from './view.ts'

export interface LimitSettings {
  ratePer20s: number
  concurrency: number
  daily: number
}

export interface LimitsMemory {
  settings: LimitSettings
  /** US Central. */
  day: string
  /** How many calls that day has had, those that rate or concurrency refused among them. */
  today: number
}

/** What Marketo gives an account that has bought nothing more. */
const MARKETO_LIMITS: LimitSettings = { ratePer20s: 100, concurrency: 10, daily: 10_000 }

export type LimitFault = '20015' | '20023' | '20024'

const WINDOW = 20_000

export class Limits {
  #settings = MARKETO_LIMITS
  /** When the calls of the last 20 seconds came, from `#first` on. */
  #calls: number[] = []
  #first = 0
  #underWay = 0
  #day = ''
  #today = 0
  readonly #now: () => number

  /** `now` gives epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Lets a call in, which must be followed by `leave`; or says which limit it would break. */
  enter(): LimitFault | undefined {
    const now = this.#now()
    this.#advance(now)
    if (this.#today >= this.#settings.daily) return '20015'
    this.#today += 1
    if (this.#calls.length - this.#first >= this.#settings.ratePer20s) return '20023'
    if (this.#underWay >= this.#settings.concurrency) return '20024'
    this.#calls.push(now)
    this.#underWay += 1
    return undefined
  }

  leave(): void {
    this.#underWay -= 1
  }

  /** What is left out stays as it is. */
  set(settings: Partial<LimitSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
  }

  /** What is worth keeping for longer than 20 seconds. */
  memory(): LimitsMemory {
    this.#advance(this.#now())
    return { settings: this.#settings, day: this.#day, today: this.#today }
  }

  restore({ settings, day, today }: LimitsMemory): void {
    this.#settings = settings
    this.#day = day
    this.#today = today
  }

  view(): LimitsView {
    this.#advance(this.#now())
    const used = { last20s: this.#calls.length - this.#first, now: this.#underWay, today: this.#today }
    return { ...this.#settings, used }
  }

  /** As on the first day. Calls under way stay under way. */
  clear(): void {
    this.#settings = MARKETO_LIMITS
    this.#calls = []
    this.#first = 0
    this.#today = 0
  }

  #advance(now: number): void {
    while (this.#first < this.#calls.length && (this.#calls[this.#first] ?? 0) <= now - WINDOW) this.#first += 1
    // Now and then, so that the list stays short and no single call pays for it.
    if (this.#first > 1_000 && this.#first * 2 > this.#calls.length) {
      this.#calls = this.#calls.slice(this.#first)
      this.#first = 0
    }
    const day = centralDay.format(now)
    if (day === this.#day) return
    this.#day = day
    this.#today = 0
  }
}

/** The quota begins anew at 00:00 US Central, summer time or not. */
const centralDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Chicago', dateStyle: 'short' })
