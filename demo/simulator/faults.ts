/**
 * Trouble that was asked for at `/sim/faults`, and which call it meets. It knows what each is called, not what it does.
 */
import { seeded } from './random.ts'

export const NAMED_FAULTS = [
  'timeout', // no answer at all
  'accepted-then-timeout', // the work is done, then no answer at all
  'reset', // the connection breaks before anything was done
  'accepted-then-reset', // the work is done, then the connection breaks
  'html502', // a proxy's page
  'garbage', // half an answer
  'empty', // 200 and nothing
  'slow', // the work takes long, and is done when that time has passed
  'failed', // HTTP 200 that says FAILED
  'skipped', // HTTP 200 with a status that SOAP clients do not know
] as const

type NamedFault = (typeof NAMED_FAULTS)[number]

export interface AskedFault {
  /** One of the above, or the five digits of a SOAP fault. */
  fault: NamedFault | `${number}`
  /** Only for calls of this operation; `unknown` is a message of which nothing could be read. */
  operation?: string
  /** How many calls it meets. */
  times?: number
  /** The share of the calls that it meets, above 0 and at most 1. */
  rate?: number
  /** Milliseconds: how long the work of `slow` takes, how long a timeout holds the line. */
  ms?: number
}

export class Faults {
  readonly #asked: AskedFault[] = []
  readonly #first: () => number
  #random: () => number

  /** `random` gives numbers from 0 to below 1. */
  constructor(random: () => number) {
    this.#first = random
    this.#random = random
  }

  /** Without `times` and `rate` it meets one call; with `rate` alone it stays until it is cleared. */
  ask(fault: AskedFault): void {
    const once = fault.times === undefined && fault.rate === undefined
    this.#asked.push(once ? { ...fault, times: 1 } : { ...fault })
  }

  /** From the next call on, chance begins as it begins after every such seed. */
  seed(seed: number): void {
    this.#random = seeded(seed)
  }

  /**
   * What this call meets, if anything: the first that was asked for and fits. One throw of the dice decides among all
   * that have a rate, so that each comes as often as it says, whichever stand before it; where the rates add up to more
   * than 1, what stands first has the right of way.
   */
  take(operation: string): AskedFault | undefined {
    const fitting = this.#asked.filter((asked) => asked.operation === undefined || asked.operation === operation)
    const thrown = fitting.some(({ rate }) => rate !== undefined) ? this.#random() : 0
    let reached = 0
    const met = fitting.find(({ rate = 1 }) => thrown < (reached += rate))
    if (met?.times === undefined) return met
    met.times -= 1
    if (met.times === 0) this.#asked.splice(this.#asked.indexOf(met), 1)
    return met
  }

  /** What still waits for its call, in the order it was asked for. */
  list(): AskedFault[] {
    return this.#asked.map((asked) => ({ ...asked }))
  }

  /** Chance is left to itself again. */
  clear(): void {
    this.#asked.length = 0
    this.#random = this.#first
  }
}
