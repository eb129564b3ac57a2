/**
 * Lets the methods of an outbox resolve only when what they have written or found is on the disk.
 *
 * It knows the port of the outbox and nothing of files: `log-sync.ts` forces the log to the disk.
 */
import type { Outbox } from '../../outbox/outbox.ts'
import type { LogSync } from './log-sync.ts'

/** Methods that only report. Nothing is acknowledged by their results, so they wait for no disk, and work after it has failed. */
type ReportingMethod = 'nextDueAt' | 'status' | 'list' | 'survey' | 'findPerson'

/**
 * Returns the outbox with its other methods waiting for the disk. `find` is among these, because a submission that is
 * found is acknowledged like a new one, and the transaction that has stored it may not be on the disk yet.
 */
export function withLogSync(outbox: Outbox, { flush }: Pick<LogSync, 'flush'>): Outbox {
  const synced =
    <Parameters extends unknown[], Result>(method: (...parameters: Parameters) => Promise<Result>) =>
    async (...parameters: Parameters): Promise<Result> => {
      const result = await method(...parameters)
      await flush()
      return result
    }
  const waiting: Omit<Outbox, ReportingMethod> = {
    add: synced(outbox.add),
    claim: synced(outbox.claim),
    settle: synced(outbox.settle),
    acquireSlot: synced(outbox.acquireSlot),
    resume: synced(outbox.resume),
    retryNow: synced(outbox.retryNow),
    find: synced(outbox.find),
    replay: synced(outbox.replay),
    discard: synced(outbox.discard),
    erase: synced(outbox.erase),
    expire: synced(outbox.expire),
    holdForm: synced(outbox.holdForm),
    sweep: synced(outbox.sweep),
  }
  return { ...outbox, ...waiting }
}
