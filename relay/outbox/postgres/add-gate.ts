/**
 * A gate for additions, so that leads that arrive while others are on their way to the database share the next round
 * trip.
 */
import type { Outbox } from '../outbox.ts'

/**
 * Number of additions that may be on their way at once: while one waits for the disk, the next is written. Without a
 * bound each lead would go alone as soon as it comes, and under load all would wait for connections.
 */
const MAX_CONCURRENT_ADDS = 2

/** Time for which additions fail at once after the database could not be asked, in ms. */
const LOST_PAUSE_MS = 1_000

export interface AddGate {
  add: Outbox['add']
  /** The `schedule` of `groupCommit`: calls back when an addition may begin, and the runtime has taken in what has arrived. */
  schedule: (write: () => void) => void
}

export interface AddGateOptions {
  /** Calls back once the runtime has taken in what has already arrived: `setImmediate` on Node. */
  schedule: (write: () => void) => void
  /** Returns ms from a monotonic clock. */
  elapsed: () => number
  /**
   * Returns whether an error says that the database could not be asked at all. Then the next additions fail with it at
   * once for a while: one after the other they would each wait for an answer, and a visitor for minutes.
   */
  isLost: (error: unknown) => boolean
}

/** @param add the outbox's own */
export function createAddGate(add: Outbox['add'], { schedule, elapsed, isLost }: AddGateOptions): AddGate {
  let underWay = 0
  let next: (() => void) | undefined
  let lost: { error: unknown; until: number } | undefined

  async function attempt(leads: Parameters<Outbox['add']>[0], dueAt: number): Promise<void> {
    if (lost && elapsed() < lost.until) throw lost.error
    try {
      await add(leads, dueAt)
      lost = undefined
    } catch (error) {
      if (isLost(error)) lost = { error, until: elapsed() + LOST_PAUSE_MS }
      throw error
    }
  }

  return {
    async add(leads, dueAt) {
      underWay += 1
      try {
        await attempt(leads, dueAt)
      } finally {
        underWay -= 1
        const write = next
        next = undefined
        if (write) schedule(write)
      }
    },
    schedule(write) {
      if (underWay < MAX_CONCURRENT_ADDS) schedule(write)
      else next = write
    },
  }
}
