/**
 * Every API call, numbered in the order they came. What went over the wire is kept for the last ones only, and never a
 * signature.
 */
import type { CallDetail, CallView } from './view.ts'

export interface OpenCall {
  number: number
  /** Epoch milliseconds. */
  at: number
}

/** What became of a call. */
export interface CallEnd extends Pick<
  CallDetail,
  'operation' | 'ok' | 'code' | 'leadId' | 'status' | 'request' | 'response'
> {
  api: CallView['api']
}

type Wire = Pick<CallDetail, 'status' | 'request' | 'response'>

/** More than any test sends; about 20 MB. */
const KEPT = 100_000
/** As many as a person may want to look at. */
const KEPT_WHOLE = 1_000
/** Of requests and answers together, in characters: a thousand calls of many leads each would fill the memory. */
const KEPT_TEXT = 16 * 1024 * 1024

export class Calls {
  /** The number of the next call. */
  nextNumber = 1
  /** A call that is still under way has its place and no view. */
  readonly #views = new Map<number, CallView | OpenCall>()
  readonly #wire = new Map<number, Wire>()
  /** How long all of it is, in characters. */
  #text = 0
  readonly #now: () => number

  /** `now` gives epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  begin(): OpenCall {
    const open = { number: this.nextNumber++, at: this.#now() }
    this.#views.set(open.number, open)
    dropOldest(this.#views, KEPT)
    return open
  }

  /** The finished call; undefined when everything was cleared while it was under way. */
  end(open: OpenCall, { api, operation, ok, code, leadId, status, request, response }: CallEnd): CallView | undefined {
    if (this.#views.get(open.number) !== open) return undefined
    const at = new Date(open.at).toISOString()
    const view = { number: open.number, at, api, operation, ok, code, leadId, ms: this.#now() - open.at }
    this.#views.set(open.number, view)
    this.#keepWire(open.number, { status, request: maskSignature(request), response })
    return view
  }

  /** Those that have ended. */
  list(): CallView[] {
    return [...this.#views.values()].filter((call) => 'api' in call)
  }

  /** One call with its wire; undefined when it has not come, has not ended or is too long ago. */
  find(number: number): CallDetail | undefined {
    const view = this.#views.get(number)
    const wire = this.#wire.get(number)
    return view && 'api' in view && wire ? { ...view, ...wire } : undefined
  }

  /** A call of which this was once the view. `sort` follows the last one. */
  restore(call: CallView | CallDetail): void {
    const { number, at, api, operation, ok, code, leadId, ms } = call
    this.#views.set(number, { number, at, api, operation, ok, code, leadId, ms })
    this.nextNumber = Math.max(this.nextNumber, number + 1)
    if (!('request' in call)) return
    const { status, request, response } = call
    this.#keepWire(number, { status, request, response })
  }

  /** Brings calls that were restored in the order they ended into the order they came. */
  sort(): void {
    const views = [...this.#views].toSorted(([a], [b]) => a - b)
    this.#views.clear()
    for (const [number, view] of views.slice(-KEPT)) this.#views.set(number, view)
  }

  clear(): void {
    this.nextNumber = 1
    this.#views.clear()
    this.#wire.clear()
    this.#text = 0
  }

  /** The oldest go, as many as it takes; the newest stays in any case. */
  #keepWire(number: number, wire: Wire): void {
    this.#dropWire(number)
    this.#wire.set(number, wire)
    this.#text += lengthOf(wire)
    for (const oldest of this.#wire.keys()) {
      const fits = this.#wire.size <= KEPT_WHOLE && this.#text <= KEPT_TEXT
      if (fits || oldest === number) return
      this.#dropWire(oldest)
    }
  }

  #dropWire(number: number): void {
    const wire = this.#wire.get(number)
    if (!wire) return
    this.#wire.delete(number)
    this.#text -= lengthOf(wire)
  }
}

/**
 * The request with its signature masked: whoever holds one may send other leads under it until its stamp ages out. Any
 * other run of forty hex digits goes too, for a message so broken that no element can be found in it.
 */
export function maskSignature(request: string): string {
  return request
    .replace(/(<(?:[\w.-]+:)?requestSignature\b[^<>]*>)[^]*?(?=<\/|$)/g, '$1********')
    .replace(/[0-9a-f]{40,}/gi, '********')
}

function lengthOf({ request, response }: Wire): number {
  return request.length + response.length
}

function dropOldest(kept: Map<number, unknown>, most: number): void {
  if (kept.size <= most) return
  for (const oldest of kept.keys()) {
    kept.delete(oldest)
    return
  }
}
