/**
 * The heartbeat: a request to a monitor outside while the relay can store leads. A monitor that gets none any more knows of a
 * relay that is dead, which no alert can tell. The address is secret, and never logged as a whole.
 */
import type { Log } from './events.ts'
import { whyNotTaken } from './request-taken.ts'

export interface HeartbeatOptions {
  /** Address of the monitor. */
  url: string
  /** Returns whether a lead can be stored now. A failure means that none can. */
  isReady: () => Promise<boolean>
  fetch: (request: Request) => Promise<Response>
  log: Log
}

/** Sends one heartbeat, if the relay is ready. Never rejects. */
export async function sendHeartbeat({ url, isReady, fetch, log }: HeartbeatOptions): Promise<void> {
  const isDue = await isReady().catch(() => false)
  const reason = isDue ? await whyNotTaken(fetch, url) : 'no lead can be stored'
  if (reason !== undefined) log({ event: 'heartbeat-not-sent', where: new URL(url).host, reason })
}
