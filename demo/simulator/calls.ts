/**
 * Every API call, numbered in the order they came, with what a judge of the caller needs: when each began and ended and
 * whom it wrote. What went over the wire is kept for the last ones only, and never a signature.
 */
import { Newest } from './bounded-log.ts'
import type { CallDetail, CallLine, CallView, RecordView } from './view.ts'

export interface OpenCall {
  readonly number: number
  readonly api: CallView['api']
  /** Epoch milliseconds. */
  readonly arrivedAt: number
  /** `unknown` until the message was read. */
  operation: string
  /** When the caller hung up. */
  leftAt?: number
}

/** What became of a call. */
export interface CallEnd extends Pick<CallDetail, 'ok' | 'code' | 'leadId' | 'status' | 'request' | 'response'> {
  /** When the work was done, by `moment`; null where it was not. */
  appliedAt: number | null
  records: readonly RecordView[]
  /** True: no answer comes, and the connection is held until `close`. */
  held?: boolean
}

type Wire = Pick<CallDetail, 'status' | 'request' | 'response'>

/** A call as the journal keeps it: with its wire and its records, as far as they are kept here. */
export type WholeCall = CallLine & Partial<Wire>

/** More than any test sends; about 20 MB. */
const KEPT = 100_000
/** As many as a person may want to look at. */
const KEPT_WHOLE = 1_000
/** Of requests and answers together, in characters: a thousand calls of many leads each would fill the memory. */
const KEPT_TEXT = 16 * 1024 * 1024
/** Of records as JSON, in characters: a lead has some hundreds, so that this is enough for every call that is kept. */
const KEPT_RECORDS = 128 * 1024 * 1024
/** Of one page, in characters of records. */
const PAGE_RECORDS = 8 * 1024 * 1024

/** Milliseconds between two moments of one millisecond. A power of two, which is added without a rounding error. */
const TICK = 1 / 1024
/** A clock that is so far behind was set back. */
const SET_BACK = 1_000

export class Calls {
  /** The number of the next call. */
  nextNumber = 1
  /** A call that is still under way has its place and no line. */
  readonly #lines = new Newest<CallLine | OpenCall>({ most: KEPT })
  readonly #wire = new Newest<Wire>({ most: KEPT_WHOLE, text: { most: KEPT_TEXT, of: lengthOfWire } })
  /** As JSON: one text is far smaller than what it says. */
  readonly #records = new Newest<string>({ most: KEPT, text: { most: KEPT_RECORDS, of: ({ length }) => length } })
  #lastMoment = 0
  readonly #now: () => number

  /** `now` gives epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Now, in epoch milliseconds, and later than every moment before, unless the clock was set back. */
  moment(): number {
    const now = this.#now()
    const follows = now > this.#lastMoment || now < this.#lastMoment - SET_BACK
    this.#lastMoment = follows ? now : this.#lastMoment + TICK
    return this.#lastMoment
  }

  begin(api: CallView['api']): OpenCall {
    const open = { number: this.nextNumber++, api, arrivedAt: this.moment(), operation: 'unknown' }
    this.#lines.set(open.number, open)
    return open
  }

  /** It was no call: its message never came whole. Its number is not given again. */
  forget(open: OpenCall): void {
    if (this.#lines.get(open.number) === open) this.#lines.delete(open.number)
  }

  /** The caller hung up. The work goes on. */
  leave(open: OpenCall): void {
    open.leftAt ??= this.moment()
  }

  /** The call as far as it got; undefined when everything was cleared while it was under way. */
  end(open: OpenCall, { held = false, ...end }: CallEnd): CallLine | undefined {
    if (this.#lines.get(open.number) !== open) return undefined
    const { number, api, arrivedAt, operation, leftAt } = open
    const { ok, code, leadId, appliedAt, status, request, response } = end
    const endedAt = leftAt ?? (held ? null : this.moment())
    const line: CallLine = {
      number,
      at: new Date(arrivedAt).toISOString(),
      api,
      operation,
      ok,
      code,
      leadId,
      ms: Math.round((endedAt ?? this.#now()) - arrivedAt),
      arrivedAt,
      endedAt,
      answered: !held && leftAt === undefined && status !== null,
      applied: appliedAt !== null,
      appliedAt,
    }
    this.#lines.set(number, line)
    this.#wire.set(number, { status, request: maskSignature(request), response })
    this.#records.set(number, JSON.stringify(end.records))
    return line
  }

  /** A call that was held, now that its connection is broken; undefined when everything was cleared meanwhile. */
  close({ leftAt }: OpenCall, held: CallLine): CallLine | undefined {
    if (this.#lines.get(held.number) !== held) return undefined
    const endedAt = leftAt ?? this.moment()
    const line = { ...held, endedAt, ms: Math.round(endedAt - held.arrivedAt) }
    this.#lines.set(held.number, line)
    return line
  }

  /** Those that have ended, and those of which nothing but the end is missing. */
  list(): CallLine[] {
    return this.#lines.all().filter((call) => 'ok' in call)
  }

  /**
   * The calls after that number, `most` of them, or fewer where their records are very long; those that are still under
   * way among them. Empty when there are no more.
   */
  page(after: number, most: number, withRecords: boolean): CallLine[] {
    const page: CallLine[] = []
    let length = 0
    for (let number = Math.max(after + 1, this.#lines.first); number < this.nextNumber; number += 1) {
      const call = this.#lines.get(number)
      if (!call) continue
      length += withRecords ? (this.#records.get(number)?.length ?? 0) : 0
      if (page.length === most || (page.length > 0 && length > PAGE_RECORDS)) break
      const line = 'ok' in call ? call : underWay(call)
      page.push(withRecords ? this.withRecords(line) : line)
    }
    return page
  }

  withRecords(line: CallLine): CallLine {
    const records = this.#records.get(line.number)
    return { ...line, records: records === undefined ? null : (JSON.parse(records) as RecordView[]) }
  }

  /** One call with its wire; undefined when it has not come, has not ended or is too long ago. */
  find(number: number): (CallLine & CallDetail) | undefined {
    const line = this.#lines.get(number)
    const wire = this.#wire.get(number)
    return line && 'ok' in line && wire ? { ...line, ...wire } : undefined
  }

  /** All that is kept of a call. */
  whole(line: CallLine): WholeCall {
    return { ...this.withRecords(line), ...this.#wire.get(line.number) }
  }

  /** A call that was once whole. `sort` follows the last one. */
  restore({ records, status, request, response, ...line }: WholeCall): void {
    // Whoever held the connection is gone, and so is the connection.
    this.#lines.set(line.number, { ...line, endedAt: line.endedAt ?? line.arrivedAt + line.ms })
    this.nextNumber = Math.max(this.nextNumber, line.number + 1)
    if (records) this.#records.set(line.number, JSON.stringify(records))
    if (status !== undefined && request !== undefined && response !== undefined)
      this.#wire.set(line.number, { status, request, response })
  }

  /** Brings calls that were restored in the order they ended into the order they came. */
  sort(): void {
    this.#lines.sort()
  }

  clear(): void {
    this.nextNumber = 1
    this.#lastMoment = 0
    for (const kept of [this.#lines, this.#wire, this.#records]) kept.clear()
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

/** What can be said of a call that has not ended. */
function underWay({ number, api, operation, arrivedAt }: OpenCall): CallLine {
  return {
    number,
    at: new Date(arrivedAt).toISOString(),
    api,
    operation,
    ok: false,
    code: null,
    leadId: null,
    ms: 0,
    arrivedAt,
    endedAt: null,
    answered: false,
    applied: false,
    appliedAt: null,
  }
}

function lengthOfWire({ request, response }: Wire): number {
  return request.length + response.length
}
