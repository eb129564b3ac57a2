/** The desk of relays that share a database: opened beside them. It takes nothing from any of them. */
import { createParkedLeads } from '../admin/parked-leads.ts'
import { OUTBOX_OPTIONS } from '../runtime/node/outbox-crypto.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/** Opens it. Throws, and never with the password, where it cannot be reached. */
export async function adminFromDatabase(url: string): Promise<OpenAdmin> {
  // Who has a folder never reads the driver.
  const { openPostgres } = await import('../runtime/node/postgres.ts')
  try {
    const { outbox, now, close } = await openPostgres(url, OUTBOX_OPTIONS)
    return {
      desk: createParkedLeads(outbox, now),
      soon: 'A relay that runs sends them within 2 seconds, else the next one that starts.',
      close,
    }
  } catch (cause) {
    throw new AdminError(1, (cause as Error).message, { cause })
  }
}
