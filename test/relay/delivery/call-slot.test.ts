import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { withCallSlot } from '../../../relay/delivery/call-slot.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000

/** Opens an outbox with these limits, and a clock that moves only while a call waits. */
function open(limits = LIMITS) {
  const outbox = createMemoryOutbox(limits)
  let now = NOW
  const waits: number[] = []
  const callSlot = {
    outbox,
    now: () => now,
    wait: async (ms: number) => {
      waits.push(ms)
      now += ms
    },
    lease: 100 * SECOND,
  }
  return { outbox, callSlot, waits, now: () => now }
}

describe('a call outside of the queue', () => {
  it('starts at once while a slot is free, and frees its slot when it ends', async () => {
    const { outbox, callSlot, waits } = open({ ...LIMITS, concurrency: 1 })

    const during = await withCallSlot(callSlot, async () => outbox.acquireSlot(NOW, NOW + 1))
    const after = await withCallSlot(callSlot, async () => 'done')

    expect(during).toEqual({ done: { retryAt: NOW + 100 * SECOND } })
    expect(after).toEqual({ done: 'done' })
    expect(waits).toEqual([])
  })

  it('frees its slot when it fails', async () => {
    const { callSlot } = open({ ...LIMITS, concurrency: 1 })

    const failed = withCallSlot(callSlot, () => Promise.reject(new Error('reset')))

    await expect(failed).rejects.toThrow('reset')
    expect(await withCallSlot(callSlot, async () => 'done')).toEqual({ done: 'done' })
  })

  it('succeeds when its slot cannot be freed: the slot expires by itself', async () => {
    const { outbox, callSlot } = open({ ...LIMITS, concurrency: 1 })
    const broken = { ...outbox, settle: () => Promise.reject(new Error('disk full')) }

    const answer = await withCallSlot({ ...callSlot, outbox: broken }, async () => 'done')

    expect(answer).toEqual({ done: 'done' })
    expect(await outbox.acquireSlot(NOW, NOW + 1)).toEqual({ retryAt: NOW + 100 * SECOND })
    expect(await outbox.acquireSlot(NOW + 100 * SECOND, NOW + 101 * SECOND)).toHaveProperty('slot')
  })

  it('resolves at once with the wait that is left when that is longer than ten seconds', async () => {
    const { callSlot, waits, now } = open({ ...LIMITS, callsPer20s: 2, callsPerDay: 3 })
    const call = () => withCallSlot(callSlot, async () => now() - NOW)

    const answers = [await call(), await call(), await call(), await call()]

    // One call at once, the next ones 20 seconds apart.
    expect(answers[0]).toEqual({ done: 0 })
    expect(answers.slice(1)).toEqual([1, 2, 3].map(() => ({ retryAfter: 20 * SECOND })))
    expect(waits).toEqual([])
  })

  it('waits for a slot that is free soon', async () => {
    const { callSlot, waits } = open({ ...LIMITS, callsPer20s: 6 })
    for (const _ of [1, 2, 3]) await withCallSlot(callSlot, async () => {})

    const answer = await withCallSlot(callSlot, async () => 'done')

    // Three calls at once, and the other three of the 20 seconds one after the other.
    expect(answer).toEqual({ done: 'done' })
    expect(waits).toEqual([Math.ceil(20_000 / 3)])
  })

  it('waits at least 20 ms, and at most ten seconds in all, when other callers are quicker', async () => {
    const { outbox, callSlot, waits, now } = open()
    const busy = { ...outbox, acquireSlot: async () => ({ retryAt: now() }) }

    const answer = await withCallSlot({ ...callSlot, outbox: busy }, async () => 'done')

    expect(answer).toEqual({ retryAfter: 0 })
    expect(new Set(waits)).toEqual(new Set([20]))
    expect(waits).toHaveLength(501)
  })

  it('reports a limit of Marketo’s that it has met, so that all calls take less, and rejects', async () => {
    const { outbox, callSlot } = open({ ...LIMITS, concurrency: 1 })
    const retryAt = NOW + 20 * SECOND
    const met = { kind: 'limited', limit: 'rate', retryAt, reason: 'too many' } as const
    const [limit, other] = [new Error('too many'), new Error('reset')]
    const limitIn = (error: unknown) => (error === limit ? met : undefined)

    const first = withCallSlot(callSlot, () => Promise.reject(other), limitIn)
    await expect(first).rejects.toBe(other)
    const between = await withCallSlot(callSlot, async () => 'done', limitIn)
    const second = withCallSlot(callSlot, () => Promise.reject(limit), limitIn)
    await expect(second).rejects.toBe(limit)

    expect(between).toEqual({ done: 'done' })
    expect(await outbox.acquireSlot(NOW, NOW + 1)).toEqual({ retryAt })
  })
})
