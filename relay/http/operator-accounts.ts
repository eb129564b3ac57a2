/** The accounts of a relay as its operator selects them: one by its name, or all. */
import type { SharedOutbox } from '../outbox/sharding.ts'

/** Outboxes by the name of their account; `default` is that of the account without a name. */
export type OperatorAccounts = ReadonlyMap<string, SharedOutbox>

/** Returns all accounts, or that of this name; undefined when there is none of this name. */
export function selectAccounts(accounts: OperatorAccounts, name: string | undefined): OperatorAccounts | undefined {
  if (name === undefined) return accounts
  const own = accounts.get(name)
  return own && new Map([[name, own]])
}
