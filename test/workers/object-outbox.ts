/** Outboxes in Durable Objects of their own. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { OutboxOptions } from '../../relay/outbox/options.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import type { OutboxObject } from './worker.ts'

export type ObjectStub = DurableObjectStub<OutboxObject>

/** Options of an outbox; the object adds the cryptography of workerd. */
export type ObjectOptions = Omit<OutboxOptions, 'crypto'>

/** Returns an object that no other test uses. */
export function newObject(): ObjectStub {
  return env.BARE.get(env.BARE.newUniqueId())
}

/** Returns the outbox of an object. Each call runs in the object, since storage is accessible only in its context. */
export function outboxOf(stub: ObjectStub, options: ObjectOptions): Outbox {
  const within = <R>(work: (outbox: Outbox) => Promise<R>): Promise<R> =>
    runInDurableObject(stub, async (object: OutboxObject) => work(await object.outbox(options)))
  return {
    add: (...args) => within((outbox) => outbox.add(...args)),
    claim: (...args) => within((outbox) => outbox.claim(...args)),
    settle: (...args) => within((outbox) => outbox.settle(...args)),
    acquireSlot: (...args) => within((outbox) => outbox.acquireSlot(...args)),
    nextDueAt: (...args) => within((outbox) => outbox.nextDueAt(...args)),
    resume: (...args) => within((outbox) => outbox.resume(...args)),
    retryNow: (...args) => within((outbox) => outbox.retryNow(...args)),
    status: (...args) => within((outbox) => outbox.status(...args)),
    find: (...args) => within((outbox) => outbox.find(...args)),
    list: (...args) => within((outbox) => outbox.list(...args)),
    replay: (...args) => within((outbox) => outbox.replay(...args)),
    survey: (...args) => within((outbox) => outbox.survey(...args)),
    discard: (...args) => within((outbox) => outbox.discard(...args)),
    findPerson: (...args) => within((outbox) => outbox.findPerson(...args)),
    erase: (...args) => within((outbox) => outbox.erase(...args)),
    expire: (...args) => within((outbox) => outbox.expire(...args)),
    holdForm: (...args) => within((outbox) => outbox.holdForm(...args)),
    beginAct: (...args) => within((outbox) => outbox.beginAct(...args)),
    endAct: (...args) => within((outbox) => outbox.endAct(...args)),
    listActs: (...args) => within((outbox) => outbox.listActs(...args)),
    sweep: (...args) => within((outbox) => outbox.sweep(...args)),
  }
}
