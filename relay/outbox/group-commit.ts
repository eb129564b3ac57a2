/**
 * Group commit: leads that arrive while a write is on its way to the disk share the next write.
 *
 * No lead waits longer for it. A single lead is written at once; under load one fsync serves all leads that came
 * meanwhile, and the group finds its own size. Each caller is told only when its own lead is durable.
 */
import type { Lead } from '../intake/lead.ts'
import type { Outbox } from './outbox.ts'

/** Leads that are to be stored, and the callbacks of their caller. */
export interface PendingAdd {
  leads: readonly Lead[]
  dueAt: number
  kept: () => void
  failed: (error: unknown) => void
}

/**
 * Returns an `add` that groups.
 *
 * @param add the outbox's own
 * @param schedule calls back when the next group may be written: once the runtime has taken in what has already arrived
 *   (`setImmediate` on Node), or once the write under way has ended
 */
export function groupCommit(add: Outbox['add'], schedule: (write: () => void) => void): Outbox['add'] {
  let pending: PendingAdd[] = []

  function write(): void {
    const group = pending
    pending = []
    void addTogether(add, group)
  }

  return (leads, dueAt) =>
    new Promise((kept, failed) => {
      pending.push({ leads, dueAt, kept, failed })
      if (pending.length === 1) schedule(write)
    })
}

/**
 * Adds the whole group at once and tells each caller. Never rejects.
 *
 * When the group fails, each lead is tried alone: one that cannot be stored must not cost the others.
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
