/**
 * `GET /sim/events`: what happens, as it happens. The limits are sent at once and then whenever they have changed, at
 * most once a second: calls leave the window of 20 seconds without anything else happening.
 */
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Carried, Marketo } from '../marketo.ts'

const LIMITS_EVERY = 1_000

export function streamRoute({ events, limits, wait }: Marketo): Hono<Carried> {
  const app = new Hono<Carried>()
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
        await wait(LIMITS_EVERY, closed.signal)
      }
    }),
  )
  return app
}
