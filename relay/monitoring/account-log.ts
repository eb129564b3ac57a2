/**
 * Names the account in events and health issues. Those of the account without a name stay as they are; those of a named
 * one carry its name, and its variables in their reason.
 */
import { FIRST_ACCOUNT, nameVariables } from '../account-name.ts'
import type { Log } from './events.ts'

/** Returns a log for what concerns one account. */
export function accountLog(log: Log, account: string): Log {
  return account === FIRST_ACCOUNT ? log : (event) => log(ofAccount(event, account))
}

/** Returns an event or an issue of an account, with its name. */
export function ofAccount<T extends object>(each: T, account: string): T {
  if (account === FIRST_ACCOUNT) return each
  const { reason, works } = each as { reason?: string; works?: string }
  return {
    ...each,
    account,
    ...(reason !== undefined && { reason: nameVariables(account, reason) }),
    ...(works !== undefined && { works: nameVariables(account, works) }),
  }
}
