/**
 * Group calls: leads that arrive at a Worker while it calls an object share the next call, and so one transaction.
 *
 * Nobody waits longer for it: a lonely lead is sent at once. And nobody hears "kept" before the object has answered a
 * call with their lead in it; the object's answers wait until what it wrote is durable.
 *
 * In Workers what a request has begun ends with it, so requests that wait for one another need some care:
 * - A call is made by the request that opened its group, and goes on when that one's visitor goes away (`waitUntil`).
 * - Each request that waits has a timer of its own. The runtime ends one that waits for nothing of its own: it would
 *   take it for hung.
 * - Whoever's group fails, or does not answer in time, calls alone. So one lead that cannot be written costs nobody
 *   else, and one request that dies takes no other with it. A lead that was kept after all is not kept twice: the
 *   object knows its id.
 *
 * A promise that one request settles and another awaits needs a compatibility date of 2024-10-14 or later.
 */
import type { Lead } from '../lead.ts'
import type { Outbox } from '../outbox/outbox.ts'

/**
 * A call takes some milliseconds. After this many, whoever waits for another's calls alone: the visitor waits for ten
 * seconds, and an object that is only slow needs its time too.
 */
const PATIENCE = 3_000

interface Group {
  leads: Lead[]
  dueAt: number
  /** Settles with the call. */
  called: Promise<void>
}

/**
 * An `add` that groups, for one object.
 *
 * @param call adds leads to the object. Several requests call, and a stub is of the one that took it: a new one each
 * @param waitUntil keeps the present request going until the promise settles
 */
export function groupCalls(
  call: Outbox['add'],
  waitUntil: (promise: Promise<unknown>) => void,
  patience = PATIENCE,
): Outbox['add'] {
  /** Who arrives now joins in. */
  let waiting: Group | undefined
  /** The one that was opened last, while its call has not ended. */
  let last: Group | undefined

  function open(): Group {
    const group: Group = { leads: [], dueAt: 0, called: Promise.resolve() }
    group.called = callAfter(last, group)
    waiting = group
    last = group
    waitUntil(group.called.catch(() => {}))
    return group
  }

  async function callAfter(earlier: Group | undefined, group: Group): Promise<void> {
    // Where the request that makes the earlier call is gone, it never ends: then this one goes first.
    await (earlier && within(patience, earlier.called).catch(() => {}))
    if (waiting === group) waiting = undefined
    try {
      await call(group.leads, group.dueAt)
    } finally {
      if (last === group) last = undefined
    }
  }

  return async (leads, dueAt) => {
    const group = waiting ?? open()
    group.leads.push(...leads)
    group.dueAt = Math.max(group.dueAt, dueAt)
    try {
      await within(2 * patience, group.called)
    } catch {
      // Nobody joins a group whose request is gone.
      if (waiting === group) waiting = undefined
      // If it was this lead that could not be written, the object says so now.
      await call(leads, dueAt)
    }
  }
}

/**
 * Rejects where the promise, which may be another request's, has not settled after so many milliseconds. What is awaited
 * is a promise of the present request's own: only so does it go on in its own context and end its own timer.
 */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  const own = Promise.withResolvers<void>()
  const timer = setTimeout(() => own.reject(new Error(`no answer after ${ms} ms`)), ms)
  promise.then(own.resolve, own.reject)
  try {
    await own.promise
  } finally {
    clearTimeout(timer)
  }
}
