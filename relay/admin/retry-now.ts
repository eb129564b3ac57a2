/**
 * Makes the relay call Marketo again at once, after an operator has mended what stopped it: the admin service behind HTTP
 * and the command. It knows neither HTTP nor the terminal, and returns no personal data.
 */
import type { Outbox } from '../outbox/outbox.ts'

export interface RetryResult {
  /** Number of leads that wait to be delivered. */
  waiting: number
  /** Number of cookies of delivered leads that are still to be associated; absent when there is none. */
  owedCookies?: number
  /** Reason why no lead was sent, if the circuit breaker was open; `blocked` if Marketo rejects the account. */
  stopped?: { reason: string; blocked: boolean }
  /** True if Marketo had reported that its quota of calls a day is spent. */
  quotaSpent: boolean
  /** True if all calls that our own limit allows today are spent: no call is made until it is raised or the day ends. */
  ownLimitMet: boolean
}

/**
 * Makes the next call possible at once.
 *
 * @param now time for the status, in epoch ms
 * @param retryAt time from which the call may go
 */
export async function retryNow(
  outbox: Pick<Outbox, 'retryNow' | 'status'>,
  now: number,
  retryAt = now,
): Promise<RetryResult> {
  const { waiting, owed, breaker, day } = await outbox.status(now)
  await outbox.retryNow(retryAt)
  return {
    waiting,
    ...(owed !== undefined && { owedCookies: owed }),
    ...(breaker && { stopped: { reason: breaker.reason, blocked: breaker.blocked } }),
    quotaSpent: day.quotaRetryAt !== undefined,
    ownLimitMet: day.spent >= day.of,
  }
}
