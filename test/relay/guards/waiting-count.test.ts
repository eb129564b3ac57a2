import { describe, expect, it } from 'vitest'
import { createWaitingCount } from '../../../relay/guards/waiting-count.ts'

/** Creates a count of a store that holds these leads, with a clock that a test sets. */
function countOf(stored: Record<string, number>) {
  const state = { now: 1_000_000, reads: 0, stored, fails: false, never: false }
  const count = createWaitingCount(
    async () => {
      state.reads += 1
      if (state.never) return new Promise<never>(() => {})
      if (state.fails) throw new Error('the store does not answer')
      return new Map(Object.entries(state.stored))
    },
    () => state.now,
  )
  return { state, count }
}

describe('the number of waiting leads', () => {
  it('is read from the store once a second, whatever the number of posts', async () => {
    const { state, count } = countOf({ contact: 3, plain: 4 })

    for (const ms of [0, 1, 998]) {
      state.now += ms
      await Promise.all([count.refresh()?.(), count.refresh()?.()])
    }
    const within = state.reads
    state.now += 1
    await count.refresh()?.()

    expect([within, state.reads]).toEqual([1, 2])
    expect([count.total(), count.of('contact'), count.of('other')]).toEqual([7, 3, 0])
  })

  it('counts the leads that are being stored, and those that were since the last reading', async () => {
    const { state, count } = countOf({ contact: 3 })
    await count.refresh()?.()

    const [first, second] = [count.add('contact'), count.add('contact')]
    const pending = count.of('contact')
    first(true)
    second(false)

    expect([pending, count.of('contact'), count.total()]).toEqual([5, 4, 4])
    state.now += 1_000
    state.stored = { contact: 4 }
    await count.refresh()?.()
    expect(count.total()).toBe(4)
  })

  it('counts a lead that is stored during a reading until the next one', async () => {
    const { state, count } = countOf({ contact: 3 })
    await count.refresh()?.()
    state.now += 1_000

    const settle = count.add('contact')
    const reading = count.refresh()?.()
    settle(true)
    await reading

    expect(count.total()).toBe(4)
  })

  it('gives up a reading that has not come for ten seconds, and reads anew', async () => {
    const { state, count } = countOf({ contact: 3 })
    state.never = true
    void count.refresh()
    state.never = false
    state.now += 9_999
    void count.refresh()
    const within = state.reads
    state.now += 1

    await count.refresh()?.()

    expect([within, state.reads, count.total()]).toEqual([1, 2, 3])
  })

  it('goes on from the last reading while the store does not answer', async () => {
    const { state, count } = countOf({ contact: 3 })
    await count.refresh()?.()
    count.add('contact')(true)
    state.fails = true

    for (let second = 0; second < 3; second += 1) {
      state.now += 1_000
      await count.refresh()?.()
      count.add('contact')(true)
    }

    expect(count.total()).toBe(7)
  })
})
