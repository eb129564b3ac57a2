/**
 * Group commit: whatever arrives while a write is on its way to the disk shares the next one.
 *
 * Nobody waits longer for it. A lonely lead is written at once; under load one fsync serves all that came meanwhile, and
 * the group finds its own size. Each caller still hears only when its own lead is durable.
 */
import type { Lead } from '../lead.ts'
import type { Outbox } from './outbox.ts'

interface Waiting {
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
  let waiting: Waiting[] = []

  async function write(): Promise<void> {
    const group = waiting
    waiting = []
    try {
      await add(
        group.flatMap(({ leads }) => leads),
        Math.max(...group.map(({ dueAt }) => dueAt)),
      )
      for (const { kept } of group) kept()
    } catch (error) {
      // One lead that cannot be written must not cost the others: each is tried alone.
      if (group.length === 1) group[0]?.failed(error)
      else for (const { leads, dueAt, kept, failed } of group) await add(leads, dueAt).then(kept, failed)
    }
  }

  return (leads, dueAt) =>
    new Promise((kept, failed) => {
      waiting.push({ leads, dueAt, kept, failed })
      if (waiting.length === 1) soon(() => void write())
    })
}
