/**
 * Group commit: whatever arrives while a write is on its way to the disk shares the next one.
 *
 * Nobody waits longer for it. A lonely lead is written at once; under load one fsync serves all that came meanwhile, and
 * the group finds its own size. Each caller still hears only when its own lead is durable.
 */
import type { Lead } from '../intake/lead.ts'
import type { Outbox } from './outbox.ts'

/** Leads that someone wants kept, and whom to tell. */
export interface PendingAdd {
  leads: readonly Lead[]
  dueAt: number
  kept: () => void
  failed: (error: unknown) => void
}

/**
 * An `add` that groups.
 *
 * @param add the outbox's own
 * @param soon calls back when the next group may be written: once the runtime has taken in what has already arrived
 *   (`setImmediate` on Node), or once the write under way has ended
 */
export function groupCommit(add: Outbox['add'], soon: (write: () => void) => void): Outbox['add'] {
  let waiting: PendingAdd[] = []

  function write(): void {
    const group = waiting
    waiting = []
    void addTogether(add, group)
  }

  return (leads, dueAt) =>
    new Promise((kept, failed) => {
      waiting.push({ leads, dueAt, kept, failed })
      if (waiting.length === 1) soon(write)
    })
}

/**
 * Adds the whole group in one go, and tells each. Never rejects.
 *
 * One lead that cannot be kept must not cost the others: where the group fails, each is tried alone.
 */
export async function addTogether(add: Outbox['add'], group: readonly PendingAdd[]): Promise<void> {
  try {
    await add(
      group.flatMap(({ leads }) => leads),
      Math.max(...group.map(({ dueAt }) => dueAt)),
    )
    for (const { kept } of group) kept()
  } catch (error) {
    if (group.length === 1) group[0]?.failed(error)
    else await Promise.all(group.map(({ leads, dueAt, kept, failed }) => add(leads, dueAt).then(kept, failed)))
  }
}
