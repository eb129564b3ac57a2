/**
 * The alert state of one account in the row that the relays on one database share. The row has the issues of the account
 * without a name, and beside them those of the named accounts under `accounts`.
 */
import { FIRST_ACCOUNT } from '../../account-name.ts'
import type { AlertState, AlertStore } from '../../monitoring/alert-state.ts'

/** The row as text. `write` resolves with false if `before` is no longer stored. */
export interface SharedRow {
  read: () => Promise<string>
  write: (seen: string, before: string) => Promise<boolean>
}

type Stored = AlertState & { accounts?: Record<string, AlertState> }

/** Creates the alert state of an account. */
export function createAlertStore({ read, write }: SharedRow, account: string): AlertStore {
  return {
    read: async () => ownPart(JSON.parse(await read()) as Stored, account),
    async write(state, before) {
      for (;;) {
        const text = await read()
        const stored = JSON.parse(text) as Stored
        if (JSON.stringify(ownPart(stored, account)) !== JSON.stringify(before)) return false
        // Another account may have changed the row meanwhile: then this one reads it again.
        if (await write(JSON.stringify(withPart(stored, account, state)), text)) return true
      }
    },
  }
}

function ownPart({ accounts = {}, ...first }: Stored, account: string): AlertState {
  return account === FIRST_ACCOUNT ? first : (accounts[account] ?? {})
}

function withPart({ accounts, ...first }: Stored, account: string, state: AlertState): Stored {
  if (account === FIRST_ACCOUNT) return { ...state, ...(accounts && { accounts }) }
  return { ...first, accounts: { ...accounts, [account]: state } }
}
