/**
 * Where the operator's commands find the desk: at a relay, by HTTP, in the folder of a relay on this machine, or in the
 * database that several share.
 *
 * A further way is one more line in `openDesk`, and a file beside this one.
 */
import { adminFromDatabase } from './admin-from-database.ts'
import { adminFromFolder } from './admin-from-folder.ts'
import { adminOverHttp } from './admin-over-http.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

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
 * @throws {AdminError} when they name none, or it can't be used
 */
export function openAdmin(
  { relay, data }: { relay?: string | undefined; data?: string | undefined },
  env: NodeJS.ProcessEnv,
): OpenAdmin | Promise<OpenAdmin> {
  if (relay !== undefined && data !== undefined) throw new AdminError(2, 'name --relay or --data, not both')
  if (relay !== undefined) return adminOverHttp(relay, env.FORM_SYNC_CONSOLE_TOKEN)
  if (data === undefined && env.FORM_SYNC_DATABASE) return adminFromDatabase(env.FORM_SYNC_DATABASE)
  return adminFromFolder(data ?? (env.FORM_SYNC_DATA || 'data'))
}

/** Runs what a command does at the desk. Resolves with its exit code; what stood in the way is told on stderr. */
export async function withAdmin(
  command: string,
  open: () => OpenAdmin | Promise<OpenAdmin>,
  work: (desk: OpenAdmin) => Promise<number>,
): Promise<number> {
  let opened: OpenAdmin | undefined
  try {
    opened = await open()
    return await work(opened)
  } catch (error) {
    console.error(`form-sync ${command}: ${(error as Error).message}`)
    return error instanceof AdminError ? error.code : 1
  } finally {
    await opened?.close()
  }
}
