/**
 * The transport of an object's account, whose code is loaded with the first call to Marketo: an object that only stores
 * leads starts without it.
 */
import type { Account } from '../../config/account.ts'
import { HAS_REST, HAS_SOAP } from '../../config/transports.ts'
import type { Transport, Verdict } from '../../delivery/transport.ts'
import { nameOf } from '../../marketo/http-failure.ts'
import type { TransportOptions } from '../../marketo/transport.ts'

/** What a dispatcher needs of a transport. */
type Calls = Pick<Transport, 'deliver' | 'associate' | 'probe'>

/**
 * Loads the transport of an account.
 *
 * @throws {TypeError} when the endpoint is not a URL, or the build does not have the transport
 */
export async function loadTransport(account: Account, options: TransportOptions): Promise<Transport> {
  if (HAS_REST && account.transport === 'rest') {
    const { createRestTransport } = await import('./rest-transport.ts')
    return createRestTransport({ ...account, ...options })
  }
  if (HAS_SOAP && account.transport !== 'rest') {
    const { createSoapTransport } = await import('./soap-transport.ts')
    return createSoapTransport({ ...account, ...options })
  }
  throw new TypeError('this build does not have the transport of the account')
}

/**
 * Returns a transport that is loaded with its first call, and once. While it cannot be loaded, each attempt fails as one
 * of which nothing was sent, and the next one tries again. The module is part of the deployment, so loading takes none of
 * the time that a call has.
 */
export function lazyTransport(load: () => Promise<Calls>): Calls {
  let loading: Promise<Calls> | undefined
  const calls = () =>
    (loading ??= load()).catch((error: unknown) => {
      loading = undefined
      return notLoaded(error)
    })
  return {
    deliver: async (leads, context) => (await calls()).deliver(leads, context),
    associate: async (owed) => (await calls()).associate(owed),
    probe: async (timeout) => (await calls()).probe(timeout),
  }
}

/** Returns the transport that stands in for one that could not be loaded. */
function notLoaded(error: unknown): Calls {
  const reason = `the transport could not be loaded (${nameOf(error)})`
  const verdict: Verdict = { kind: 'failed', reason, fault: 'account', arrived: 'no' }
  return {
    deliver: async (leads) => leads.map(() => verdict),
    associate: async () => verdict,
    probe: async () => false,
  }
}
