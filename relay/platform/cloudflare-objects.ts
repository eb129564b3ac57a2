/**
 * The Durable Objects that keep the leads, as the Worker asks them: one, or several that share out the people.
 *
 * It knows their names and how a call reaches them, and nothing of what they do.
 */
import { waitUntil } from 'cloudflare:workers'
import { createShards, type Asked } from '../outbox/shards.ts'
import { shareCalls, type Context } from './cloudflare-shared-calls.ts'
import type { LeadOutbox } from './cloudflare.ts'

/** The objects' names: the first one's, and with a number after it those of the others. They must never change. */
const OBJECT = 'outbox'

/** Of whichever request calls. */
const CONTEXT: Context = { now: Date.now, outlive: waitUntil, after: (ms, call) => void setTimeout(call, ms) }

/** So many objects as one outbox. */
export function askObjects(objects: DurableObjectNamespace<LeadOutbox>, count: number): Asked {
  return createShards(
    Array.from({ length: count }, (_, at) => ask(objects, at)),
    Math.random,
  )
}

/** One of the objects. A stub that has failed stays broken, so each call takes a new one. */
function ask(objects: DurableObjectNamespace<LeadOutbox>, at: number): Asked {
  const name = objects.idFromName(at === 0 ? OBJECT : `${OBJECT}-${at}`)
  const object = () => objects.get(name)
  return {
    add: shareCalls(async (leads, dueAt) => object().add([...leads], dueAt), CONTEXT),
    status: (now) => object().status(now),
    find: (id) => object().find(id),
    parked: (limit, after) => object().parked(limit, after),
    replay: (ids, mending, now) => object().replay([...ids], mending, now),
    permit: (now, until) => object().permit(now, until),
    settle: (call, _, now, limited) => object().endCall(call, now, limited),
  }
}
