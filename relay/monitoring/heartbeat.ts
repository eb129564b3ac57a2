/**
 * The heartbeat: a request to a monitor outside while the relay can store leads. A monitor that gets none any more knows of a
 * relay that is dead, which no alert can tell. The address is secret, and never logged as a whole.
 */
import type { Log } from './events.ts'

export interface HeartbeatOptions {
  /** Address of the monitor. */
  url: string
  /** Returns whether a lead can be stored now. A failure means that none can. */
  isReady: () => Promise<boolean>
  fetch: (request: Request) => Promise<Response>
  log: Log
}

/** Maximum time for a request, in ms. */
const TIMEOUT_MS = 10_000

/** Sends one heartbeat, if the relay is ready. Never rejects. */
export async function sendHeartbeat({ url, isReady, fetch, log }: HeartbeatOptions): Promise<void> {
  const notSent = (reason: string) => log({ event: 'heartbeat-not-sent', where: new URL(url).host, reason })
  try {
    if (!(await isReady().catch(() => false))) return notSent('no lead can be stored')
    const response = await fetch(new Request(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }))
    await response.body?.cancel()
    if (!response.ok) notSent(`status ${response.status}`)
  } catch (error) {
    notSent(error instanceof Error && error.name === 'TimeoutError' ? 'no reply within 10 s' : 'no connection')
  }
}
