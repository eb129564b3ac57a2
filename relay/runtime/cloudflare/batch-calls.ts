/**
 * Batches concurrent requests of one isolate into a single RPC to the Durable Object.
 *
 * Leads that arrive during a call share the next one. It starts when the current call ends, or after 10 ms if that is
 * earlier.
 *
 * Each request to a Worker has a context of its own. A request that finds no call under way makes one; it then also calls
 * for the requests that wait, even after its own response was sent. Those requests wait for a promise that they have
 * created themselves: the runtime resumes it in the context that created it, whichever request resolves it
 * (`handle_cross_request_promise_resolution`).
 *
 * A request whose batch is not confirmed within 10 s retries alone. A lead that arrives twice is stored once, by its id.
 */
import { addTogether, type PendingAdd } from '../../outbox/group-commit.ts'
import type { Outbox } from '../../outbox/outbox.ts'

/** The functions of the runtime that a calling request uses. */
export interface RequestContext {
  /** Returns epoch milliseconds. */
  now: () => number
  /** Keeps the request alive until the promise has settled, even if the visitor disconnects. */
  outlive: (work: Promise<void>) => void
  /** Calls back after some milliseconds, unless the request has ended. The runtime ends a request that awaits nothing. */
  after: (ms: number, call: () => void) => void
}

/** Maximum time that a lead waits for another request's call, in ms. Then its own request starts a call. */
const MAX_WAIT_MS = 10

/** Maximum time for a batch to be confirmed, in ms. Then each request retries alone: the calling request may be dead. */
const CONFIRM_TIMEOUT_MS = 10_000

/**
 * Maximum number of leads per call. If the call fails, each lead is retried alone, and on Cloudflare's smallest plan a
 * request may make 50 calls.
 */
const MAX_BATCH = 40

/** Returns an `add` that batches concurrent calls of `add`. */
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
    // Without leads it is a readiness check, which has nothing to batch.
    if (leads.length === 0) return add(leads, dueAt)
    // Not `new Promise`: after it is compiled to machine code, the runtime loses track of the context that created it.
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
