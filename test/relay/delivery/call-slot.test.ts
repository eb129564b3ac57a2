import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { withCallSlot } from '../../../relay/delivery/call-slot.ts'
import { NOW } from '../../support/relay.ts'

/** Limits that an outbox keeps, and a clock that moves by whoever waits. */
function allowingUnderTest(limits = LIMITS) {
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
    lease: 100_000,
  }
  return { outbox, callSlot, waits, now: () => now }
}

describe('a call of a server', () => {
  it('begins at once while there is room, and makes room again when it ends', async () => {
    const { outbox, callSlot, waits } = allowingUnderTest({ ...LIMITS, concurrency: 1 })

    const during = await withCallSlot(callSlot, async () => outbox.acquireSlot(NOW, NOW + 1))
    const after = await withCallSlot(callSlot, async () => 'done')

    expect(during).toEqual({ done: { at: NOW + 100_000 } })
    expect(after).toEqual({ done: 'done' })
    expect(waits).toEqual([])
  })

  it('makes room again though it fails', async () => {
    const { callSlot } = allowingUnderTest({ ...LIMITS, concurrency: 1 })

    const failed = withCallSlot(callSlot, () => Promise.reject(new Error('reset')))

    await expect(failed).rejects.toThrow('reset')
    expect(await withCallSlot(callSlot, async () => 'done')).toEqual({ done: 'done' })
  })

  it('waits for its turn, and is told when it would be too long', async () => {
    const { callSlot, waits, now } = allowingUnderTest({ ...LIMITS, callsPer20s: 2, callsPerDay: 3 })
    const call = () => withCallSlot(callSlot, async () => now() - NOW)

    const answers = [await call(), await call(), await call(), await call()]

    // One at once, the next ones 20 s apart: too long to be kept waiting.
    expect(answers[0]).toEqual({ done: 0 })
    expect(answers.slice(1)).toEqual([1, 2, 3].map(() => ({ retryAfter: 20_000 })))
    expect(waits).toEqual([])
  })

  it('waits a little where that is enough', async () => {
    const { callSlot, waits } = allowingUnderTest({ ...LIMITS, callsPer20s: 6 })
    for (const _ of [1, 2, 3]) await withCallSlot(callSlot, async () => {})

    const answer = await withCallSlot(callSlot, async () => 'done')

    // Three at once, and the other three of the 20 seconds one after the other.
    expect(answer).toEqual({ done: 'done' })
    expect(waits).toEqual([Math.ceil(20_000 / 3)])
  })

  it('tells the others which of Marketo’s limits it has met, and fails all the same', async () => {
    const { outbox, callSlot } = allowingUnderTest({ ...LIMITS, concurrency: 1 })
    const until = NOW + 20_000
    const met = { kind: 'limited', limit: 'rate', until, reason: 'too many' } as const
    const [known, unknown] = [new Error('too many'), new Error('reset')]
    const limitIn = (error: unknown) => (error === known ? met : undefined)

    const other = withCallSlot(callSlot, () => Promise.reject(unknown), limitIn)
    await expect(other).rejects.toBe(unknown)
    const between = await withCallSlot(callSlot, async () => 'done', limitIn)
    const failed = withCallSlot(callSlot, () => Promise.reject(known), limitIn)
    await expect(failed).rejects.toBe(known)

    expect(between).toEqual({ done: 'done' })
    expect(await outbox.acquireSlot(NOW, NOW + 1)).toEqual({ at: until })
  })
})
