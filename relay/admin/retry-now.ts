/**
 * Makes the relay call Marketo again at once, after an operator has mended what stopped it: the admin service behind HTTP
 * and the command. It knows neither HTTP nor the terminal, and returns no personal data.
 */
import { ofAccount } from '../monitoring/account-log.ts'
import { callsOfLeads } from '../monitoring/health.ts'
import type { Recorder } from './audit-log.ts'
import type { Outbox } from '../outbox/outbox.ts'

/** Result for one account, or for several together: then each of them is in `accounts`. */
export interface RetryResult extends AccountRetry {
  accounts?: (AccountRetry & { account: string })[]
}

interface AccountRetry {
  /** Number of leads that wait to be delivered. */
  waiting: number
  /** Number of cookies of delivered leads that are still to be associated; absent when there is none. */
  owedCookies?: number
  /** Reason why no lead was sent, if the circuit breaker was open; `blocked` if Marketo rejects the account. */
  stopped?: { reason: string; blocked: boolean; account?: string }
  /** True if Marketo had reported that its quota of calls a day is spent. */
  quotaSpent: boolean
  /** True if all calls that our own limit allows today are spent: no call is made until it is raised or the day ends. */
  ownLimitMet: boolean
}

/**
 * Makes the next call of each account possible at once.
 *
 * @param accounts outboxes by the name of their account
 * @param now time for the status, in epoch ms
 * @param recorder records it
 * @param options `by`: name of the operator · `retryAt`: time from which the call may go
 */
export async function retryNow(
  accounts: ReadonlyMap<string, Pick<Outbox, 'retryNow' | 'status'>>,
  now: number,
  recorder: Recorder,
  { by, retryAt = now }: { by?: string | undefined; retryAt?: number | undefined } = {},
): Promise<RetryResult> {
  return recorder.record(
    { kind: 'retry', selector: {}, ...(by !== undefined && { by }) },
    () => retryAll(accounts, now, retryAt),
    ({ waiting }) => waiting,
  )
}

async function retryAll(
  accounts: ReadonlyMap<string, Pick<Outbox, 'retryNow' | 'status'>>,
  now: number,
  retryAt: number,
): Promise<RetryResult> {
  const each = await Promise.all(
    Array.from(accounts, async ([account, own]) => ({ account, ...(await retryAccount(account, own, now, retryAt)) })),
  )
  if (each.length === 1) {
    const { account: _, ...only } = each[0]!
    return only
  }
  return {
    waiting: each.reduce((sum, { waiting }) => sum + waiting, 0),
    quotaSpent: each.some(({ quotaSpent }) => quotaSpent),
    ownLimitMet: each.some(({ ownLimitMet }) => ownLimitMet),
    accounts: each,
  }
}

async function retryAccount(
  account: string,
  outbox: Pick<Outbox, 'retryNow' | 'status'>,
  now: number,
  retryAt: number,
): Promise<AccountRetry> {
  const { waiting, owed, breaker, day } = await outbox.status(now)
  await outbox.retryNow(retryAt)
  return {
    waiting,
    ...(owed !== undefined && { owedCookies: owed }),
    ...(breaker && { stopped: ofAccount({ reason: breaker.reason, blocked: breaker.blocked }, account) }),
    quotaSpent: day.quotaRetryAt !== undefined,
    ownLimitMet: day.spent >= callsOfLeads(day),
  }
}
