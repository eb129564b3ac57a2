import { expect, it } from 'vitest'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import { sendHeartbeat } from '../../../relay/monitoring/heartbeat.ts'
import { startAlertReceiver } from '../../support/alert-receiver.ts'

/** Sends one heartbeat, and returns the events. */
async function beat(url: string, isReady: () => Promise<boolean> = async () => true) {
  const events: LogEvent[] = []
  await sendHeartbeat({ url, isReady, fetch, log: (event) => events.push(event) })
  return events
}

it('a heartbeat is a request to the monitor, and no event', async () => {
  const monitor = await startAlertReceiver()

  expect(await beat(monitor.url)).toEqual([])
  expect(monitor.received).toHaveLength(1)
})

it.each([
  ['no lead can be stored', async () => false],
  ['nobody can say whether a lead can be stored', async () => Promise.reject(new Error('no database'))],
])('no heartbeat is sent while %s', async (_, isReady) => {
  const monitor = await startAlertReceiver()

  expect(await beat(monitor.url, isReady)).toEqual([
    { event: 'heartbeat-not-sent', where: monitor.host, reason: 'no lead can be stored' },
  ])
  expect(monitor.received).toEqual([])
})

it('a monitor that refuses or is gone is an event without its address', async () => {
  const monitor = await startAlertReceiver()
  monitor.reply(404)
  const refused = await beat(monitor.url)
  await monitor.stop()

  expect([...refused, ...(await beat(monitor.url))]).toEqual([
    { event: 'heartbeat-not-sent', where: monitor.host, reason: 'status 404' },
    { event: 'heartbeat-not-sent', where: monitor.host, reason: 'no connection' },
  ])
})
