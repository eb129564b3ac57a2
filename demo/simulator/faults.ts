/** Stores the faults that were requested at `/sim/faults` and chooses the one for each call. Does not apply them. */
import { seeded } from './random.ts'
import type { CallView } from './view.ts'

type Api = CallView['api']

/** The named faults, with the APIs that have them. */
const APIS = {
  timeout: ['soap', 'rest'], // nothing is done, no answer
  'accepted-then-timeout': ['soap', 'rest'], // the work is done, no answer
  reset: ['soap', 'rest'], // nothing is done, the connection breaks
  'accepted-then-reset': ['soap', 'rest'], // the work is done, the connection breaks
  // A page of a proxy or a gateway with this HTTP status. Nothing is done.
  html200: ['soap', 'rest'],
  html401: ['soap', 'rest'],
  html403: ['soap', 'rest'],
  html404: ['soap', 'rest'],
  html413: ['soap', 'rest'],
  html414: ['soap', 'rest'],
  html429: ['soap', 'rest'], // with a Retry-After
  html500: ['soap', 'rest'],
  html502: ['soap', 'rest'],
  html503: ['soap', 'rest'],
  redirect: ['soap', 'rest'], // a gateway's redirect to another host, nothing is done
  garbage: ['soap', 'rest'], // a truncated answer, nothing is done
  empty: ['soap', 'rest'], // HTTP 200 with an empty body
  slow: ['soap', 'rest'], // the work takes a while and is done at its end
  failed: ['soap'], // HTTP 200 with the status FAILED
  skipped: ['soap', 'rest'], // HTTP 200 with the status "skipped" and no reason
  'accepted-then-garbage': ['rest'], // the work is done, half of its answer arrives
  null: ['rest'], // HTTP 200 with the JSON value null
  'expired-token': ['rest'], // the caller's token ends: 602 now, 601 afterwards
  // In the following the work is done, and its answer is changed.
  bom: ['rest'], // the answer begins with a byte order mark
  'text-html': ['rest'], // JSON that is declared as text/html
  gzip: ['rest'], // compressed, whatever its length and whether it was asked for
  'numeric-codes': ['rest'], // codes of errors and reasons are numbers
  'text-ids': ['rest'], // ids of leads are texts
  'no-result': ['rest'], // success without a result
  'short-result': ['rest'], // the last entry of the result is missing
  'long-result': ['rest'], // the last entry of the result comes twice
} as const satisfies Record<string, readonly Api[]>

export type NamedFault = keyof typeof APIS

export const NAMED_FAULTS = Object.keys(APIS) as NamedFault[]

/** A fault as requested at `/sim/faults`. */
export interface AskedFault {
  /** A name from `NAMED_FAULTS`, the five digits of a SOAP fault, or a code of the REST API. */
  fault: NamedFault | `${number}`
  /** Restricts the fault to calls of this operation; `unknown` stands for messages that cannot be read. */
  operation?: string
  /** Restricts the fault to calls with a lead of this address. A record-level code then meets that record alone. */
  email?: string
  /** Restricts the fault to calls whose message contains this text, as a gateway's rule does. Case matters. */
  text?: string
  /** Number of calls that get the fault. */
  times?: number
  /** Probability that a call gets the fault, above 0 and at most 1. */
  rate?: number
  /** Duration of `slow`, or of the open connection of a timeout, or of the pause that `html429` asks for, in ms. */
  ms?: number
  /** Field that the message of a REST code names. */
  field?: string
  /** `response`: a record-level code stands for the whole answer, as an error of the response. */
  level?: 'response'
}

/** The parts of a call that decide which fault it gets. */
export interface FaultTarget {
  api: Api
  operation: string
  /** Returns the addresses of the call's leads, in lower case. */
  emails?: () => readonly (string | null)[]
  /** Text of the request. Undefined if it could not be read. */
  message?: string | undefined
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
   */
  take(target: FaultTarget): AskedFault | undefined {
    const candidates = this.#pending.filter((fault) => meets(fault, target))
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

/**
 * Checks whether a fault may meet a call. A code meets calls of its own API. A call for a token is met only by a fault
 * that names the operation `identity`, so that a fault for the next call meets a call for leads.
 */
export function meets(
  { fault, operation, email, text }: Pick<AskedFault, 'fault' | 'operation' | 'email' | 'text'>,
  target: FaultTarget,
): boolean {
  if (operation === undefined ? target.operation === 'identity' : operation !== target.operation) return false
  if (!apisOf(fault).includes(target.api)) return false
  if (text !== undefined && target.message?.includes(text) !== true) return false
  return email === undefined || (target.emails?.() ?? []).includes(email.toLowerCase())
}

function apisOf(fault: AskedFault['fault']): readonly Api[] {
  if (/^\d{5}$/.test(fault)) return ['soap']
  return /^\d+$/.test(fault) ? ['rest'] : APIS[fault as NamedFault]
}
