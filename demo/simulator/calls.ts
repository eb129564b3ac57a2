/**
 * Records every API call, numbered by arrival: its times, its outcome, its lead records and its HTTP exchange.
 *
 * Request and response texts are stored for the newest calls only. Signatures, client
 * secrets and access tokens are masked before anything is stored.
 */
import { BoundedLog } from './bounded-log.ts'
import { maskTokens } from './mask-tokens.ts'
import type { CallDetail, CallLine, CallView, RecordView } from './view.ts'

export interface OpenCall {
  readonly number: number
  readonly api: CallView['api']
  /** Epoch milliseconds. */
  readonly arrivedAt: number
  /** `unknown` until the message has been read. */
  operation: string
  /** Time at which the caller closed the connection, in epoch milliseconds. */
  disconnectedAt?: number
}

/** Outcome of a call. */
export interface CallEnd extends Pick<CallDetail, 'ok' | 'code' | 'leadId' | 'status' | 'request' | 'response'> {
  /** Time of the write, as returned by `timestamp`; null if the call was not applied. */
  appliedAt: number | null
  records: readonly RecordView[]
  /** True: no answer is sent and the connection stays open until `close`. */
  keptOpen?: boolean
}

type Exchange = Pick<CallDetail, 'status' | 'request' | 'response'>

/** Everything that is stored of a call, in the form that the journal writes. */
export type StoredCall = CallLine & Partial<Exchange>

/** Number of calls that are stored: more than any test sends, and about 20 MB of memory. */
const MAX_CALLS = 100_000
/** Number of calls whose request and response are stored. */
const MAX_EXCHANGES = 1_000
/** Total length of the stored requests and responses. 1,000 calls with many leads each would fill the memory. */
const MAX_EXCHANGE_CHARS = 16 * 1024 * 1024
/** Total length of the stored records as JSON. A lead takes a few hundred characters. */
const MAX_RECORD_CHARS = 128 * 1024 * 1024
/** Maximum length of the records on one page of calls. */
const MAX_PAGE_RECORD_CHARS = 8 * 1024 * 1024

/** Difference of two timestamps within the same millisecond. A power of two, so that adding it is exact. */
const TICK_MS = 1 / 1024
/** Smallest step back of the clock that counts as a change of the clock. */
const CLOCK_CHANGE_MS = 1_000

export class Calls {
  /** Number of the next call. */
  nextNumber = 1
  readonly #lines = new BoundedLog<CallLine | OpenCall>({ maxValues: MAX_CALLS })
  readonly #exchanges = new BoundedLog<Exchange>({
    maxValues: MAX_EXCHANGES,
    text: { maxChars: MAX_EXCHANGE_CHARS, charsOf: ({ request, response }) => request.length + response.length },
  })
  /** Stored as JSON, which takes far less memory than the objects. */
  readonly #records = new BoundedLog<string>({
    maxValues: MAX_CALLS,
    text: { maxChars: MAX_RECORD_CHARS, charsOf: ({ length }) => length },
  })
  #lastTimestamp = 0
  readonly #now: () => number

  /** @param now returns epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Returns the time in epoch milliseconds, always later than the previous timestamp unless the clock was set back. */
  timestamp(): number {
    const now = this.#now()
    const usable = now > this.#lastTimestamp || now < this.#lastTimestamp - CLOCK_CHANGE_MS
    this.#lastTimestamp = usable ? now : this.#lastTimestamp + TICK_MS
    return this.#lastTimestamp
  }

  begin(api: CallView['api']): OpenCall {
    const open = { number: this.nextNumber++, api, arrivedAt: this.timestamp(), operation: 'unknown' }
    this.#lines.set(open.number, open)
    return open
  }

  /** Removes a call whose message was incomplete or too long. Its number is not reused. */
  discard(open: OpenCall): void {
    if (this.#lines.get(open.number) === open) this.#lines.delete(open.number)
  }

  /** Records that the caller closed the connection. The work continues. */
  disconnect(open: OpenCall): void {
    open.disconnectedAt ??= this.timestamp()
  }

  /** Records the outcome. Returns undefined if everything was cleared while the call was in progress. */
  end(open: OpenCall, { keptOpen = false, ...end }: CallEnd): CallLine | undefined {
    if (this.#lines.get(open.number) !== open) return undefined
    const { number, api, arrivedAt, operation, disconnectedAt } = open
    const { ok, code, leadId, appliedAt, status, request, response } = end
    const endedAt = disconnectedAt ?? (keptOpen ? null : this.timestamp())
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
      answered: !keptOpen && disconnectedAt === undefined && status !== null,
      applied: appliedAt !== null,
      appliedAt,
    }
    this.#lines.set(number, line)
    this.#exchanges.set(number, { status, request: maskTokens(maskSignature(request)), response: maskTokens(response) })
    this.#records.set(number, JSON.stringify(end.records))
    return line
  }

  /**
   * Records the end of a connection that was kept open.
   *
   * @returns the changed line, or undefined if everything was cleared in the meantime
   */
  close({ disconnectedAt }: OpenCall, line: CallLine): CallLine | undefined {
    if (this.#lines.get(line.number) !== line) return undefined
    const endedAt = disconnectedAt ?? this.timestamp()
    const closed = { ...line, endedAt, ms: Math.round(endedAt - line.arrivedAt) }
    this.#lines.set(line.number, closed)
    return closed
  }

  /** Returns all calls whose outcome is known. */
  list(): CallLine[] {
    return this.#lines.all().filter((call) => 'ok' in call)
  }

  /**
   * Returns the calls after the number `after`, calls in progress included: at most `limit`, or fewer if their records
   * are very long. An empty page is the last.
   */
  page(after: number, limit: number, withRecords: boolean): CallLine[] {
    const page: CallLine[] = []
    let length = 0
    for (let number = Math.max(after + 1, this.#lines.first); number < this.nextNumber; number += 1) {
      const call = this.#lines.get(number)
      if (!call) continue
      length += withRecords ? (this.#records.get(number)?.length ?? 0) : 0
      if (page.length === limit || (page.length > 0 && length > MAX_PAGE_RECORD_CHARS)) break
      const line = 'ok' in call ? call : pendingLine(call)
      page.push(withRecords ? this.withRecords(line) : line)
    }
    return page
  }

  withRecords(line: CallLine): CallLine {
    const records = this.#records.get(line.number)
    return { ...line, records: records === undefined ? null : (JSON.parse(records) as RecordView[]) }
  }

  /** Returns a call with its exchange; undefined if it is unknown, in progress or no longer stored. */
  find(number: number): (CallLine & CallDetail) | undefined {
    const line = this.#lines.get(number)
    const exchange = this.#exchanges.get(number)
    return line && 'ok' in line && exchange ? { ...line, ...exchange } : undefined
  }

  /** Returns everything that is stored of a call. */
  stored(line: CallLine): StoredCall {
    return { ...this.withRecords(line), ...this.#exchanges.get(line.number) }
  }

  /** Adds a call that `stored` returned in an earlier process. Call `sort` after the last one. */
  restore({ records, status, request, response, ...line }: StoredCall): void {
    // A connection that was open ended with that process.
    this.#lines.set(line.number, { ...line, endedAt: line.endedAt ?? line.arrivedAt + line.ms })
    this.nextNumber = Math.max(this.nextNumber, line.number + 1)
    if (records) this.#records.set(line.number, JSON.stringify(records))
    if (status !== undefined && request !== undefined && response !== undefined)
      this.#exchanges.set(line.number, { status, request, response })
  }

  /** Sorts restored calls by number, because they are stored in the order in which they ended. */
  sort(): void {
    this.#lines.sort()
  }

  clear(): void {
    this.nextNumber = 1
    this.#lastTimestamp = 0
    for (const log of [this.#lines, this.#exchanges, this.#records]) log.clear()
  }
}

/**
 * Masks the signature of a request, because a signature is valid for any lead until its time stamp expires.
 *
 * Masks every other run of forty hex digits too, in case the message is too broken to find the element.
 */
export function maskSignature(request: string): string {
  return request
    .replace(/(<(?:[\w.-]+:)?requestSignature\b[^<>]*>)[^]*?(?=<\/|$)/g, '$1********')
    .replace(/[0-9a-f]{40,}/gi, '********')
}

/** Returns the line of a call in progress. */
function pendingLine({ number, api, operation, arrivedAt }: OpenCall): CallLine {
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
