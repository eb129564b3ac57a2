/**
 * Opens the admin service on the database that several relays share. It works beside them, takes no lock of theirs, and
 * never creates or upgrades tables.
 */
import { batchKeysOf } from '../marketo/transport.ts'
import { OUTBOX_OPTIONS } from '../runtime/node/outbox-crypto.ts'
import { FIRST_ACCOUNT } from '../account-name.ts'
import { LIMITS } from '../outbox/limits/limits.ts'
import { createMoveJob } from '../outbox/move-job.ts'
import { withDriver } from '../runtime/node/with-driver.ts'
import { AdminError, failureOf, type OpenAdmin, type StoreOptions } from './admin-source.ts'
import { adminOfAccounts } from './stored-accounts.ts'

/**
 * Opens the database.
 *
 * @throws {AdminError} if it cannot be reached. The message never contains the password.
 */
export async function adminFromDatabase(
  url: string,
  { forms, account, dataKeys, limitsOf = () => LIMITS }: StoreOptions,
): Promise<OpenAdmin> {
  // Imported here, so that the PostgreSQL driver is loaded only when it is used.
  const { openPostgres } = await withDriver(() => import('../runtime/node/postgres.ts'))
  let close: (() => Promise<void>) | undefined
  try {
    const transports = new Map<string, string>()
    const options = {
      ...OUTBOX_OPTIONS,
      dataKeys,
      batchKeys: batchKeysOf,
      moveJob: createMoveJob((name) => (transports.has(name) ? batchKeysOf(transports.get(name)) : undefined)),
      upgrade: false,
    }
    const first = await openPostgres(url, { ...options, limits: limitsOf(FIRST_ACCOUNT) })
    close = first.close
    for (const [name, transport] of await first.transports()) transports.set(name, transport)
    const open = async (name: string) =>
      name === FIRST_ACCOUNT
        ? first.outbox
        : (await first.openAccount({ ...options, limits: limitsOf(name), account: name })).outbox
    const accounts = { names: [...transports.keys()], open, now: first.now, forms }
    return {
      ...(await adminOfAccounts(accounts, account)),
      deliveryNote:
        'A running relay sends them within 2 seconds. If none is running, the next one to start sends them.',
      remainsNote:
        'The server keeps old versions of the rows until VACUUM; its write-ahead log, standbys and backups keep them longer.',
      close: first.close,
    }
  } catch (cause) {
    await close?.()
    if (cause instanceof AdminError) throw cause
    throw failureOf(cause)
  }
}
