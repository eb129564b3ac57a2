/**
 * Opens the admin service on the database that several relays share. It works beside them, takes no lock of theirs, and
 * never creates or upgrades tables.
 */
import { exportLeads } from '../admin/export-leads.ts'
import { retryNow } from '../admin/retry-now.ts'
import { createParkedLeads } from '../admin/parked-leads.ts'
import type { SettingsByForm } from '../intake/form-settings.ts'
import { batchKeysOf } from '../marketo/transport.ts'
import { OUTBOX_OPTIONS } from '../runtime/node/outbox-crypto.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/**
 * Opens the database.
 *
 * @param forms today's settings of the forms, for leads that are replayed
 * @throws {AdminError} if it cannot be reached. The message never contains the password.
 */
export async function adminFromDatabase(url: string, forms: SettingsByForm): Promise<OpenAdmin> {
  // Imported here, so that the PostgreSQL driver is loaded only when it is used.
  const { openPostgres } = await import('../runtime/node/postgres.ts')
  try {
    const { outbox, now, close } = await openPostgres(url, {
      ...OUTBOX_OPTIONS,
      batchKeys: batchKeysOf,
      upgrade: false,
    })
    return {
      parkedLeads: createParkedLeads(outbox, now, forms),
      retryNow: () => retryNow(outbox, now()),
      exportLeads: (states) => exportLeads(outbox, states),
      deliveryNote:
        'A running relay sends them within 2 seconds. If none is running, the next one to start sends them.',
      close,
    }
  } catch (cause) {
    throw new AdminError(1, (cause as Error).message, { cause })
  }
}
