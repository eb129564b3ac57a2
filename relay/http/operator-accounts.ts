/** The accounts of a relay as its operator selects them: one by its name, or all. Also who the operator is. */
import type { Recorder } from '../admin/audit-log.ts'
import { createAccountsOutbox } from '../outbox/accounts.ts'
import type { SharedOutbox } from '../outbox/sharding.ts'

/** Outboxes by the name of their account; `default` is that of the account without a name. */
export type OperatorAccounts = ReadonlyMap<string, SharedOutbox>

/** What the routes that act need to know of the request. */
export interface OperatorRequest {
  accounts: OperatorAccounts
  /** Name of the operator, where their token has one: it is used in place of one that a request gives. */
  operatorName?: string | undefined
  /** Returns what records the acts of the request. `account` is the name of the account to which it is restricted. */
  recorderFor: (account?: string) => Recorder
}

/** Returns the name of an account in a body. What is not a text is the name of none. */
export function accountIn(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : ''
}

/** Returns the outbox of all accounts, or that of one; undefined when there is none of this name. */
export function selectOutbox(accounts: OperatorAccounts, name?: string): SharedOutbox | undefined {
  const selected = selectAccounts(accounts, name)
  return selected && createAccountsOutbox(selected, () => '')
}

/** Returns all accounts, or that of this name; undefined when there is none of this name. */
export function selectAccounts(accounts: OperatorAccounts, name: string | undefined): OperatorAccounts | undefined {
  if (name === undefined) return accounts
  const own = accounts.get(name)
  return own && new Map([[name, own]])
}
