/**
 * Serves `GET /sim/events`, the live event stream. Stores no event.
 *
 * Checks the limits every second and sends them when they have changed, because calls leave the window of 20 seconds
 * without an event.
 */
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Marketo, SimulatorEnv } from '../marketo.ts'

const LIMITS_INTERVAL_MS = 1_000

export function eventStreamRoute({ events, limits, wait }: Marketo): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>()
  app.get('/sim/events', (c) =>
    streamSSE(c, async (stream) => {
      const closed = new AbortController()
      const stop = events.listen((event, data) => void stream.writeSSE({ event, data }))
      stream.onAbort(() => {
        stop()
        closed.abort()
      })

      let sent = ''
      while (!closed.signal.aborted) {
        const now = JSON.stringify(limits.view())
        if (now !== sent) await stream.writeSSE({ event: 'limits', data: now })
        sent = now
        await wait(LIMITS_INTERVAL_MS, closed.signal)
      }
    }),
  )
  return app
}
