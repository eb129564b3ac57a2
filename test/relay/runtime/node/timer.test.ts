import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDispatcher } from '../../../../relay/delivery/dispatcher.ts'
import { LIMITS } from '../../../../relay/outbox/limits/limits.ts'
import { createTimer } from '../../../../relay/runtime/node/timer.ts'
import { createMemoryOutbox } from '../../../oracle/memory-outbox.ts'
import { lead } from '../../../suites/outbox/leads.ts'
import { DELIVERED, SOON } from '../../delivery/start-dispatcher.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Creates a timer with an interval of a minute, and a clock that its wake-ups are recorded by. */
function startTimer() {
  const state = { now: 0, woken: [] as number[] }
  const timer = createTimer(
    () => state.now,
    () => void state.woken.push(state.now),
    MINUTE,
  )
  const pass = (ms: number) => {
    for (let step = 0; step < ms; step += SECOND) {
      state.now += SECOND
      vi.advanceTimersByTime(SECOND)
    }
  }
  return { ...timer, pass, woken: state.woken }
}

describe('the timer of the dispatcher', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }))
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('wakes it at the time that was set last', () => {
    const { wakeAt, pass, woken } = startTimer()

    wakeAt(3 * SECOND)
    wakeAt(5 * SECOND)
    pass(10 * SECOND)

    expect(woken).toEqual([5 * SECOND])
  })

  it('wakes it at intervals when no time was set', () => {
    const { wakeAt, pass, woken } = startTimer()

    wakeAt(undefined)
    pass(3 * MINUTE)

    expect(woken).toEqual([MINUTE, 2 * MINUTE, 3 * MINUTE])
  })

  it('wakes it at intervals when the time was set hours too late, as by a clock that was wrong', () => {
    const { wakeAt, pass, woken } = startTimer()

    wakeAt(5 * 60 * MINUTE)
    pass(2 * MINUTE)

    expect(woken).toEqual([MINUTE, 2 * MINUTE])
  })

  it('wakes it at intervals when the first alarm never rings', () => {
    const { wakeAt, pass, woken } = startTimer()
    vi.spyOn(globalThis, 'setTimeout').mockReturnValueOnce(undefined as never)

    wakeAt(SECOND)
    pass(MINUTE)

    expect(woken).toEqual([MINUTE])
  })

  it('does not wake it once it is stopped', () => {
    const { wakeAt, pass, stop, woken } = startTimer()

    wakeAt(SECOND)
    stop()
    pass(2 * MINUTE)

    expect(woken).toEqual([])
  })
})

describe('a relay on Node', () => {
  it('delivers a lead that becomes due although the first alarm of its clock never rings', async () => {
    const start = Date.now()
    const outbox = createMemoryOutbox(LIMITS)
    await outbox.add([lead('a')], start + 5)
    const set: (number | undefined)[] = []
    // The lead is not due before the first alarm is set, however busy the machine is.
    const now = () => (set.length === 0 ? start : Math.max(start + 5, Date.now()))
    const timer = createTimer(now, () => dispatcher.wake(), 20)
    const dispatcher = createDispatcher({
      outbox,
      transport: {
        probe: async () => false,
        associate: async () => DELIVERED,
        deliver: async (leads) => leads.map(() => DELIVERED),
      },
      now,
      random: () => 0,
      wakeAt(time) {
        set.push(time)
        if (set.length > 1) timer.wakeAt(time)
      },
      log: () => {},
    })
    onTestFinished(async () => {
      timer.stop()
      await dispatcher.stop()
    })

    dispatcher.wake()

    await vi.waitFor(async () => expect(await outbox.find('a')).toMatchObject({ state: 'delivered' }), SOON)
    expect(set[0]).toBeGreaterThanOrEqual(start + 5)
  })
})
