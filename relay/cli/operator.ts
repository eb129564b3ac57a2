/**
 * Where the operator's commands find the desk: at a relay, by HTTP, in the folder of a relay on this machine, or in the
 * database that several share.
 *
 * A further way is one more line in `openDesk`, and a file beside this one.
 */
import { deskOfDatabase } from './desk-of-database.ts'
import { deskOfFolder } from './desk-of-folder.ts'
import { deskOfRelay } from './desk-of-relay.ts'
import { DeskError, type OpenDesk } from './open-desk.ts'

/** The options that say where. */
export const WHERE = { relay: { type: 'string' }, data: { type: 'string' } } as const

export const WHERE_HELP = `Where the leads are:
  --relay <address>     at a relay, such as https://forms.acme.example, whose
                        FORM_SYNC_CONSOLE_TOKEN is in the environment
  --data <folder>       in the folder of a relay on this machine, at work
                        or not
Without either: in the database FORM_SYNC_DATABASE, else in the folder
FORM_SYNC_DATA, else in ./data`

/**
 * Opens the desk that the options name.
 *
 * @throws {DeskError} when they name none, or it can't be used
 */
export function openDesk(
  { relay, data }: { relay?: string | undefined; data?: string | undefined },
  env: NodeJS.ProcessEnv,
): OpenDesk | Promise<OpenDesk> {
  if (relay !== undefined && data !== undefined) throw new DeskError(2, 'name --relay or --data, not both')
  if (relay !== undefined) return deskOfRelay(relay, env.FORM_SYNC_CONSOLE_TOKEN)
  if (data === undefined && env.FORM_SYNC_DATABASE) return deskOfDatabase(env.FORM_SYNC_DATABASE)
  return deskOfFolder(data ?? (env.FORM_SYNC_DATA || 'data'))
}

/** Runs what a command does at the desk. Resolves with its exit code; what stood in the way is told on stderr. */
export async function atDesk(
  command: string,
  open: () => OpenDesk | Promise<OpenDesk>,
  work: (desk: OpenDesk) => Promise<number>,
): Promise<number> {
  let opened: OpenDesk | undefined
  try {
    opened = await open()
    return await work(opened)
  } catch (error) {
    console.error(`form-sync ${command}: ${(error as Error).message}`)
    return error instanceof DeskError ? error.code : 1
  } finally {
    await opened?.close()
  }
}
