/**
 * Several outboxes of one account as one, for callers that add and ask: each lead is stored in the outbox of its person.
 * Each outbox delivers by itself, within its part of the limits.
 */
import type { Lead } from '../intake/lead.ts'
import type { ActStore } from './acts.ts'
import type { BatchKeys } from './batch-planner.ts'
import { positionOf } from './job-row.ts'
import type { EraseStep, FormLeads, JobRecord, Limited, ListedState, Outbox, OutboxStatus, Replayed } from './outbox.ts'
import { keyWithoutCookie } from './pressure.ts'
import { stepInTurn } from './selection.ts'

/** The methods that concern all outboxes together. */
export type SharedOutbox = Pick<
  Outbox,
  | 'add'
  | 'status'
  | 'find'
  | 'list'
  | 'replay'
  | 'survey'
  | 'discard'
  | 'findPerson'
  | 'erase'
  | 'holdForm'
  | 'acquireSlot'
  | 'settle'
  | 'retryNow'
  | keyof ActStore
>

/**
 * Creates one outbox over several. Their number decides where a person's leads are stored.
 *
 * A known id is known only in the outbox of its person. The same id with the address of another person is another lead,
 * which may be stored in another outbox, and then under the same id: `list` returns both, `replay` replays both, and `find`
 * returns the one that needs an operator first.
 *
 * @param random returns a number from 0 up to, not including, 1; it picks the outbox of the next call slot
 * @param placeOf returns the number of a lead's outbox: that of its person by default
 */
export function createShardedOutbox(
  shards: readonly SharedOutbox[],
  random: () => number,
  placeOf: (lead: Lead) => number = ({ person }) => shardOf(person, shards.length),
): SharedOutbox {
  const [only] = shards
  if (only && shards.length === 1) return only

  return {
    async add(leads, dueAt) {
      const parts = Map.groupBy(leads, placeOf)
      // An empty addition tests whether leads can be stored: in all of them.
      if (leads.length === 0) for (const at of shards.keys()) parts.set(at, [])
      await Promise.all([...parts].map(([at, part]) => shards[at]!.add(part, dueAt)))
    },

    async status(now) {
      return sumStatus(await Promise.all(shards.map((shard) => shard.status(now))))
    },

    async find(id) {
      const found = (await Promise.all(shards.map((shard) => shard.find(id)))).filter((record) => record !== undefined)
      return found.toSorted((a, b) => FOUND_FIRST.indexOf(a.state) - FOUND_FIRST.indexOf(b.state))[0]
    },

    async list(state, limit, after) {
      const parts = await Promise.all(shards.map((shard) => shard.list(state, limit, after)))
      return parts.flat().toSorted(listOrder(state)).slice(0, limit)
    },

    async replay(ids, edit, now) {
      const parts = await Promise.all(shards.map((shard) => shard.replay(ids, edit, now)))
      return ids.map((id, at) => {
        const answers = parts.flatMap((part): Replayed[] => (part[at] ? [part[at]] : []))
        const [told] = answers.toSorted((a, b) => TOLD_FIRST.indexOf(a.result) - TOLD_FIRST.indexOf(b.result))
        return told ?? { id, result: 'unknown' }
      })
    },

    survey: (selector, by, after) => stepInTurn(shards, after, (shard, place) => shard.survey(selector, by, place)),

    discard: (selector, discarding, now, after) =>
      stepInTurn(shards, after, (shard, place) => shard.discard(selector, discarding, now, place)),

    findPerson: (person, limit, after) =>
      stepInTurn(shards, after, (shard, place) => shard.findPerson(person, limit, place)),

    async erase(person, erasing, now) {
      // In all of them: their number may have been another one, and a lead may have moved.
      return sumErased(await Promise.all(shards.map((shard) => shard.erase(person, erasing, now))))
    },

    async holdForm(form, hold, now) {
      return (await Promise.all(shards.map((shard) => shard.holdForm(form, hold, now)))).some((isChanged) => isChanged)
    },

    async retryNow(now) {
      await Promise.all(shards.map((shard) => shard.retryNow(now)))
    },

    // One audit log for all of them.
    beginAct: (act, now) => shards[0]!.beginAct(act, now),
    endAct: (id, leads) => shards[0]!.endAct(id, leads),
    listActs: (limit, before) => shards[0]!.listActs(limit, before),

    async acquireSlot(now, leaseExpiresAt, idle, use) {
      const at = Math.floor(random() * shards.length)
      const reserved = await shards[at]!.acquireSlot(now, leaseExpiresAt, idle, use)
      // The number of the slot tells its outbox.
      return 'slot' in reserved ? { slot: reserved.slot * shards.length + at } : reserved
    },

    async settle(slot, settlements, now, limited) {
      await shards[slot % shards.length]!.settle(Math.floor(slot / shards.length), settlements, now, limited)
    },
  }
}

/** Which of several jobs with one id is found: the one that needs an operator. */
const FOUND_FIRST: readonly JobRecord['state'][] = ['parked', 'held', 'waiting', 'delivered', 'discarded']

/** Which of several results for one id is returned: one that leaves a lead parked comes before one that does not. */
const TOLD_FIRST: readonly Replayed['result'][] = ['name-taken', 'other-account', 'replayed', 'not-parked', 'unknown']

/**
 * Wraps one of the outboxes so that the others are told when it meets a limit: Marketo counts the calls of all together.
 * They are told once the limit is stored, and nothing waits for them: one that is not reached will meet the limit itself.
 */
export function broadcastLimits(outbox: Outbox, tell: (met: Limited, now: number) => void): Outbox {
  return {
    ...outbox,
    async settle(batch, settlements, now, limited) {
      await outbox.settle(batch, settlements, now, limited)
      const met = limited ?? settlements.find((settlement) => settlement.kind === 'limited')
      if (met) tell({ kind: 'limited', limit: met.limit, retryAt: met.retryAt, reason: met.reason }, now)
    },
  }
}

/**
 * Returns the rules of a transport for one of several outboxes: every cookie is owed, because those of a visitor's leads
 * need an order that all outboxes share. See `cookie-turns.ts`.
 */
export function oweCookies(keys: BatchKeys): BatchKeys {
  return {
    name: `${keys.name}, cookies after leads`,
    cookies: 'after-any-lead',
    batchKey: (lead) => keyWithoutCookie(lead, keys) ?? keys.batchKey(lead),
  }
}

/** The id of no batch: settles a limit that a call of another outbox has met. */
export const NO_BATCH = 0

/**
 * Returns the number of a person's outbox: FNV-1a (32 bits) over the UTF-16 code units. It must never change, or leads
 * that wait would not be found.
 */
export function shardOf(person: string, shards: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < person.length; at += 1) hash = Math.imul(hash ^ person.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % shards
}

/** Returns the status of several outboxes together. */
export function sumStatus(parts: readonly OutboxStatus[]): OutboxStatus {
  const total = (count: (status: OutboxStatus) => number) => parts.reduce((sum, part) => sum + count(part), 0)
  const first = (time: (status: OutboxStatus) => number | undefined) => {
    const times = parts.map(time).filter((at) => at !== undefined)
    return times.length > 0 ? Math.min(...times) : undefined
  }
  const owed = total((status) => status.owed ?? 0)
  const reusedIds = total((status) => status.reusedIds ?? 0)
  const expiring = parts.flatMap((part) => part.expiring ?? [])
  const firstExpiryAt = first((status) => status.expiring?.firstAt)
  // The switch of a form is the same in all of them.
  const heldForms = Map.groupBy(
    parts.flatMap((part) => part.heldForms ?? []),
    ({ form }) => form,
  )
  const heldByForm = sumByForm(parts.flatMap((part) => part.heldByForm ?? []))
  const oldestAt = first((status) => status.oldestAt)
  const parkedAt = first((status) => status.parkedAt)
  const quotaRetryAt = first((status) => status.day.quotaRetryAt)
  // A breaker that needs a person comes before one that closes by itself.
  const breaker = parts
    .flatMap((part) => part.breaker ?? [])
    .toSorted((a, b) => Number(b.blocked) - Number(a.blocked) || b.retryAt - a.retryAt)[0]
  return {
    waiting: total(({ waiting }) => waiting),
    held: total(({ held }) => held),
    parked: total(({ parked }) => parked),
    delivered: total(({ delivered }) => delivered),
    ...(reusedIds > 0 && { reusedIds }),
    ...(owed > 0 && { owed }),
    ...(firstExpiryAt !== undefined && {
      expiring: { leads: expiring.reduce((sum, { leads }) => sum + leads, 0), firstAt: firstExpiryAt },
    }),
    ...(heldByForm.length > 0 && { heldByForm }),
    ...(heldForms.size > 0 && { heldForms: Array.from(heldForms.values(), ([held]) => held!) }),
    ...(oldestAt !== undefined && { oldestAt }),
    ...(parkedAt !== undefined && { parkedAt }),
    ...(breaker && { breaker }),
    day: {
      spent: total(({ day }) => day.spent),
      of: total(({ day }) => day.of),
      endsAt: Math.max(...parts.map(({ day }) => day.endsAt)),
      ...(quotaRetryAt !== undefined && { quotaRetryAt }),
      ...sumShares(parts.map(({ day }) => day)),
    },
  }
}

/** Returns the shares of the day's calls of several outboxes together. */
function sumShares(days: readonly OutboxStatus['day'][]): Pick<OutboxStatus['day'], 'weak' | 'servers'> {
  const weak = days.flatMap((day) => day.weak ?? [])
  const nextShared = weak.flatMap(({ nextSharedAt }) => nextSharedAt ?? [])
  const servers = days.flatMap((day) => day.servers ?? [])
  const sum = <Share>(shares: readonly Share[], count: (share: Share) => number) =>
    shares.reduce((total, share) => total + count(share), 0)
  return {
    ...(weak.length > 0 && {
      weak: {
        spent: sum(weak, ({ spent }) => spent),
        of: sum(weak, ({ of }) => of),
        putOff: sum(weak, ({ putOff }) => putOff),
        ...(nextShared.length > 0 && { nextSharedAt: Math.min(...nextShared) }),
      },
    }),
    ...(servers.length > 0 && {
      servers: { spent: sum(servers, ({ spent }) => spent), of: sum(servers, ({ of }) => of) },
    }),
  }
}

/** Returns the steps of several outboxes as one. */
function sumErased(steps: readonly EraseStep[]): EraseStep {
  const total = (count: (step: EraseStep) => number) => steps.reduce((sum, step) => sum + count(step), 0)
  return {
    waiting: total(({ waiting }) => waiting),
    held: total(({ held }) => held),
    parked: total(({ parked }) => parked),
    receipts: total(({ receipts }) => receipts),
    owed: total(({ owed }) => owed),
    underWay: total(({ underWay }) => underWay),
    ids: steps.flatMap(({ ids }) => ids),
    more: steps.some(({ more }) => more),
  }
}

function listOrder(state: ListedState): (a: JobRecord, b: JobRecord) => number {
  return (first, second) => {
    const [a, b] = [positionOf(first, state), positionOf(second, state)]
    return a.at - b.at || (a.id < b.id ? -1 : Number(a.id > b.id))
  }
}

function sumByForm(parts: readonly FormLeads[]): FormLeads[] {
  return Array.from(
    Map.groupBy(parts, ({ form }) => form),
    ([form, own]) => ({ form, leads: own.reduce((sum, { leads }) => sum + leads, 0) }),
  ).toSorted((a, b) => (a.form < b.form ? -1 : 1))
}
