import { expect, it } from 'vitest'
import {
  createLocalAlertStore,
  MAX_UNSENT,
  withUnsent,
  type AlertState,
} from '../../../relay/monitoring/alert-state.ts'
import type { Alert } from '../../../relay/monitoring/alerts.ts'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import { sendAlerts } from '../../../relay/monitoring/send-alerts.ts'
import { startAlertReceiver } from '../../support/alert-receiver.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const PARKED: Alert = { change: 'started', kind: 'parked', count: 2, lastedSeconds: 0 }

/** Sends the alerts of one store to these receivers, at times that the test sets. */
function senderUnderTest(urls: string[], more: { secrets?: Uint8Array<ArrayBuffer>[] } = {}) {
  const kept: { state?: AlertState } = {}
  const store = createLocalAlertStore({ get: () => kept.state, put: (state) => void (kept.state = state) })
  const events: LogEvent[] = []
  return {
    kept,
    store,
    events,
    raise: (alerts: Alert[], at = NOW) =>
      void (kept.state = { ...kept.state, unsent: withUnsent(kept.state?.unsent ?? [], alerts, urls.length, at) }),
    send: (at = NOW, fetch: (request: Request) => Promise<Response> = globalThis.fetch) =>
      sendAlerts({ urls, secrets: [], ...more, store, fetch, now: () => at, log: (event) => events.push(event) }),
  }
}

it('posts an alert to each receiver, signed, and stores it no more', async () => {
  const receivers = await Promise.all([startAlertReceiver(), startAlertReceiver()])
  const { raise, send, kept, events } = senderUnderTest(
    receivers.map(({ url }) => url),
    { secrets: [new Uint8Array(24)] },
  )
  raise([PARKED])

  await send()

  for (const { received, host } of receivers) {
    expect(received).toHaveLength(1)
    const { headers, body } = received[0]!
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-timestamp': String(NOW / SECOND),
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z\d+/]{43}=$/),
    })
    expect(JSON.parse(body)).toMatchObject({ type: 'alert.started', data: PARKED })
    expect(events).toContainEqual({ event: 'alert-sent', kind: 'parked', change: 'started', where: host, attempt: 1 })
  }
  expect(kept.state).toEqual({})
})

it.each([
  ['a status that is no success', 500, 'status 500'],
  ['a redirect, which is not followed', 307, 'status 307'],
] as const)(
  'keeps an alert after %s, and sends it again with the same id after longer and longer pauses',
  async (_, status, reason) => {
    const receiver = await startAlertReceiver()
    const { raise, send, events, kept } = senderUnderTest([receiver.url])
    raise([PARKED])
    receiver.reply(status)

    const pauses = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 10 * MINUTE]
    let at = NOW
    for (const pause of pauses) {
      await send(at)
      await send(at + pause - 1)
      at += pause
    }
    receiver.reply(204)
    await send(at)

    expect(receiver.received).toHaveLength(pauses.length + 1)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(events.filter(({ event }) => event === 'alert-not-sent')).toHaveLength(pauses.length)
    expect(events[0]).toMatchObject({ event: 'alert-not-sent', where: receiver.host, attempt: 1, reason })
    expect(kept.state).toEqual({})
  },
)

it('delivers an alert within ten minutes after its receiver was down for an hour', async () => {
  const receiver = await startAlertReceiver()
  const { raise, send, kept } = senderUnderTest([receiver.url])
  raise([PARKED])
  const down = () => Promise.reject(new TypeError('fetch failed'))
  for (let at = NOW; at < NOW + HOUR; at += 5 * SECOND) await send(at, down)

  for (let at = NOW + HOUR; at <= NOW + HOUR + 10 * MINUTE; at += 5 * SECOND) await send(at)

  expect(receiver.received).toHaveLength(1)
  expect(kept.state).toEqual({})
})

it('never writes an address to the log, which may be secret', async () => {
  const receiver = await startAlertReceiver()
  const { raise, send, events } = senderUnderTest([receiver.url])
  raise([PARKED])
  await receiver.stop()
  await send()

  expect(events).toEqual([
    {
      event: 'alert-not-sent',
      kind: 'parked',
      change: 'started',
      where: receiver.host,
      attempt: 1,
      reason: 'no connection',
    },
  ])
})

it('sends each alert once when several relays with one store send at the same moment', async () => {
  const receiver = await startAlertReceiver()
  const { raise, send } = senderUnderTest([receiver.url])
  raise([PARKED, { ...PARKED, kind: 'backlog' }])

  await Promise.all(Array.from({ length: 5 }, () => send()))

  expect(receiver.received.map(({ body }) => (JSON.parse(body) as { data: Alert }).data.kind).toSorted()).toEqual([
    'backlog',
    'parked',
  ])
})

it('gives up alerts that are a day old, that are too many, or whose receiver is configured no more, and says so', async () => {
  const receiver = await startAlertReceiver()
  const { raise, send, events, kept } = senderUnderTest([receiver.url])
  raise([PARKED], NOW - 24 * HOUR)
  raise(Array.from({ length: MAX_UNSENT + 2 }, (_, count) => ({ ...PARKED, kind: 'backlog' as const, count })))
  kept.state!.unsent = kept.state!.unsent!.map((unsent, n) => ({ ...unsent, id: `alert_${n}` }))
  kept.state!.unsent.push({ ...kept.state!.unsent[1]!, id: 'alert_gone', to: 1 })

  await send()

  expect(receiver.received).toHaveLength(MAX_UNSENT)
  expect(events.filter(({ event }) => event === 'alert-given-up')).toHaveLength(4)
  expect(kept.state).toEqual({})
})

it('logs that the store does not answer, and rejects not', async () => {
  const { events } = senderUnderTest([])
  const broken = () => Promise.reject(new Error('no database'))
  const log = (event: LogEvent) => events.push(event)
  const store = { read: broken, write: broken }

  await sendAlerts({ urls: ['http://127.0.0.1:9/'], secrets: [], store, fetch, now: () => NOW, log })

  expect(events).toEqual([{ event: 'error', where: 'alerts', reason: 'Error: no database' }])
})
