/**
 * The Durable Objects that keep the leads, as the Worker asks them: one, or several that share out the people.
 *
 * It knows their names and how a call reaches them, and nothing of what they do.
 */
import { waitUntil } from 'cloudflare:workers'
import { createShardedOutbox, type SharedOutbox } from '../../outbox/sharding.ts'
import { batchCalls, type RequestContext } from './batch-calls.ts'
import type { LeadOutbox } from './worker.ts'

/** The objects' names: the first one's, and with a number after it those of the others. They must never change. */
const OBJECT = 'outbox'

/** Of whichever request calls. */
const CONTEXT: RequestContext = { now: Date.now, outlive: waitUntil, after: (ms, call) => void setTimeout(call, ms) }

/** So many objects as one outbox. */
export function askObjects(objects: DurableObjectNamespace<LeadOutbox>, count: number): SharedOutbox {
  return createShardedOutbox(
    idsOf(objects, count).map((id) => ask(objects, id)),
    Math.random,
  )
}

/** The objects beside this one, of so many. */
export function othersThan(id: DurableObjectId, objects: DurableObjectNamespace<LeadOutbox>, count: number) {
  const others = idsOf(objects, count).filter((other) => !other.equals(id))
  return others.map((other) => objects.get(other))
}

function idsOf(objects: DurableObjectNamespace<LeadOutbox>, count: number): DurableObjectId[] {
  return Array.from({ length: count }, (_, at) => objects.idFromName(at === 0 ? OBJECT : `${OBJECT}-${at}`))
}

/** One of the objects. A stub that has failed stays broken, so each call takes a new one. */
function ask(objects: DurableObjectNamespace<LeadOutbox>, id: DurableObjectId): SharedOutbox {
  const object = () => objects.get(id)
  return {
    add: batchCalls(async (leads, dueAt) => object().add([...leads], dueAt), CONTEXT),
    status: (now) => object().status(now),
    find: (id) => object().find(id),
    list: (state, limit, after) => object().list(state, limit, after),
    replay: (ids, mending, now) => object().replay([...ids], mending, now),
    acquireSlot: (now, until) => object().acquireSlot(now, until),
    settle: (call, _, now, limited) => object().endCall(call, now, limited),
  }
}
