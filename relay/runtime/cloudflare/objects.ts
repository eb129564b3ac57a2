/**
 * The Durable Objects as the Worker calls them: one object, or several that share the leads by person.
 *
 * It defines the names of the objects and how a call reaches them. It does not know what they do.
 */
import { waitUntil } from 'cloudflare:workers'
import { createShardedOutbox, type SharedOutbox } from '../../outbox/sharding.ts'
import { batchCalls, type RequestContext } from './batch-calls.ts'
import type { LeadOutboxMethods } from './bindings.ts'

/** Name of the first object. The others append a number. Under a new name the stored leads would not be found. */
const OBJECT_NAME = 'outbox'

/** The clock and timers of the request that makes the call. */
const CONTEXT: RequestContext = { now: Date.now, outlive: waitUntil, after: (ms, call) => void setTimeout(call, ms) }

type Objects = DurableObjectNamespace<LeadOutboxMethods>

/** Returns `count` objects as one outbox. */
export function askObjects(objects: Objects, count: number): SharedOutbox {
  return createShardedOutbox(
    idsOf(objects, count).map((id) => ask(objects, id)),
    Math.random,
  )
}

/** Returns stubs of `count` objects. */
export function stubsOf(objects: Objects, count: number) {
  return idsOf(objects, count).map((id) => objects.get(id))
}

function idsOf(objects: Objects, count: number): DurableObjectId[] {
  return Array.from({ length: count }, (_, at) => objects.idFromName(at === 0 ? OBJECT_NAME : `${OBJECT_NAME}-${at}`))
}

/** Returns one object as an outbox. Each call takes a new stub, because a stub that has failed stays broken. */
function ask(objects: Objects, id: DurableObjectId): SharedOutbox {
  const object = () => objects.get(id)
  return {
    add: batchCalls(async (leads, dueAt) => object().add([...leads], dueAt), CONTEXT),
    status: (now) => object().status(now),
    find: (id) => object().find(id),
    list: (state, limit, after) => object().list(state, limit, after),
    replay: (ids, edit, now) => object().replay([...ids], edit, now),
    retryNow: (now) => object().retryNow(now),
    acquireSlot: (now, until) => object().acquireSlot(now, until),
    settle: (call, _, now, limited) => object().endCall(call, now, limited),
  }
}
