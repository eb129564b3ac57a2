/** The desk of relays that share a database: opened beside them. It takes nothing from any of them. */
import { createDesk } from '../desk.ts'
import { DeskError, type OpenDesk } from './open-desk.ts'

/** Opens it. Throws, and never with the password, where it cannot be reached. */
export async function deskOfDatabase(url: string): Promise<OpenDesk> {
  // Who has a folder never reads the driver.
  const { openPostgres } = await import('../platform/node-postgres.ts')
  try {
    const { outbox, now, close } = await openPostgres(url)
    return {
      desk: createDesk(outbox, now),
      soon: 'A relay that runs sends them within 2 seconds, else the next one that starts.',
      close,
    }
  } catch (cause) {
    throw new DeskError(1, (cause as Error).message, { cause })
  }
}
