/**
 * The outboxes of several accounts as one, for callers that add and ask: each lead is stored in the outbox of its form's
 * account. Each account delivers by itself.
 */
import { FIRST_ACCOUNT } from '../account-name.ts'
import type { JobRecord } from './outbox.ts'
import { createShardedOutbox, type SharedOutbox } from './sharding.ts'

/**
 * Creates one outbox over those of several accounts. Records of a named account carry its name. A call slot is that of the
 * first account.
 *
 * @param accounts outboxes by the name of their account
 * @param accountOf returns the account of a form
 */
export function createAccountsOutbox(
  accounts: ReadonlyMap<string, SharedOutbox>,
  accountOf: (form: string) => string,
): SharedOutbox {
  const names = [...accounts.keys()]
  const outboxes = Array.from(accounts, ([name, outbox]) => withAccount(name, outbox))
  return createShardedOutbox(
    outboxes,
    () => 0,
    ({ form }) => names.indexOf(accountOf(form)),
  )
}

/** Returns the outbox with the name of its account on each record. */
function withAccount(account: string, outbox: SharedOutbox): SharedOutbox {
  if (account === FIRST_ACCOUNT) return outbox
  const name = (record: JobRecord) => ({ ...record, account })
  return {
    ...outbox,
    async find(id) {
      const found = await outbox.find(id)
      return found && name(found)
    },
    async findPerson(person, limit, after) {
      const page = await outbox.findPerson(person, limit, after)
      return { ...page, rows: page.rows.map((row) => ({ ...row, account })) }
    },
    list: async (state, limit, after) => (await outbox.list(state, limit, after)).map(name),
  }
}
