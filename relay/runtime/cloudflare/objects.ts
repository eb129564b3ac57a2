/**
 * The Durable Objects as the Worker calls them: for each account one object, or several that share the leads by person.
 *
 * It defines the names of the objects and how a call reaches them. It does not know what they do.
 */
import { waitUntil } from 'cloudflare:workers'
import { FIRST_ACCOUNT } from '../../account-name.ts'
import { createShardedOutbox, type SharedOutbox } from '../../outbox/sharding.ts'
import { batchCalls, type RequestContext } from './batch-calls.ts'
import type { LeadOutboxMethods } from './bindings.ts'

/**
 * Returns the name of an object: `outbox`, `outbox-1`, …, and `sandbox/outbox` of a named account. Under another name the
 * stored leads would not be found.
 */
function nameOf(account: string, at: number): string {
  return `${account === FIRST_ACCOUNT ? '' : `${account}/`}outbox${at === 0 ? '' : `-${at}`}`
}

/** Maximum number of objects of an account, of which each needs a call at once. */
const MAX_OBJECTS = 10

/** The clock and timers of the request that makes the call. */
const CONTEXT: RequestContext = { now: Date.now, outlive: waitUntil, after: (ms, call) => void setTimeout(call, ms) }

type Objects = DurableObjectNamespace<LeadOutboxMethods>

/** Returns `count` objects of an account as one outbox. */
export function askObjects(objects: Objects, count: number, account = FIRST_ACCOUNT): SharedOutbox {
  return createShardedOutbox(
    idsOf(objects, count, account).map((id) => ask(objects, id)),
    Math.random,
  )
}

/** Returns stubs of `count` objects of an account. */
export function stubsOf(objects: Objects, count: number, account: string) {
  return idsOf(objects, count, account).map((id) => objects.get(id))
}

/** Returns the account of an object, also of one that is no longer used; undefined when it is of none of these. */
export function accountOf(objects: Objects, own: DurableObjectId, accounts: readonly string[]): string | undefined {
  return accounts.find((account) => idsOf(objects, MAX_OBJECTS, account).some((id) => id.equals(own)))
}

function idsOf(objects: Objects, count: number, account: string): DurableObjectId[] {
  return Array.from({ length: count }, (_, at) => objects.idFromName(nameOf(account, at)))
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
    survey: (selector, by, after) => object().survey(selector, by, after),
    discard: (selector, discarding, now, after) => object().discard(selector, discarding, now, after),
    findPerson: (person, limit, after) => object().findPerson(person, limit, after),
    erase: (person, erasing, now) => object().erase(person, erasing, now),
    holdForm: (form, hold, now) => object().holdForm(form, hold, now),
    beginAct: (act, now) => object().beginAct(act, now),
    endAct: (id, leads) => object().endAct(id, leads),
    listActs: (limit, before) => object().listActs(limit, before),
    retryNow: (now) => object().retryNow(now),
    acquireSlot: (now, until, idle, use) => object().acquireSlot(now, until, idle, use),
    settle: (call, _, now, limited) => object().endCall(call, now, limited),
  }
}
