import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSourceRate } from '../../../../relay/runtime/node/source-rate.ts'

const SECOND = 1_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: 1_764_000_000_000 }))
afterEach(() => void vi.useRealTimers())

/** Sends posts of a network, evenly over a time. Returns how many there were of each verdict. */
async function send(rate: ReturnType<typeof createSourceRate>, posts: number, overMs = 0, network = '192.0.2.1') {
  const kinds: Record<string, number> = {}
  for (let post = 0; post < posts; post += 1) {
    const { kind } = await rate(network)
    kinds[kind] = (kinds[kind] ?? 0) + 1
    vi.advanceTimersByTime(overMs / posts)
  }
  return kinds
}

describe('the rate of a network', () => {
  it('is not exceeded by an office of 50 people who all send a form twice in one minute', async () => {
    const rate = createSourceRate(120)

    expect(await send(rate, 50)).toEqual({ within: 50 })
    expect(await send(rate, 50, 30 * SECOND)).toEqual({ within: 50 })
  })

  it('is not exceeded by two posts a second for an hour', async () => {
    expect(await send(createSourceRate(120), 7_200, 3_600 * SECOND)).toEqual({ within: 7_200 })
  })

  it('leaves room for a burst of 60 beyond the 120 of a minute', async () => {
    expect(await send(createSourceRate(120), 200)).toEqual({ within: 180, over: 20 })
  })

  it('stays exceeded while a flood lasts, and for ten minutes after it', async () => {
    const rate = createSourceRate(120)
    const first = await send(rate, 300, 60 * SECOND)

    const flood = await send(rate, 3_000, 600 * SECOND)
    vi.advanceTimersByTime(599 * SECOND)
    const after = await send(rate, 1)
    vi.advanceTimersByTime(2 * SECOND)

    expect(first).toEqual({ within: 180, over: 120 })
    expect(flood).toEqual({ over: 3_000 })
    expect(after).toEqual({ over: 1 })
    expect(await send(rate, 1)).toEqual({ within: 1 })
  })

  it('is that of each network', async () => {
    const rate = createSourceRate(120)
    await send(rate, 5_000)

    expect(await send(rate, 50, 0, '192.0.2.2')).toEqual({ within: 50 })
  })

  it('is far exceeded by more than ten times the posts, until the minute is over', async () => {
    const rate = createSourceRate(120)
    const kinds = await send(rate, 1_500)
    vi.advanceTimersByTime(20_500)

    expect(kinds).toEqual({ within: 180, over: 1_020, 'far-over': 300 })
    expect(await rate('192.0.2.1')).toEqual({ kind: 'far-over', retryAfterS: 40 })
    vi.advanceTimersByTime(40_000)
    expect(await rate('192.0.2.1')).toEqual({ kind: 'over' })
  })

  it('is counted for a bounded number of new networks a minute: further ones are taken', async () => {
    const rate = createSourceRate(1, 2)
    for (const network of ['a', 'b', 'c']) await rate(network)

    const kinds = await Promise.all(['a', 'b', 'c'].map((network) => send(rate, 20, 0, network)))

    expect(kinds).toEqual([
      { within: 1, over: 8, 'far-over': 11 },
      { within: 1, over: 8, 'far-over': 11 },
      { within: 20 },
    ])
    vi.advanceTimersByTime(60 * SECOND)
    expect(await send(rate, 20, 0, 'c')).toEqual({ within: 2, over: 8, 'far-over': 10 })
  })
})
