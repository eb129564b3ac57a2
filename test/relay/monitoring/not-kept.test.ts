import { expect, it, vi } from 'vitest'
import type { AlertStore, UnsentAlert } from '../../../relay/monitoring/alert-state.ts'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import { createNotKept } from '../../../relay/monitoring/not-kept.ts'
import { NOW } from '../../support/relay.ts'

const MINUTE = 60_000

function notKeptUnderTest() {
  const events: LogEvent[] = []
  const sent: UnsentAlert[] = []
  let now = NOW
  const send = async (store: AlertStore) => void sent.push(...((await store.read())?.unsent ?? []))
  const notKept = createNotKept({
    now: () => now,
    log: (event) => events.push(event),
    webhooks: { receivers: 1, send },
  })
  const alerts = () =>
    events.map((event) => (event.event === 'alert' ? `${event.kind} ${event.change}: ${event.count}` : event.event))
  return { notKept, alerts, sent, at: (time: number) => void (now = NOW + time) }
}

it('a lead that could not be stored raises an alert at once, which is sent, and is over when one is stored', async () => {
  const { notKept, alerts, sent, at } = notKeptUnderTest()
  notKept.failed('Error: disk I/O error')
  await vi.waitFor(() => expect(alerts()).toEqual(['not-kept started: 1']))
  expect(notKept.issues()).toEqual([{ kind: 'not-kept', count: 1, ageSeconds: 0, reason: 'Error: disk I/O error' }])
  await vi.waitFor(() => expect(sent.map(({ alert }) => alert.kind)).toEqual(['not-kept']))

  at(6_000)
  notKept.failed('Error: disk I/O error')
  await vi.waitFor(() => expect(alerts()).toEqual(['not-kept started: 1', 'not-kept escalated: 2']))

  at(12_000)
  notKept.stored()
  await vi.waitFor(() => expect(alerts().at(-1)).toBe('not-kept resolved: 2'))
  expect(notKept.issues()).toEqual([])
})

it('ends when nobody has posted for ten minutes', async () => {
  const { notKept, alerts, at } = notKeptUnderTest()
  notKept.failed('Error: no database')
  await vi.waitFor(() => expect(alerts()).toHaveLength(1))

  at(10 * MINUTE - 1)
  expect(notKept.issues()).toHaveLength(1)
  at(10 * MINUTE)
  await notKept.check()

  expect(notKept.issues()).toEqual([])
  expect(alerts()).toEqual(['not-kept started: 1', 'not-kept resolved: 1'])
})
