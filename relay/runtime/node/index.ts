/**
 * The entry `form-sync/relay/node`: the relay on Node, with its HTTP server and its store, for a program of your own.
 *
 * @example
 * ```ts
 * const relay = await serve({ env: process.env, forms: 'forms.json', data: 'data', port: 8787 })
 * process.once('SIGTERM', () => void relay.close())
 * ```
 */

/** Error of a configuration that is wrong; its message lists every issue. */
export { ConfigError, type Environment } from '../../config/config.ts'
/** Events for the operator's log. */
export type { Log, LogEvent } from '../../monitoring/events.ts'
/** Starts the relay. */
export { serve, type ServeOptions, type Serving } from './serve.ts'
