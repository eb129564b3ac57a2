/**
 * Trouble that was asked for at `/sim/faults`, and which call it meets. It knows what each is called, not what it does.
 */

export const NAMED_FAULTS = [
  'timeout', // no answer at all
  'reset', // the connection breaks before anything was done
  'accepted-then-reset', // the work is done, then the connection breaks
  'html502', // a proxy's page
  'garbage', // half an answer
  'empty', // 200 and nothing
  'slow', // the answer comes late
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
  /** How likely it meets a call, above 0 and at most 1. */
  rate?: number
  /** Milliseconds: how late `slow` is, how long `timeout` holds the line. */
  ms?: number
}

export class Faults {
  readonly #asked: AskedFault[] = []
  readonly #random: () => number

  /** `random` gives numbers from 0 to below 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** Without `times` and `rate` it meets one call; with `rate` alone it stays until it is cleared. */
  ask(fault: AskedFault): void {
    const once = fault.times === undefined && fault.rate === undefined
    this.#asked.push(once ? { ...fault, times: 1 } : { ...fault })
  }

  /** What this call meets, if anything: the first that was asked for and fits. */
  take(operation: string): AskedFault | undefined {
    for (const [index, asked] of this.#asked.entries()) {
      if (asked.operation !== undefined && asked.operation !== operation) continue
      if (asked.rate !== undefined && this.#random() >= asked.rate) continue
      if (asked.times !== undefined) {
        asked.times -= 1
        if (asked.times === 0) this.#asked.splice(index, 1)
      }
      return asked
    }
    return undefined
  }

  /** What still waits for its call, in the order it was asked for. */
  list(): AskedFault[] {
    return this.#asked.map((asked) => ({ ...asked }))
  }

  clear(): void {
    this.#asked.length = 0
  }
}
