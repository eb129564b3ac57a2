/** A call to Marketo that waits for nothing of the outbox, within the limits that the outbox keeps for all. */
import type { Limited, Outbox } from '../outbox/outbox.ts'

export interface CallSlotOptions {
  outbox: Pick<Outbox, 'acquireSlot' | 'settle'>
  /** Epoch milliseconds. */
  now: () => number
  /** Resolves after so many milliseconds. */
  wait: (ms: number) => Promise<void>
  /** How long a call counts as under way, if it is never settled, in milliseconds. */
  lease: number
}

/** Longer than this nobody is kept waiting for his turn, in milliseconds; with others' calls at once some may be. */
const SLOT_TIMEOUT_MS = 10_000

/**
 * Does the work as one call, once one may begin; or says when to ask again, in milliseconds from now.
 *
 * @param limitIn which of Marketo's limits the work has met, by what it rejects with: then all others go slower too
 */
export async function withCallSlot<T>(
  { outbox, now, wait, lease }: CallSlotOptions,
  work: () => Promise<T>,
  limitIn: (error: unknown) => Limited | undefined = () => undefined,
): Promise<{ done: T } | { retryAfter: number }> {
  const givesUpAt = now() + SLOT_TIMEOUT_MS
  for (;;) {
    const permit = await outbox.acquireSlot(now(), now() + lease)
    if ('call' in permit) {
      let limited: Limited | undefined
      try {
        return { done: await work() }
      } catch (error) {
        limited = limitIn(error)
        throw error
      } finally {
        // If it cannot be written down the call is over by itself.
        await outbox.settle(permit.call, [], now(), limited).catch(() => {})
      }
    }
    if (permit.at > givesUpAt) return { retryAfter: permit.at - now() }
    await wait(Math.max(MIN_POLL_INTERVAL_MS, permit.at - now()))
  }
}

/** Another may have been quicker: it is not asked again at once. */
const MIN_POLL_INTERVAL_MS = 20
