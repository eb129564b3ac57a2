/** The options of the SOAP client and of the transport that this runtime provides. */
import type { SoapAccount } from '../../config/config.ts'
import { logWorkingKey } from '../../monitoring/events.ts'
import { log } from './log.ts'

/** Returns the account together with the runtime's network, clock and log. */
export function soapOptions(account: SoapAccount) {
  return {
    ...account,
    fetch: (url: string, init: RequestInit) => fetch(url, init),
    now: Date.now,
    onKey: logWorkingKey(log),
  }
}
