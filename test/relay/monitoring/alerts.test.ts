import { describe, expect, it, vi } from 'vitest'
import { createDispatcher, type LogEvent, type OutboxStatus } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { createAlertMonitor, type Alert, type AlertMonitorOptions } from '../../../relay/monitoring/alerts.ts'
import { createLocalAlertStore, type AlertState, type SeenIssues } from '../../../relay/monitoring/alert-state.ts'
import { NOW } from '../../support/relay.ts'
import { BLOCKED, BREAKER, HOUR, MINUTE, OUTAGE, PARKED, SECOND, spent, statusWith } from './status.ts'
import { lead } from '../../suites/outbox/leads.ts'

/** Creates a monitor whose clock and outbox status are set by the test. */
function monitorUnderTest(more: Partial<AlertMonitorOptions> = {}) {
  const raised: Alert[] = []
  const events: LogEvent[] = []
  let status = statusWith()
  let now = NOW
  let reads = 0
  const monitor = createAlertMonitor({
    outbox: {
      async status() {
        reads += 1
        return status
      },
    },
    now: () => now,
    log: (event) => events.push(event),
    alert: (alert) => void raised.push(alert),
    ...more,
  })
  return {
    monitor,
    events,
    /** Returns the number of times that the monitor has read the status of the outbox. */
    reads: () => reads,
    raised,
    /** Returns the raised alerts as `kind change: count`. */
    alerts: () => raised.map(({ change, kind, count }) => `${kind} ${change}: ${count}`),
    /** Checks an outbox with these values, `after` milliseconds from the start of the test. */
    async check(after: number, values: Partial<OutboxStatus>) {
      now = NOW + after
      status = statusWith(values)
      await monitor.check()
    },
  }
}

describe('the alert monitor', () => {
  it('raises an alert when an issue starts and when it is resolved, and none in between', async () => {
    const { check, raised } = monitorUnderTest()

    await check(0, {})
    await check(10 * SECOND, BLOCKED)
    await check(20 * SECOND, BLOCKED)
    await check(70 * SECOND, {})
    await check(80 * SECOND, {})

    expect(raised).toEqual([
      {
        change: 'started',
        kind: 'blocked',
        count: 3,
        ageSeconds: 10,
        reason: '20014 Authentication failed',
        until: '2026-11-23T09:35:00.000Z',
        lastedSeconds: 0,
      },
      { change: 'resolved', kind: 'blocked', count: 3, reason: '20014 Authentication failed', lastedSeconds: 60 },
    ])
  })

  it('raises another alert when the count has doubled', async () => {
    const { check, alerts } = monitorUnderTest()

    for (const [at, parked] of [1, 1, 2, 3, 4, 7, 8].entries()) await check(at * MINUTE, { parked, parkedAt: NOW })

    expect(alerts()).toEqual(['parked started: 1', 'parked escalated: 2', 'parked escalated: 4', 'parked escalated: 8'])
  })

  it('raises another alert for each hour that an issue persists', async () => {
    const { check, alerts } = monitorUnderTest()

    for (const minutes of [0, 59, 60, 119, 120]) await check(minutes * MINUTE, PARKED)

    expect(alerts()).toEqual(['parked started: 2', 'parked ongoing: 2', 'parked ongoing: 2'])
  })

  it('raises another alert when the day’s calls are spent after a warning that they soon would be', async () => {
    const { check, alerts } = monitorUnderTest()

    await check(0, spent(4_000))
    await check(MINUTE, spent(4_999))
    await check(2 * MINUTE, spent(5_000))
    await check(3 * MINUTE, spent(5_000))

    expect(alerts()).toEqual(['budget started: 4000', 'budget escalated: 5000'])
  })

  it('raises one alert for a blocked account without waiting leads', async () => {
    const { check, alerts } = monitorUnderTest()

    for (const seconds of [0, 10, 20]) await check(seconds * SECOND, { breaker: BREAKER })

    expect(alerts()).toEqual(['blocked started: 0'])
  })

  it.each<[string, Partial<OutboxStatus>]>([
    ['a dropped connection', OUTAGE],
    ['the backlog after a replay', { waiting: 3, oldestAt: NOW - HOUR }],
  ])('raises no alert for an issue that clears by itself within a minute: %s', async (_, status) => {
    const { check, alerts } = monitorUnderTest()

    await check(0, status)
    await check(59 * SECOND, status)
    await check(70 * SECOND, {})
    await check(80 * SECOND, status)
    const before = alerts()
    await check(140 * SECOND, status)

    expect(before).toEqual([])
    expect(alerts()).toHaveLength(1)
  })

  it('raises separate alerts for two issues', async () => {
    const { check, alerts } = monitorUnderTest()

    await check(0, PARKED)
    await check(MINUTE, { ...PARKED, ...BLOCKED })
    await check(2 * MINUTE, BLOCKED)

    expect(alerts()).toEqual(['parked started: 2', 'blocked started: 3', 'parked resolved: 2'])
  })

  it('reads the status at most once in five seconds, unless the clock was set back', async () => {
    const { check, reads } = monitorUnderTest()

    for (const ms of [0, 1, 4_999, 5_000, 5_001, -HOUR]) await check(ms, {})

    expect(reads()).toBe(3)
  })

  it('logs its alerts by default', async () => {
    const events: LogEvent[] = []
    const monitor = createAlertMonitor({
      outbox: { status: async () => statusWith(PARKED) },
      now: () => NOW,
      log: (event) => events.push(event),
    })

    await monitor.check()

    expect(events).toEqual([
      { event: 'alert', change: 'started', kind: 'parked', count: 2, ageSeconds: 0, lastedSeconds: 0 },
    ])
  })

  it.each<[string, NonNullable<AlertMonitorOptions['alert']>]>([
    [
      'throws',
      () => {
        throw new Error('no such mailbox')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no such mailbox'))],
  ])('logs an error when the alert function %s', async (_, alert) => {
    const { check, events } = monitorUnderTest({ alert })

    await check(0, PARKED)

    await vi.waitFor(() => expect(events).toHaveLength(1), { interval: 1 })
    expect(events).toEqual([{ event: 'error', where: 'alert', reason: 'Error: no such mailbox' }])
  })

  it('does not wait for the alert function', async () => {
    const { check } = monitorUnderTest({ alert: () => new Promise(() => {}) })

    await expect(check(0, PARKED)).resolves.toBeUndefined()
  })

  it('repeats no alert after a restart when its store has survived', async () => {
    let stored: string | undefined
    const store = {
      read: () => (stored === undefined ? undefined : (JSON.parse(stored) as SeenIssues)),
      write: (seen: SeenIssues) => ((stored = JSON.stringify(seen)), true),
    }
    const first = monitorUnderTest({ store })
    await first.check(0, PARKED)

    const second = monitorUnderTest({ store })
    await second.check(10 * SECOND, PARKED)
    await second.check(MINUTE, { ...PARKED, parked: 4 })
    const third = monitorUnderTest({ store })
    await third.check(2 * MINUTE, {})

    expect([first.alerts(), second.alerts(), third.alerts()]).toEqual([
      ['parked started: 2'],
      ['parked escalated: 4'],
      ['parked resolved: 4'],
    ])
  })
})

describe('alert monitors that share a store', () => {
  /** Creates a store that behaves like a database: it accepts a write only if no other write came after the read. */
  function createSharedStore() {
    let stored = '{}'
    return {
      read: async () => JSON.parse(stored) as SeenIssues,
      async write(seen: SeenIssues, before: SeenIssues) {
        if (JSON.stringify(before) !== stored) return false
        stored = JSON.stringify(seen)
        return true
      },
    }
  }

  it('raise each alert once, in the monitor that sees the change first', async () => {
    const store = createSharedStore()
    const [one, other] = [monitorUnderTest({ store }), monitorUnderTest({ store })]

    await one.check(0, PARKED)
    await other.check(SECOND, PARKED)
    await other.check(10 * SECOND, { ...PARKED, parked: 4 })
    await one.check(11 * SECOND, { ...PARKED, parked: 4 })
    await one.check(MINUTE, {})
    await other.check(MINUTE, {})

    expect([one.alerts(), other.alerts()]).toEqual([
      ['parked started: 2', 'parked resolved: 4'],
      ['parked escalated: 4'],
    ])
  })

  it('raise each alert once when all check at the same moment', async () => {
    const store = createSharedStore()
    const monitors = Array.from({ length: 5 }, () => monitorUnderTest({ store }))

    for (const [at, status] of [PARKED, { ...PARKED, parked: 4 }, {}].entries()) {
      await Promise.all(monitors.map(({ check }) => check(at * 10 * SECOND, status)))
    }

    const raised = monitors.flatMap(({ alerts }) => alerts())
    expect(raised.toSorted()).toEqual(['parked escalated: 4', 'parked resolved: 4', 'parked started: 2'])
  })

  it('count the duration of an issue from the first monitor that has seen it', async () => {
    const store = createSharedStore()
    const [one, other] = [monitorUnderTest({ store }), monitorUnderTest({ store })]

    await one.check(0, OUTAGE)
    await other.check(MINUTE, OUTAGE)

    expect([one.alerts(), other.alerts()]).toEqual([[], ['outage started: 3']])
  })
})

describe('an alert monitor with webhooks', () => {
  it('stores an alert for each receiver together with what it has seen, and has it sent', async () => {
    const kept: { state?: AlertState } = {}
    const store = createLocalAlertStore({ get: () => kept.state, put: (state) => void (kept.state = state) })
    const sent: (AlertState | undefined)[] = []
    const webhooks = { receivers: 2, send: async () => void sent.push(kept.state) }
    const { check, monitor } = monitorUnderTest({ store, webhooks, account: 'labs' })

    await check(0, PARKED)

    const alert = { account: 'labs', change: 'started', kind: 'parked', count: 2, ageSeconds: 0, lastedSeconds: 0 }
    const unsent = { alert, at: NOW, attempts: 0, dueAt: NOW }
    expect(sent).toEqual([
      {
        parked: expect.anything(),
        unsent: [0, 1].map((to) => expect.objectContaining({ ...unsent, to }) as object),
      },
    ])
    // The attempts of the sender come with the checks.
    expect(monitor.nextCheckAt(undefined)).toBe(NOW + 5 * SECOND)
  })

  it('raises an alert with the next check when the list of unsent alerts was changed meanwhile', async () => {
    const store = createLocalAlertStore()
    const { check, alerts, monitor } = monitorUnderTest({
      store: {
        read: store.read,
        write: (state, before) => (alerts().length === 0 && monitorHasToWait ? false : store.write(state, before)),
      },
    })
    let monitorHasToWait = true

    await check(0, PARKED)
    expect(alerts()).toEqual([])
    expect(monitor.nextCheckAt(undefined)).toBe(NOW + 5 * SECOND)

    monitorHasToWait = false
    await check(5 * SECOND, PARKED)
    expect(alerts()).toEqual(['parked started: 2'])
  })
})

describe('the time of the next check', () => {
  it.each<[string, Partial<OutboxStatus>, number | undefined]>([
    ['is undefined without issues', {}, undefined],
    ['is when a lead will have waited for five minutes', { waiting: 1, oldestAt: NOW - MINUTE }, 4 * MINUTE],
    ['is a minute after an outage has started', OUTAGE, MINUTE],
    ['is an hour after the last alert', PARKED, HOUR],
  ])('%s', async (_, status, wakes) => {
    const { check, monitor } = monitorUnderTest()

    await check(0, status)

    expect(monitor.nextCheckAt(undefined)).toBe(wakes === undefined ? undefined : NOW + wakes)
  })

  it('is five seconds after the last check when another check came too soon', async () => {
    const { check, monitor, alerts } = monitorUnderTest()

    await check(0, {})
    await check(SECOND, PARKED)
    const wakes = monitor.nextCheckAt(undefined)
    await check(5 * SECOND, PARKED)

    expect(wakes).toBe(NOW + 5 * SECOND)
    expect(alerts()).toEqual(['parked started: 2'])
  })

  it('is never later than the given time', async () => {
    const { check, monitor } = monitorUnderTest()

    await check(0, PARKED)

    expect(monitor.nextCheckAt(NOW + SECOND)).toBe(NOW + SECOND)
  })
})

describe('the dispatcher', () => {
  it('has the monitor check the outbox after it has settled a lead', async () => {
    const outbox = createMemoryOutbox()
    const events: LogEvent[] = []
    let now = NOW
    const log = (event: LogEvent) => {
      events.push(event)
      now += MINUTE
    }
    const dispatcher = createDispatcher({
      outbox,
      transport: {
        probe: async () => false,
        associate: async () => ({ kind: 'park', reason: '20110 Bad Parameter' }),
        deliver: async () => [{ kind: 'park', reason: '20110 Bad Parameter' }],
      },
      now: () => now,
      random: () => 1,
      wakeAt: () => {},
      log,
      monitor: createAlertMonitor({ outbox, now: () => now, log }),
    })
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()

    await vi.waitFor(() => expect(events.map(({ event }) => event)).toEqual(['parked', 'alert']), { interval: 1 })
  })
})
