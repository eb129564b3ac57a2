/** Stores the faults that were requested at `/sim/faults` and chooses the one for each call. Does not apply them. */
import { seeded } from './random.ts'

export const NAMED_FAULTS = [
  'timeout', // nothing is done, no answer
  'accepted-then-timeout', // the work is done, no answer
  'reset', // nothing is done, the connection breaks
  'accepted-then-reset', // the work is done, the connection breaks
  'html502', // a proxy's error page
  'html401', // a gateway's page that refuses the request: nothing is done
  'html403',
  'html404',
  'html503',
  'redirect', // a gateway's redirect to another host: nothing is done
  'garbage', // a truncated answer
  'empty', // HTTP 200 with an empty body
  'slow', // the work takes a while and is done at its end
  'failed', // HTTP 200 with the status FAILED
  'skipped', // HTTP 200 with a status that SOAP clients do not know
] as const

type NamedFault = (typeof NAMED_FAULTS)[number]

/** A fault as requested at `/sim/faults`. */
export interface AskedFault {
  /** A name from `NAMED_FAULTS`, or the five digits of a SOAP fault. */
  fault: NamedFault | `${number}`
  /** Restricts the fault to calls of this operation; `unknown` stands for messages that cannot be read. */
  operation?: string
  /** Restricts the fault to calls whose message contains this text, as a gateway's rule does. Case matters. */
  text?: string
  /** Number of calls that get the fault. */
  times?: number
  /** Probability that a call gets the fault, above 0 and at most 1. */
  rate?: number
  /** Duration of `slow`, or of the open connection of a timeout, in ms. */
  ms?: number
}

export class Faults {
  readonly #pending: AskedFault[] = []
  readonly #unseeded: () => number
  #random: () => number

  /** @param random returns numbers from 0 to below 1 */
  constructor(random: () => number) {
    this.#unseeded = random
    this.#random = random
  }

  /** Adds a fault: for one call if neither `times` nor `rate` is given, until `clear` if only `rate` is given. */
  add(fault: AskedFault): void {
    const once = fault.times === undefined && fault.rate === undefined
    this.#pending.push(once ? { ...fault, times: 1 } : { ...fault })
  }

  /** Replaces the random numbers of the following calls by the sequence of this seed. */
  seed(seed: number): void {
    this.#random = seeded(seed)
  }

  /**
   * Returns the fault for this call, if any, and counts it.
   *
   * One random number decides among all faults that have a rate, so that each occurs at its own rate regardless of the
   * order. If the rates add up to more than 1, earlier faults take precedence.
   *
   * @param message text of the request; undefined if it could not be read
   */
  take(operation: string, message = ''): AskedFault | undefined {
    const candidates = this.#pending.filter(
      (fault) =>
        (fault.operation === undefined || fault.operation === operation) &&
        (fault.text === undefined || message.includes(fault.text)),
    )
    const drawn = candidates.some(({ rate }) => rate !== undefined) ? this.#random() : 0
    let threshold = 0
    const chosen = candidates.find(({ rate = 1 }) => drawn < (threshold += rate))
    if (chosen?.times === undefined) return chosen
    chosen.times -= 1
    if (chosen.times === 0) this.#pending.splice(this.#pending.indexOf(chosen), 1)
    return chosen
  }

  /** Returns the pending faults in the order in which they were added. */
  list(): AskedFault[] {
    return this.#pending.map((fault) => ({ ...fault }))
  }

  /** Removes all faults and the seed. */
  clear(): void {
    this.#pending.length = 0
    this.#random = this.#unseeded
  }
}
