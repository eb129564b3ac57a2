/**
 * Several outboxes as one, for whoever adds and asks: each lead waits in the one of its person. Delivering is each one's
 * own affair, within its part of the limits.
 */
import type { Lead } from '../intake/lead.ts'
import type { JobRecord, Limited, Outbox, OutboxStatus, Replayed } from './outbox.ts'

/** What is asked of all of them together. */
export type SharedOutbox = Pick<Outbox, 'add' | 'status' | 'find' | 'parked' | 'replay' | 'acquireSlot' | 'settle'>

/**
 * The outboxes as one. How many there are decides where a person's leads wait.
 *
 * A known id is known only where its person's leads wait: the same id with another person's address is another lead.
 *
 * @param random from 0 up to, not including, 1: which of them gives the next permit
 */
export function createShardedOutbox(shards: readonly SharedOutbox[], random: () => number): SharedOutbox {
  const [only] = shards
  if (only && shards.length === 1) return only

  return {
    async add(leads, dueAt) {
      const parts = Map.groupBy(leads, ({ person }) => shardOf(person, shards.length))
      // Asked whether a lead could be kept, all are.
      if (leads.length === 0) for (const at of shards.keys()) parts.set(at, [])
      await Promise.all([...parts].map(([at, part]) => shards[at]!.add(part, dueAt)))
    },

    async status(now) {
      return sum(await Promise.all(shards.map((shard) => shard.status(now))))
    },

    async find(id) {
      return (await Promise.all(shards.map((shard) => shard.find(id)))).find((record) => record !== undefined)
    },

    async parked(limit, after) {
      const parts = await Promise.all(shards.map((shard) => shard.parked(limit, after)))
      return parts.flat().toSorted(parkedFirst).slice(0, limit)
    },

    async replay(ids, mending, now) {
      const parts = await Promise.all(shards.map((shard) => shard.replay(ids, mending, now)))
      return ids.map((id, at) => {
        const answers = parts.flatMap((part): Replayed[] => (part[at] ? [part[at]] : []))
        return answers.find(({ result }) => result !== 'unknown') ?? { id, result: 'unknown' }
      })
    },

    async acquireSlot(now, until) {
      const at = Math.floor(random() * shards.length)
      const permit = await shards[at]!.acquireSlot(now, until)
      // The number says whose call it is.
      return 'call' in permit ? { call: permit.call * shards.length + at } : permit
    },

    async settle(call, settlements, now, limited) {
      await shards[call % shards.length]!.settle(Math.floor(call / shards.length), settlements, now, limited)
    },
  }
}

/**
 * One of the outboxes, which tells the others when it meets a limit: Marketo counts the calls of all together. They are
 * told once it is written down, and nothing waits for them: one that is not reached will meet the limit itself.
 */
export function broadcastLimits(outbox: Outbox, tell: (met: Limited, now: number) => void): Outbox {
  return {
    ...outbox,
    async settle(call, settlements, now, limited) {
      await outbox.settle(call, settlements, now, limited)
      const met = limited ?? settlements.find((settlement) => settlement.kind === 'limited')
      if (met) tell({ kind: 'limited', limit: met.limit, until: met.until, reason: met.reason }, now)
    },
  }
}

/** No call's number: a limit that was met by a call of another outbox is settled by it. */
export const NO_BATCH = 0

/** Where a person's leads wait: FNV-1a (32 bits) over the UTF-16 code units. It must never change: what waits would be lost sight of. */
export function shardOf(person: Lead['person'], shards: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < person.length; at += 1) hash = Math.imul(hash ^ person.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % shards
}

function sum(parts: readonly OutboxStatus[]): OutboxStatus {
  const total = (count: (status: OutboxStatus) => number) => parts.reduce((sum, part) => sum + count(part), 0)
  const first = (time: (status: OutboxStatus) => number | undefined) => {
    const times = parts.map(time).filter((at) => at !== undefined)
    return times.length > 0 ? Math.min(...times) : undefined
  }
  const oldestAt = first((status) => status.oldestAt)
  const parkedAt = first((status) => status.parkedAt)
  // What someone must act on goes before what passes by itself.
  const halt = parts
    .flatMap((part) => part.breaker ?? [])
    .toSorted((a, b) => Number(b.blocked) - Number(a.blocked) || b.until - a.until)[0]
  return {
    waiting: total(({ waiting }) => waiting),
    parked: total(({ parked }) => parked),
    delivered: total(({ delivered }) => delivered),
    ...(oldestAt !== undefined && { oldestAt }),
    ...(parkedAt !== undefined && { parkedAt }),
    ...(halt && { breaker: halt }),
    day: {
      spent: total(({ day }) => day.spent),
      of: total(({ day }) => day.of),
      endsAt: Math.max(...parts.map(({ day }) => day.endsAt)),
    },
  }
}

function parkedFirst(a: JobRecord, b: JobRecord): number {
  return (a.settledAt ?? 0) - (b.settledAt ?? 0) || (a.id < b.id ? -1 : Number(a.id > b.id))
}
