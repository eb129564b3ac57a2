/** Makes the admin service of the accounts that a folder or a database holds, or of one of them. */
import { createAuditLog, createRecorder } from '../admin/audit-log.ts'
import { retryNow } from '../admin/retry-now.ts'
import { exportLeads } from '../admin/export-leads.ts'
import { createLeadDetails } from '../admin/lead-details.ts'
import { readiness } from '../http/readiness.ts'
import { createParkedLeads } from '../admin/parked-leads.ts'
import { createHeldLeads } from '../admin/held-leads.ts'
import { createFormHolds } from '../admin/form-holds.ts'
import { createPersons } from '../admin/persons.ts'
import { createWaitingLeads } from '../admin/waiting-leads.ts'
import type { SettingsByForm } from '../intake/form-settings.ts'
import { FIRST_ACCOUNT } from '../account-name.ts'
import { createAccountsOutbox } from '../outbox/accounts.ts'
import type { SharedOutbox } from '../outbox/sharding.ts'
import { ownName } from './own-name.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/** How the service reaches the accounts. */
export interface StoredAccounts {
  /** Names of the accounts in the store. */
  names: readonly string[]
  open: (account: string) => SharedOutbox | Promise<SharedOutbox>
  /** Returns epoch milliseconds. */
  now: () => number
  /** Time from which a call may go at once, in epoch ms. `now` by default. */
  retryAt?: number
  /** Today's settings of the forms, for leads that are replayed. */
  forms: SettingsByForm
}

/**
 * Opens the service.
 *
 * @param only name of the account to which it is restricted; all by default
 * @throws {AdminError} if the store has no such account
 */
export async function adminOfAccounts(
  { names, open, now, retryAt, forms }: StoredAccounts,
  only: string | undefined,
): Promise<Omit<OpenAdmin, 'deliveryNote' | 'remainsNote' | 'close'>> {
  if (only !== undefined && !names.includes(only)) {
    throw new AdminError(2, `--account must be one of ${names.join(', ')}`)
  }
  // The account without a name comes first.
  const selected = names
    .filter((name) => only === undefined || name === only)
    .toSorted((a, b) => Number(b === FIRST_ACCOUNT) - Number(a === FIRST_ACCOUNT))
  const accounts = new Map<string, SharedOutbox>()
  for (const name of selected) accounts.set(name, await open(name))
  const all = createAccountsOutbox(accounts, () => '')
  // One audit log for all accounts.
  const acts = accounts.get(FIRST_ACCOUNT) ?? (await open(FIRST_ACCOUNT))
  const recorder = createRecorder(acts, { by: ownName(), via: 'command', account: only }, now)
  return {
    auditLog: createAuditLog(acts),
    leadDetails: createLeadDetails(all),
    async status() {
      const each = Array.from(accounts, async ([name, own]) => [name, await own.status(now())] as const)
      return readiness(new Map(await Promise.all(each)), now())
    },
    parkedLeads: createParkedLeads(all, now, recorder, forms),
    heldLeads: createHeldLeads(all, now),
    waitingLeads: createWaitingLeads(all, now, recorder),
    formHolds: createFormHolds(all, now, recorder),
    persons: createPersons(all, now, recorder),
    retryNow: () => retryNow(accounts, now(), recorder, { retryAt }),
    exportLeads: (states) => exportLeads(all, states),
  }
}
