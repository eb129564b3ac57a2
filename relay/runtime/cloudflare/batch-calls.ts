/**
 * Leads that are at a Worker together → one call of their object.
 *
 * Group commit once more, one room further out: what arrives while a call is under way shares the next one, which
 * begins when that one ends or has lasted for a moment. It decides who calls and for whom, and knows nothing of what an
 * object does.
 *
 * Each request to a Worker lives in a context of its own. One that finds no call under way makes it, and then the next
 * one for those that wait, also when it has been answered itself. The others wait for a promise that is theirs: the
 * runtime goes on with it in the context that made it, whoever resolves it (`handle_cross_request_promise_resolution`).
 *
 * Nobody is lost with another: who is on the way with others for too long calls alone. A lead that comes twice is kept
 * once.
 */
import { addTogether, type PendingAdd } from '../../outbox/group-commit.ts'
import type { Outbox } from '../../outbox/outbox.ts'

/** What is needed of the request that calls. */
export interface RequestContext {
  /** Epoch milliseconds. */
  now: () => number
  /** The request lives until the promise has settled, even if its visitor goes away. */
  outlive: (work: Promise<void>) => void
  /** Calls back after milliseconds, unless the request has ended by then. A request that waits for nothing is ended. */
  after: (ms: number, call: () => void) => void
}

/** A lead waits at most so many milliseconds for a call that another is under way with: then it is called for, too. */
const MAX_WAIT_MS = 10

/** Who has been on the way with others for this many milliseconds more calls alone: they may never come back. */
const CONFIRM_TIMEOUT_MS = 10_000

/** Leads to a call. Where it fails each goes alone, and a request may make 50 calls on Cloudflare's smallest plan. */
const MAX_BATCH = 40

/** An `add` whose callers share calls of `add`. */
export function batchCalls(add: Outbox['add'], { now, outlive, after }: RequestContext): Outbox['add'] {
  const waiting: PendingAdd[] = []
  let caller: { until: number } | undefined

  async function callForAll(): Promise<void> {
    const self = { until: now() + MAX_WAIT_MS }
    caller = self
    while (waiting.length > 0 && caller === self) await addTogether(add, waiting.splice(0, MAX_BATCH))
    if (caller === self) caller = undefined
  }

  return (leads, dueAt) => {
    // A mere question is for the object alone.
    if (leads.length === 0) return add(leads, dueAt)
    // Not `new Promise`: once that is compiled to machine code the runtime no longer knows whose promise it is.
    const { promise, resolve: kept, reject: failed } = Promise.withResolvers<void>()
    const own = { leads, dueAt, kept, failed }
    waiting.push(own)
    const ms = caller ? caller.until - now() : 0
    if (ms <= 0) outlive(callForAll())
    else {
      after(ms, () => {
        if (waiting.includes(own)) outlive(callForAll())
        else after(CONFIRM_TIMEOUT_MS, () => void add(leads, dueAt).then(kept, failed))
      })
    }
    return promise
  }
}
