/**
 * Additions by turns, so that what arrives while some are on their way to the database shares the next: over a network
 * that is where group commit gains.
 */
import type { Outbox } from '../outbox.ts'

/**
 * So many are on their way at once: while one waits for the disk, the next is written. With no bound each lead would
 * go alone as soon as it comes, and under load all would wait for connections.
 */
const AT_ONCE = 2

/** While the database does not answer, it is asked again after this long, in milliseconds. */
const PAUSE = 1_000

export interface InTurn {
  add: Outbox['add']
  /** For `groupCommit`: calls back when an addition may begin, and the runtime has taken in what has arrived. */
  soon: (write: () => void) => void
}

export interface Turns {
  /** Calls back once the runtime has taken in what has already arrived: `setImmediate` on Node. */
  soon: (write: () => void) => void
  /** Milliseconds since whenever. */
  elapsed: () => number
  /**
   * Says of a failure that the database could not be asked at all. Then whoever comes next fails with it at once, for a
   * while: each would wait as long for an answer, one after the other, and a visitor for minutes.
   */
  isLost: (error: unknown) => boolean
}

/** @param add the outbox's own */
export function inTurn(add: Outbox['add'], { soon, elapsed, isLost }: Turns): InTurn {
  let underWay = 0
  let next: (() => void) | undefined
  let lost: { error: unknown; until: number } | undefined

  async function attempt(leads: Parameters<Outbox['add']>[0], dueAt: number): Promise<void> {
    if (lost && elapsed() < lost.until) throw lost.error
    try {
      await add(leads, dueAt)
      lost = undefined
    } catch (error) {
      if (isLost(error)) lost = { error, until: elapsed() + PAUSE }
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
        if (write) soon(write)
      }
    },
    soon(write) {
      if (underWay < AT_ONCE) soon(write)
      else next = write
    },
  }
}
