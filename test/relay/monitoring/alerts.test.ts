import { describe, expect, it, vi } from 'vitest'
import { createDispatcher, type Lead, type LogEvent, type OutboxStatus } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import {
  createAlertMonitor,
  healthIssues,
  type Alert,
  type SeenIssues,
  type AlertMonitorOptions,
} from '../../../relay/monitoring/alerts.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const MIDNIGHT = Date.UTC(2026, 10, 24, 6)

/** An outbox in which nothing is wrong, but for what is said. */
function standing(over: Partial<OutboxStatus> = {}): OutboxStatus {
  return { waiting: 0, parked: 0, delivered: 0, day: { spent: 0, of: 5_000, endsAt: MIDNIGHT }, ...over }
}

const HALT = { reason: '20014 Authentication failed', until: NOW + 5 * MINUTE, blocked: true }
const BLOCKED = { waiting: 3, oldestAt: NOW, halt: HALT }
const OUTAGE = { waiting: 3, oldestAt: NOW, halt: { ...HALT, reason: 'Marketo can’t be reached', blocked: false } }
const PARKED = { parked: 2, parkedAt: NOW }

function spent(calls: number): Pick<OutboxStatus, 'day'> {
  return { day: { spent: calls, of: 5_000, endsAt: MIDNIGHT } }
}

describe('what is wrong', () => {
  it('is nothing where leads come and go', () => {
    const busy = standing({ waiting: 900, oldestAt: NOW - 4 * MINUTE, delivered: 70_000, ...spent(3_999) })

    expect(healthIssues(busy, NOW)).toEqual([])
  })

  it.each<[string, Partial<OutboxStatus>, object]>([
    [
      'Marketo refuses the account',
      { waiting: 3, oldestAt: NOW - 90 * SECOND, breaker: HALT },
      {
        kind: 'blocked',
        count: 3,
        ageSeconds: 90,
        reason: '20014 Authentication failed',
        until: '2026-11-23T09:35:00.000Z',
      },
    ],
    [
      'nothing gets through for now',
      OUTAGE,
      {
        kind: 'outage',
        count: 3,
        ageSeconds: 0,
        reason: 'Marketo can’t be reached',
        until: '2026-11-23T09:35:00.000Z',
      },
    ],
    [
      'a lead waits for five minutes',
      { waiting: 12, oldestAt: NOW - 5 * MINUTE },
      { kind: 'backlog', count: 12, ageSeconds: 300 },
    ],
    [
      'leads are parked',
      { parked: 2, parkedAt: NOW - 2 * 24 * HOUR },
      { kind: 'parked', count: 2, ageSeconds: 172_800 },
    ],
    [
      'four fifths of the day’s calls are spent',
      spent(4_000),
      {
        kind: 'budget',
        count: 4_000,
        of: 5_000,
        reason: '80 % of the day’s calls are spent',
        until: '2026-11-24T06:00:00.000Z',
      },
    ],
    [
      'the day’s calls are spent',
      spent(5_000),
      {
        kind: 'budget',
        count: 5_000,
        of: 5_000,
        reason: 'the day’s calls are spent',
        until: '2026-11-24T06:00:00.000Z',
      },
    ],
  ])('is told with numbers, ages and the reason: %s', (_, status, issue) => {
    expect(healthIssues(standing(status), NOW)).toEqual([issue])
  })

  it.each([
    ['blocked', HALT, 5_000, ['blocked', 'budget', 'backlog', 'parked']],
    ['outage', { ...HALT, blocked: false }, 5_000, ['budget', 'outage', 'backlog', 'parked']],
    ['with calls left', { ...HALT, blocked: false }, 4_500, ['outage', 'backlog', 'parked', 'budget']],
  ])('is told with the worst first: %s', (_, halt, calls, kinds) => {
    const status = standing({ waiting: 1, oldestAt: NOW - HOUR, ...PARKED, breaker: halt, ...spent(calls) })

    expect(healthIssues(status, NOW).map(({ kind }) => kind)).toEqual(kinds)
  })
})

/** A watch whose outbox and clock stand as the test says. */
function watchUnderTest(more: Partial<AlertMonitorOptions> = {}) {
  const alerts: Alert[] = []
  const events: LogEvent[] = []
  let status = standing()
  let now = NOW
  let asked = 0
  const watch = createAlertMonitor({
    outbox: {
      async status() {
        asked += 1
        return status
      },
    },
    now: () => now,
    log: (event) => events.push(event),
    alert: (alert) => void alerts.push(alert),
    ...more,
  })
  return {
    watch,
    events,
    asked: () => asked,
    alerts: () => alerts.map(({ change, kind, count }) => `${kind} ${change}: ${count}`),
    told: alerts,
    /** Looks so long after the beginning at an outbox that stands so. */
    async see(after: number, over: Partial<OutboxStatus>) {
      now = NOW + after
      status = standing(over)
      await watch.look()
    },
  }
}

describe('the watch', () => {
  it('tells a issue when it begins and when it is over, and not in between', async () => {
    const { see, told } = watchUnderTest()

    await see(0, {})
    await see(10 * SECOND, BLOCKED)
    await see(20 * SECOND, BLOCKED)
    await see(70 * SECOND, {})
    await see(80 * SECOND, {})

    expect(told).toEqual([
      {
        change: 'began',
        kind: 'blocked',
        count: 3,
        ageSeconds: 10,
        reason: '20014 Authentication failed',
        until: '2026-11-23T09:35:00.000Z',
        lastedSeconds: 0,
      },
      { change: 'ended', kind: 'blocked', count: 3, reason: '20014 Authentication failed', lastedSeconds: 60 },
    ])
  })

  it('tells it again when it has doubled', async () => {
    const { see, alerts } = watchUnderTest()

    for (const [at, parked] of [1, 1, 2, 3, 4, 7, 8].entries()) await see(at * MINUTE, { parked, parkedAt: NOW })

    expect(alerts()).toEqual(['parked began: 1', 'parked grew: 2', 'parked grew: 4', 'parked grew: 8'])
  })

  it('tells it again when an hour has passed', async () => {
    const { see, alerts } = watchUnderTest()

    for (const minutes of [0, 59, 60, 119, 120]) await see(minutes * MINUTE, PARKED)

    expect(alerts()).toEqual(['parked began: 2', 'parked lasts: 2', 'parked lasts: 2'])
  })

  it('tells that the day’s calls are spent, though it told that they soon would be', async () => {
    const { see, alerts } = watchUnderTest()

    await see(0, spent(4_000))
    await see(MINUTE, spent(4_999))
    await see(2 * MINUTE, spent(5_000))
    await see(3 * MINUTE, spent(5_000))

    expect(alerts()).toEqual(['budget began: 4000', 'budget grew: 5000'])
  })

  it('is not troubled by a lead that was blocked while none waits', async () => {
    const { see, alerts } = watchUnderTest()

    for (const seconds of [0, 10, 20]) await see(seconds * SECOND, { breaker: HALT })

    expect(alerts()).toEqual(['blocked began: 0'])
  })

  it.each<[string, Partial<OutboxStatus>]>([
    ['a connection that drops', OUTAGE],
    ['the rush after a replay', { waiting: 3, oldestAt: NOW - HOUR }],
  ])('lets pass what passes by itself within a minute: %s', async (_, status) => {
    const { see, alerts } = watchUnderTest()

    await see(0, status)
    await see(59 * SECOND, status)
    await see(70 * SECOND, {})
    await see(80 * SECOND, status)
    const before = alerts()
    await see(140 * SECOND, status)

    expect(before).toEqual([])
    expect(alerts()).toHaveLength(1)
  })

  it('tells two issues each by itself', async () => {
    const { see, alerts } = watchUnderTest()

    await see(0, PARKED)
    await see(MINUTE, { ...PARKED, ...BLOCKED })
    await see(2 * MINUTE, BLOCKED)

    expect(alerts()).toEqual(['parked began: 2', 'blocked began: 3', 'parked ended: 2'])
  })

  it('asks the outbox once in five seconds at the most, whichever way the clock is set', async () => {
    const { see, asked } = watchUnderTest()

    for (const ms of [0, 1, 4_999, 5_000, 5_001, -HOUR]) await see(ms, {})

    expect(asked()).toBe(3)
  })

  it('tells the log, where nobody else is to be told', async () => {
    const events: LogEvent[] = []
    const watch = createAlertMonitor({
      outbox: { status: async () => standing(PARKED) },
      now: () => NOW,
      log: (event) => events.push(event),
    })

    await watch.look()

    expect(events).toEqual([
      { event: 'alert', change: 'began', kind: 'parked', count: 2, ageSeconds: 0, lastedSeconds: 0 },
    ])
  })

  it.each<[string, NonNullable<AlertMonitorOptions['alert']>]>([
    [
      'at once',
      () => {
        throw new Error('no such mailbox')
      },
    ],
    ['later', () => Promise.reject(new Error('no such mailbox'))],
  ])('goes on when the alert fails: %s', async (_, alert) => {
    const { see, events } = watchUnderTest({ alert })

    await see(0, PARKED)

    await vi.waitFor(() => expect(events).toHaveLength(1), { interval: 1 })
    expect(events).toEqual([{ event: 'error', where: 'alert', reason: 'Error: no such mailbox' }])
  })

  it('does not wait for the alert', async () => {
    const { see } = watchUnderTest({ alert: () => new Promise(() => {}) })

    await expect(see(0, PARKED)).resolves.toBeUndefined()
  })

  it('tells nothing anew in a runtime that ends and begins, where it may write down what it saw', async () => {
    let written: string | undefined
    const memory = {
      read: () => (written === undefined ? undefined : (JSON.parse(written) as SeenIssues)),
      write: (seen: SeenIssues) => void (written = JSON.stringify(seen)),
    }
    const first = watchUnderTest({ memory })
    await first.see(0, PARKED)

    const second = watchUnderTest({ memory })
    await second.see(10 * SECOND, PARKED)
    await second.see(MINUTE, { ...PARKED, parked: 4 })
    const third = watchUnderTest({ memory })
    await third.see(2 * MINUTE, {})

    expect([first.alerts(), second.alerts(), third.alerts()]).toEqual([
      ['parked began: 2'],
      ['parked grew: 4'],
      ['parked ended: 4'],
    ])
  })
})

describe('watches that share a memory', () => {
  /** As a database has it: whoever wrote first since the other read is the one who writes. */
  function sharedMemory() {
    let written = '{}'
    return {
      read: async () => JSON.parse(written) as SeenIssues,
      async write(seen: SeenIssues, before: SeenIssues) {
        if (JSON.stringify(before) !== written) return false
        written = JSON.stringify(seen)
        return true
      },
    }
  }

  it('tell each thing once, whoever sees it first', async () => {
    const memory = sharedMemory()
    const [one, other] = [watchUnderTest({ memory }), watchUnderTest({ memory })]

    await one.see(0, PARKED)
    await other.see(SECOND, PARKED)
    await other.see(10 * SECOND, { ...PARKED, parked: 4 })
    await one.see(11 * SECOND, { ...PARKED, parked: 4 })
    await one.see(MINUTE, {})
    await other.see(MINUTE, {})

    expect([one.alerts(), other.alerts()]).toEqual([['parked began: 2', 'parked ended: 4'], ['parked grew: 4']])
  })

  it('tell it once, though all look at the same moment', async () => {
    const memory = sharedMemory()
    const watches = Array.from({ length: 5 }, () => watchUnderTest({ memory }))

    for (const [at, status] of [PARKED, { ...PARKED, parked: 4 }, {}].entries()) {
      await Promise.all(watches.map(({ see }) => see(at * 10 * SECOND, status)))
    }

    const told = watches.flatMap(({ alerts }) => alerts())
    expect(told.toSorted()).toEqual(['parked began: 2', 'parked ended: 4', 'parked grew: 4'])
  })

  it('have the patience of one: what another has seen for a minute is told', async () => {
    const memory = sharedMemory()
    const [one, other] = [watchUnderTest({ memory }), watchUnderTest({ memory })]

    await one.see(0, OUTAGE)
    await other.see(MINUTE, OUTAGE)

    expect([one.alerts(), other.alerts()]).toEqual([[], ['outage began: 3']])
  })
})

describe('a clock that wakes for what is due alone', () => {
  it.each<[string, Partial<OutboxStatus>, number | undefined]>([
    ['never, where all is well', {}, undefined],
    ['when a lead will have waited for five minutes', { waiting: 1, oldestAt: NOW - MINUTE }, 4 * MINUTE],
    ['when a minute’s halt is to be told', OUTAGE, MINUTE],
    ['an hour after it has told', PARKED, HOUR],
  ])('wakes for the watch too: %s', async (_, status, wakes) => {
    const { see, watch } = watchUnderTest()

    await see(0, status)

    expect(watch.soonest(undefined)).toBe(wakes === undefined ? undefined : NOW + wakes)
  })

  it('wakes once more, where something happened too soon after a look', async () => {
    const { see, watch, alerts } = watchUnderTest()

    await see(0, {})
    await see(SECOND, PARKED)
    const wakes = watch.soonest(undefined)
    await see(5 * SECOND, PARKED)

    expect(wakes).toBe(NOW + 5 * SECOND)
    expect(alerts()).toEqual(['parked began: 2'])
  })

  it('wakes no later for it', async () => {
    const { see, watch } = watchUnderTest()

    await see(0, PARKED)

    expect(watch.soonest(NOW + SECOND)).toBe(NOW + SECOND)
  })
})

describe('the deliverer', () => {
  it('has the watch look after it has settled', async () => {
    const outbox = createMemoryOutbox()
    const events: LogEvent[] = []
    let now = NOW
    const log = (event: LogEvent) => {
      events.push(event)
      now += MINUTE
    }
    const lead: Lead = {
      id: 'a',
      form: 'contact',
      person: 'email:ana@acme.example',
      email: 'ana@acme.example',
      attributes: [],
      acceptedAt: NOW,
      notes: [],
    }
    const deliverer = createDispatcher({
      outbox,
      transport: { name: 'soap', deliver: async () => [{ kind: 'park', reason: '20110 Bad Parameter' }] },
      now: () => now,
      random: () => 1,
      wakeAt: () => {},
      log,
      watch: createAlertMonitor({ outbox, now: () => now, log }),
    })
    await outbox.add([lead], NOW)

    deliverer.wake()

    await vi.waitFor(() => expect(events.map(({ event }) => event)).toEqual(['parked', 'alert']), { interval: 1 })
  })
})
