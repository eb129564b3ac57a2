import { describe, expect, it } from 'vitest'
import { createSourceCount } from '../../../relay/guards/source-count.ts'

const MINUTE = 60_000

describe('the leads of a network in the last hour', () => {
  it('have a maximum, which is that of each network', () => {
    const count = createSourceCount(2, () => 0)

    expect(['a', 'a', 'a', 'b'].map((network) => count.add(network))).toEqual([true, true, false, true])
  })

  it('no longer count after an hour', () => {
    let now = 10 * MINUTE
    const count = createSourceCount(2, () => now)
    count.add('a')
    now += 30 * MINUTE
    count.add('a')

    const taken = [29, 1, 30].map((minutes) => {
      now += minutes * MINUTE
      return count.add('a')
    })

    expect(taken).toEqual([false, true, true])
  })

  it('count no lead that was not stored', () => {
    const count = createSourceCount(1, () => 0)

    count.add('a')
    count.remove('a')

    expect([count.add('a'), count.add('a')]).toEqual([true, false])
  })

  it('are counted for a bounded number of networks: further ones are taken', () => {
    const count = createSourceCount(1, () => 0, 2)

    expect(['a', 'b', 'c', 'c', 'a'].map((network) => count.add(network))).toEqual([true, true, true, true, false])
  })
})
