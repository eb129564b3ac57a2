import { expect, it } from 'vitest'
import { createCapacity, type CapacityOptions } from '../../../relay/guards/capacity.ts'
import { lead } from '../../suites/outbox/leads.ts'

/** Returns a reading that takes a turn of the event loop, as that of a database does. */
function reading(leads: number): Promise<Map<string, number>> {
  return new Promise((resolve) => setImmediate(() => resolve(new Map([['contact', leads]]))))
}

/** Creates bounds with a clock that a test sets. By default five leads may wait, and none does. */
function capacityWith(options: Partial<CapacityOptions>) {
  const clock = { now: 1_000_000 }
  const capacity = createCapacity({
    maxWaiting: 5,
    maxWaitingOf: () => undefined,
    maxWaitingPerSource: 100,
    isCounted: () => true,
    readWaiting: async () => new Map(),
    fullDisk: () => undefined,
    find: async () => undefined,
    now: () => clock.now,
    ...options,
  })
  return { clock, capacity }
}

it('takes a visitor at once while a later reading of the store does not come', async () => {
  let reads = 0
  const readWaiting = () => {
    reads += 1
    return reads === 1 ? reading(1) : new Promise<Map<string, number>>(() => {})
  }
  const { clock, capacity } = capacityWith({ readWaiting })
  await capacity.reserve(lead('a'))
  clock.now += 60_000

  expect(await capacity.reserve(lead('b'))).toMatchObject({ ok: true, isStored: false })
  expect(reads).toBe(2)
})

it('takes the first visitor after the store was emptied', async () => {
  let waiting = 5
  const { clock, capacity } = capacityWith({ readWaiting: () => reading(waiting) })
  const before = await capacity.reserve(lead('a'))
  waiting = 0
  clock.now += 1_000

  expect([before.ok, (await capacity.reserve(lead('b'))).ok]).toEqual([false, true])
})

it('takes no more than the maximum of posts that come at once', async () => {
  const { capacity } = capacityWith({ readWaiting: () => reading(2) })

  const rooms = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => capacity.reserve(lead(id))))

  expect(rooms.map(({ ok }) => ok)).toEqual([true, true, true, false, false, false])
})

it('leaves half of the room, and of a form’s, to leads without weak evidence', async () => {
  const full = { readWaiting: async () => new Map([['contact', 3]]) }
  const { capacity } = capacityWith({ ...full, maxWaiting: 6 })
  const { capacity: ofForm } = capacityWith({ ...full, maxWaiting: 100, maxWaitingOf: () => 6 })

  for (const each of [capacity, ofForm]) {
    expect((await each.reserve(lead('a', { weak: true }))).ok).toBe(false)
    expect((await each.reserve(lead('b'))).ok).toBe(true)
  }
  expect([...capacity.full(), ...ofForm.full()].map(({ reason }) => reason)).toEqual([
    expect.stringContaining('half of what FORM_SYNC_MAX_WAITING allows, and new ones with weak evidence are refused'),
    expect.stringContaining('half of what its maxWaiting allows, and new ones with weak evidence are refused'),
  ])
})

it('has room again for a lead that could not be stored, of its network too', async () => {
  const { capacity } = capacityWith({ maxWaiting: 1, maxWaitingPerSource: 1 })
  const room = await capacity.reserve({ ...lead('a'), network: '203.0.113.7' })
  if (room.ok) room.settle(false)

  expect((await capacity.reserve({ ...lead('a'), network: '203.0.113.7' })).ok).toBe(true)
})

it('is no longer full a minute after the last refusal', async () => {
  const { clock, capacity } = capacityWith({ fullDisk: () => 'the disk is full' })
  await capacity.reserve(lead('a'))
  clock.now += 59_999
  const within = capacity.full()
  clock.now += 1

  expect(within).toEqual([{ what: 'disk', count: 0, reason: 'the disk is full' }])
  expect(capacity.full()).toEqual([])
})

it('refuses a lead while the store does not say whether it is known', async () => {
  const find = () => Promise.reject(new Error('no answer'))
  const { capacity } = capacityWith({ maxWaiting: 0, find })

  expect(await capacity.reserve(lead('a'))).toEqual({ ok: false, code: 'unavailable', retryAfterS: 60 })
})
