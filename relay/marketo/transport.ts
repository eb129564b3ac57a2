/** Chooses the transport of an account. Both have the same port; only the credentials differ. */
import type { Account } from '../config/account.ts'
import { HAS_REST, HAS_SOAP } from '../config/transports.ts'
import type { Transport } from '../delivery/transport.ts'
import type { BatchKeys } from '../outbox/batch-planner.ts'
import { createRestTransport, REST_BATCH_KEYS } from './rest/transport.ts'
import { createSoapTransport, SOAP_BATCH_KEYS, type SoapOptions } from './soap/transport.ts'

/** What a transport needs from the runtime and the settings. `onKey` is of SOAP alone. */
export type TransportOptions = Pick<SoapOptions, 'fetch' | 'now' | 'onKey'> & { timeout: number }

/**
 * Creates the transport of an account.
 *
 * @throws {TypeError} when the endpoint is not a URL, or the build does not have the transport
 */
export function createTransport(account: Account, options: TransportOptions): Transport {
  if (HAS_REST && account.transport === 'rest') return createRestTransport({ ...account, ...options })
  if (HAS_SOAP && account.transport !== 'rest') return createSoapTransport({ ...account, ...options })
  throw new TypeError('this build does not have the transport of the account')
}

/** Returns a transport's rules for sharing calls, by its name. */
export function batchKeysOf(transport: string | undefined): BatchKeys {
  return transport === REST_BATCH_KEYS.name ? REST_BATCH_KEYS : SOAP_BATCH_KEYS
}
