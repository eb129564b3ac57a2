/**
 * Opens the admin service for a command: of a relay at a URL, of a relay's folder on this machine, or of the database that
 * several relays share.
 *
 * A further source is one more line in `openAdmin`, and a file beside this one.
 */
import { readAccountSettings } from '../config/config.ts'
import { adminFromDatabase } from './admin-from-database.ts'
import { adminFromFolder } from './admin-from-folder.ts'
import { adminOverHttp } from './admin-over-http.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'
import { dataKeysFrom } from './data-keys.ts'
import type { SettingsByForm } from '../intake/form-settings.ts'

/** Options that select the store of all accounts. */
export const STORE_OPTIONS = { relay: { type: 'string' }, data: { type: 'string' } } as const

/** Options that select the source. */
export const SOURCE_OPTIONS = {
  ...STORE_OPTIONS,
  account: { type: 'string' },
} as const

/** Values of `SOURCE_OPTIONS`. */
export interface Source {
  relay?: string | undefined
  data?: string | undefined
  account?: string | undefined
}

/** Returns the options of a source as they are typed, for a command that may follow. */
export function typedSource(source: Source): string[] {
  return Object.entries(source).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]))
}

export const STORE_HELP = `Source of the leads:
  --relay <url>         A relay, such as https://forms.acme.example. Its token
                        must be in FORM_SYNC_CONSOLE_TOKEN.
  --data <folder>       The folder of a relay on this machine, running or not
  Default: the database FORM_SYNC_DATABASE if it is set, otherwise the folder
  FORM_SYNC_DATA, otherwise ./data. Encrypted leads need FORM_SYNC_DATA_KEY`

export const SOURCE_HELP = `${STORE_HELP}
  --account <name>      Only the leads of this Marketo account; default is that
                        without a name. Without it: those of all accounts`

/**
 * Opens the admin service that the options select.
 *
 * @param readForms returns today's settings of the forms, for a replay; a relay at a URL uses its own
 * @throws {AdminError} if they select none, or one that cannot be used
 */
export function openAdmin(
  { relay, data, account }: Source,
  env: NodeJS.ProcessEnv,
  readForms: () => SettingsByForm = () => ({}),
): OpenAdmin | Promise<OpenAdmin> {
  if (relay !== undefined && data !== undefined) throw new AdminError(2, 'use either --relay or --data, not both')
  if (relay !== undefined) return adminOverHttp(relay, env.FORM_SYNC_CONSOLE_TOKEN, account)
  const limitsOf = (name: string) => readAccountSettings(env, name, () => {}).limits
  const store = { forms: readForms(), limitsOf, account, dataKeys: dataKeysFrom(env) }
  if (data === undefined && env.FORM_SYNC_DATABASE) return adminFromDatabase(env.FORM_SYNC_DATABASE, store)
  return adminFromFolder(data ?? (env.FORM_SYNC_DATA || 'data'), store)
}

/** Opens the admin service, runs the work and closes it. Resolves with the exit code; errors are printed on stderr. */
export async function withAdmin(
  command: string,
  open: () => OpenAdmin | Promise<OpenAdmin>,
  work: (admin: OpenAdmin) => Promise<number>,
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
