/** The dispatcher when the transport, the outbox, the clock or its own process fails. */
import { describe, expect, it, vi } from 'vitest'
import { NOW } from '../../support/relay.ts'
import { DELIVERED, lead, SECOND, SOON, startDispatcher, type StartOptions } from './start-dispatcher.ts'

/** Moves the clock between a claim and its call, as when the process was suspended. */
function suspendedFor(ms: number): NonNullable<StartOptions['replaced']> {
  return ({ claim }, moveClock) => ({
    async claim(...args) {
      const batches = await claim(...args)
      if (batches.length > 0) moveClock(ms)
      return batches
    },
  })
}

/** A call without a lead, which nothing here needs. */
const probe = async () => false

/** A call for a cookie, which nothing here needs. */
const associate = async () => DELIVERED

describe('the dispatcher', () => {
  it('survives a transport that throws, and logs no word of the error', async () => {
    const deliver = () => Promise.reject(new TypeError('ana@acme.example is odd'))
    const { outbox, dispatcher, becomes, events } = startDispatcher({ transport: { deliver, probe, associate } })
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await becomes('a', { reason: 'the transport failed: TypeError' })

    expect(events).toMatchObject([{ event: 'retry', reason: 'the transport failed: TypeError' }])
  })

  it('survives a transport that throws something else than an error', async () => {
    const deliver = () => Promise.reject('ana@acme.example')
    const { outbox, dispatcher, becomes } = startDispatcher({ transport: { deliver, probe, associate } })
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()

    await becomes('a', { state: 'waiting', reason: 'the transport failed: unknown error' })
  })

  it.each([1, 3])('retries all leads of a batch when the transport gave %i verdicts for two', async (count) => {
    const deliver = () => Promise.resolve(Array.from({ length: count }, () => DELIVERED))
    const { outbox, dispatcher, becomes } = startDispatcher({
      limits: { leadsPerCall: 300 },
      transport: { deliver, probe, associate },
    })
    await outbox.add([lead('a'), lead('b')], NOW)

    dispatcher.wake()

    // The leads may have arrived: they wait until the lease has expired.
    const waits = { state: 'waiting', reason: 'the transport gave no verdict', dueAt: NOW + 100 * SECOND }
    await becomes('a', waits)
    await becomes('b', waits)
  })

  it('survives a clock that throws, as when the disk is full', async () => {
    const { outbox, dispatcher, called, becomes, logged } = startDispatcher({
      wakeAt: () => {
        throw new Error('database or disk is full')
      },
    })
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1, DELIVERED)

    await becomes('a', { state: 'delivered' })
    await logged({ event: 'error', where: 'clock', reason: 'Error: database or disk is full' })
  })

  it('asks again after five seconds when the outbox does not answer', async () => {
    let broken = true
    const { outbox, dispatcher, called, events, passTime } = startDispatcher({
      replaced: ({ claim }) => ({
        claim: (...args) => (broken ? Promise.reject(new Error('disk I/O error')) : claim(...args)),
      }),
    })
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await vi.waitFor(() => expect(events).toHaveLength(1), SOON)
    broken = false

    expect(await passTime()).toBe(5 * SECOND)
    await called(1)
    expect(events).toEqual([{ event: 'error', where: 'outbox', reason: 'Error: disk I/O error' }])
  })

  it('does not send a batch of which the lease would expire before the call has ended', async () => {
    const { outbox, dispatcher, calls } = startDispatcher({ replaced: suspendedFor(11 * SECOND) })
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await dispatcher.stop()

    // A lease is 100 seconds, and a call takes up to 90.
    expect(calls).toEqual([])
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting', dueAt: NOW + 100 * SECOND })
  })

  it('sends a batch of which the lease lasts just as long as the call may', async () => {
    const { outbox, dispatcher, called, becomes } = startDispatcher({ replaced: suspendedFor(10 * SECOND) })
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1, DELIVERED)

    await becomes('a', { state: 'delivered' })
  })

  it.each([
    ['forward', 3_600 * SECOND],
    ['back', -3_600 * SECOND],
  ])(
    'keeps a lead whose call was lost to the end of its lease, when the clock was set %s by an hour',
    async (_, ms) => {
      let passed = 0
      const { outbox, dispatcher, called, becomes, moveClock } = startDispatcher({ elapsed: () => passed })
      await outbox.add([lead('a')], NOW)
      dispatcher.wake()
      await called(1)
      passed += 20.5 * SECOND
      moveClock(20.5 * SECOND)

      moveClock(ms)
      await called(1, { kind: 'failed', fault: 'lead', arrived: 'maybe', reason: 'no reply' })

      await becomes('a', { reason: 'no reply', dueAt: NOW + ms + 100 * SECOND })
    },
  )
})

describe('an outcome that the outbox could not store', () => {
  /** A dispatcher whose outbox stores no settlement until it is repaired. */
  function startWithBrokenSettle() {
    let broken = true
    const started = startDispatcher({
      replaced: ({ settle }) => ({
        settle: (...args) => (broken ? Promise.reject(new Error('disk full')) : settle(...args)),
      }),
    })
    return { ...started, repair: () => void (broken = false) }
  }

  it('is stored once the outbox can, and nothing is sent twice', async () => {
    const { outbox, dispatcher, called, becomes, logged, repair } = startWithBrokenSettle()
    await outbox.add([lead('a')], NOW)
    dispatcher.wake()
    await called(1, DELIVERED)
    await logged({ event: 'error', where: 'settle', reason: 'Error: disk full' })

    repair()
    dispatcher.wake()

    await becomes('a', { state: 'delivered', attempts: 1 })
    await called(1)
  })

  it('is stored when the dispatcher is stopped', async () => {
    const { outbox, dispatcher, called, logged, repair } = startWithBrokenSettle()
    await outbox.add([lead('a')], NOW)
    dispatcher.wake()
    await called(1, DELIVERED)
    await logged({ event: 'error', where: 'settle' })

    repair()
    await dispatcher.stop()

    expect(await outbox.find('a')).toMatchObject({ state: 'delivered' })
  })

  it('keeps its batch leased: no lead of it is sent meanwhile', async () => {
    const { outbox, dispatcher, called, calls, events, logged, passTime } = startWithBrokenSettle()
    await outbox.add([lead('a')], NOW)
    dispatcher.wake()
    await called(1, DELIVERED)
    await logged({ event: 'error', where: 'settle' })

    for (let n = 0; n < 3; n += 1) await passTime()
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(3), SOON)

    expect(calls).toHaveLength(1)
  })

  it('is dropped once the lease has expired, and the leads are sent again', async () => {
    const { outbox, dispatcher, called, logged, moveClock, becomes, repair } = startWithBrokenSettle()
    await outbox.add([lead('a')], NOW)
    dispatcher.wake()
    await called(1, DELIVERED)
    await logged({ event: 'error', where: 'settle' })

    moveClock(100 * SECOND)
    repair()
    dispatcher.wake()
    await called(2, DELIVERED)

    await becomes('a', { state: 'delivered', attempts: 2 })
  })
})
