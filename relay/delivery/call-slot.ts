/** API calls outside of the queue, within the limits that the outbox keeps for all calls of the account. */
import type { CallUse } from '../outbox/limits/shares.ts'
import type { Limited, Outbox } from '../outbox/outbox.ts'

export interface CallSlotOptions {
  outbox: Pick<Outbox, 'acquireSlot' | 'settle'>
  /** Returns epoch milliseconds. */
  now: () => number
  /** Resolves after so many ms. */
  wait: (ms: number) => Promise<void>
  /** Time after which a call that was not settled counts as ended, in ms. */
  lease: number
  /** `server` where the call may use those that leads leave to servers. */
  use?: CallUse
}

/**
 * Returns a function that runs each call within the limits.
 *
 * @throws {Error} from that function, when no call is left
 */
export function runInSlot(options: CallSlotOptions): <T>(call: () => Promise<T>) => Promise<T> {
  return async (call) => {
    const result = await withCallSlot(options, call)
    if ('done' in result) return result.done
    throw new Error('no call to Marketo is left now; the limits are those of the relay')
  }
}

/** Maximum time to wait for a call slot, in ms. Best effort: concurrent callers may exceed it by one wait. */
const SLOT_TIMEOUT_MS = 10_000

/** Minimum time between two questions for a slot, in ms: another caller may have been quicker. */
const MIN_POLL_INTERVAL_MS = 20

/**
 * Runs `work` as one API call once a slot is free.
 *
 * @param limitIn returns the limit of Marketo's that a rejection of `work` reports; all calls then take less of it
 * @returns what `work` resolved with, or the time in ms after which a slot may be free
 */
export async function withCallSlot<T>(
  { outbox, now, wait, lease, use }: CallSlotOptions,
  work: () => Promise<T>,
  limitIn: (error: unknown) => Limited | undefined = () => undefined,
): Promise<{ done: T } | { retryAfter: number }> {
  const givesUpAt = now() + SLOT_TIMEOUT_MS
  for (;;) {
    const reserved = await outbox.acquireSlot(now(), now() + lease, 0, use)
    if ('slot' in reserved) {
      let limited: Limited | undefined
      try {
        return { done: await work() }
      } catch (error) {
        limited = limitIn(error)
        throw error
      } finally {
        // When it cannot be stored, the slot expires by itself.
        await outbox.settle(reserved.slot, [], now(), limited).catch(() => {})
      }
    }
    if (reserved.retryAt > givesUpAt) return { retryAfter: reserved.retryAt - now() }
    await wait(Math.max(MIN_POLL_INTERVAL_MS, reserved.retryAt - now()))
  }
}
