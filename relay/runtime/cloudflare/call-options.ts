/** The options of the transports and of the SOAP client that this runtime provides: network, clock and log. */
import { logWorkingKey, type Log } from '../../monitoring/events.ts'

/** Returns the options of an account with this log. */
export function callOptions(log: Log) {
  return { fetch: (url: string, init: RequestInit) => fetch(url, init), now: Date.now, onKey: logWorkingKey(log) }
}
