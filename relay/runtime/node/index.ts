/**
 * The entry `form-sync/relay/node`: the relay on Node, with its HTTP server and its store, for a program of your own.
 *
 * @example
 * ```ts
 * const relay = await serve({ env: process.env, forms: 'forms.json', data: 'data', port: 8787 })
 * process.once('SIGTERM', () => void relay.close())
 * ```
 */

import { OUTBOX_OPTIONS } from './outbox-crypto.ts'
import type { Postgres, PostgresOptions } from './postgres.ts'
import { withDriver } from './with-driver.ts'

/** Error of a configuration that is wrong; its message lists every issue. */
export { ConfigError, type Environment } from '../../config/config.ts'
/** Events for the operator's log. */
export type { Log, LogEvent } from '../../monitoring/events.ts'
/** Starts the relay. */
export { serve, type ServeOptions, type Serving } from './serve.ts'

export type { Postgres }

/**
 * Opens the outbox that several relays share in a PostgreSQL database, for a program that runs the app and the dispatcher
 * itself.
 *
 * @param url address of the database, as in `FORM_SYNC_DATABASE`
 * @throws if the database cannot be used or the package `pg` is not installed; the message says what to do
 */
export async function openPostgres(url: string, options: Omit<PostgresOptions, 'crypto'>): Promise<Postgres> {
  const postgres = await withDriver(() => import('./postgres.ts'))
  return postgres.openPostgres(url, { ...options, crypto: OUTBOX_OPTIONS.crypto })
}
