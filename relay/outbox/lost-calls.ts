/**
 * Calls that ended without an answer. Marketo may be processing their leads until the lease would have ended, so that no
 * lead of the same people is leased before. Pure; they are part of the account's state.
 */
import type { EndedBatch } from './account-state.ts'
import type { JobRow } from './job-row.ts'
import type { Settlement } from './outbox.ts'

/** A call without an answer, and until when Marketo may be processing it. */
export interface LostCall {
  batch: number
  claimedAt: number
  leaseExpiresAt: number
  /** Keys of its people; absent where an older version has stored the call. */
  people?: readonly string[]
  /** Empty. Relays of older versions that share the database read it. */
  jobs: readonly never[]
}

/** A batch that ends, and when its lease would have. */
export type LeasedBatch = EndedBatch & Pick<LostCall, 'leaseExpiresAt'>

/**
 * Returns the lost calls once a batch was settled.
 *
 * @param batch undefined when its lease is over
 * @param leased its jobs
 */
export function afterLostCall(
  lost: readonly LostCall[] | undefined,
  batch: LeasedBatch | undefined,
  leased: readonly JobRow[],
  settlements: readonly Settlement[],
): readonly LostCall[] | undefined {
  const ends = new Map<string, number>(settlements.flatMap((each) => (each.lost ? [[each.id, each.lost]] : [])))
  const people = leased.flatMap(({ id, person_key: person }) => (ends.has(id) && person !== null ? person : []))
  if (!batch || people.length === 0) return lost
  const { id, claimedAt, leaseExpiresAt } = batch
  return [
    ...(lost ?? []),
    endingAt({ batch: id, claimedAt, leaseExpiresAt, people, jobs: [] }, Math.max(...ends.values())),
  ]
}

/** Returns the lost calls that Marketo may still be processing; undefined when there is none. */
export function stillLost(lost: readonly LostCall[] | undefined, now: number): readonly LostCall[] | undefined {
  const kept = lost?.filter(({ leaseExpiresAt }) => leaseExpiresAt > now)
  return kept && kept.length === lost?.length ? lost : kept?.length ? kept : undefined
}

/** Returns the lost calls once a person was erased: no later lead is known to be of the same person. */
export function withoutPerson(lost: readonly LostCall[] | undefined, person: string): readonly LostCall[] | undefined {
  if (!lost?.some(({ people }) => people?.includes(person))) return lost
  return lost.map((call) => ({ ...call, people: call.people?.filter((each) => each !== person) ?? [] }))
}

/** Returns the call with another end, and as long as it was. */
export function endingAt(call: LostCall, end: number): LostCall {
  return { ...call, claimedAt: end - call.leaseExpiresAt + call.claimedAt, leaseExpiresAt: end }
}

/** Returns the lost calls of a relay that starts, or whose clock went backwards: none lasts longer than its length. */
export function clampLost(lost: readonly LostCall[], now: number): readonly LostCall[] {
  return lost.map((call) => (call.claimedAt > now ? endingAt(call, now + call.leaseExpiresAt - call.claimedAt) : call))
}
