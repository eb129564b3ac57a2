/** The options of the transports and of the SOAP client that this runtime provides: network, clock and log. */
import { logWorkingKey } from '../../monitoring/events.ts'
import { log } from './log.ts'

export const CALL_OPTIONS = {
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  now: Date.now,
  onKey: logWorkingKey(log),
}
