import { describe, expect, it } from 'vitest'
import { BoundedLog } from '../../../demo/simulator/bounded-log.ts'

const BOUNDS = { maxValues: 100, text: { maxChars: 10, charsOf: ({ length }: string) => length } }

describe('a bounded log', () => {
  it('keeps the newest values up to its maximum number, in order of insertion', () => {
    const kept = new BoundedLog<string>({ maxValues: 2 })

    for (const [number, value] of ['a', 'b', 'c'].entries()) kept.set(number, value)

    expect([kept.all(), kept.get(0), kept.first]).toEqual([['b', 'c'], undefined, 1])
  })

  it('keeps the newest values up to its maximum length', () => {
    const kept = new BoundedLog<string>(BOUNDS)

    for (const [number, value] of ['aaaa', 'bbbb', 'cc', 'd'].entries()) kept.set(number, value)

    expect(kept.all()).toEqual(['bbbb', 'cc', 'd'])
  })

  it('keeps the newest value even if it exceeds the maximum length', () => {
    const kept = new BoundedLog<string>(BOUNDS)
    kept.set(1, 'a')

    kept.set(2, 'b'.repeat(50))

    expect(kept.all()).toEqual(['b'.repeat(50)])
  })

  it('counts the length of a replaced value once, and not that of a deleted or cleared one', () => {
    const kept = new BoundedLog<string>(BOUNDS)
    kept.set(1, 'x'.repeat(9))
    kept.set(1, 'a')
    kept.set(2, 'x'.repeat(9))
    kept.delete(2)
    kept.set(3, 'b'.repeat(9))
    const before = kept.all()

    kept.clear()
    kept.set(4, 'c'.repeat(5))
    kept.set(5, 'd'.repeat(5))

    expect(before).toEqual(['a', 'b'.repeat(9)])
    expect(kept.all()).toEqual(['ccccc', 'ddddd'])
  })

  it('skips deleted values when it drops the oldest', () => {
    const kept = new BoundedLog<string>({ maxValues: 2 })
    kept.set(1, 'a')
    kept.set(2, 'b')
    kept.delete(1)

    kept.set(3, 'c')
    kept.set(4, 'd')

    expect(kept.all()).toEqual(['c', 'd'])
  })

  it('is in order of the numbers after a sort, and drops the lowest number first', () => {
    const kept = new BoundedLog<string>({ maxValues: 3 })
    for (const number of [3, 1, 2]) kept.set(number, `n${number}`)

    kept.sort()
    const sorted = kept.all()
    kept.set(4, 'n4')

    expect([sorted, kept.all(), kept.first]).toEqual([['n1', 'n2', 'n3'], ['n2', 'n3', 'n4'], 2])
  })

  it('stays correct over thousands of values', () => {
    const kept = new BoundedLog<number>({ maxValues: 1_500 })

    for (let n = 0; n < 10_000; n += 1) kept.set(n, n)

    expect(kept.all()).toEqual(Array.from({ length: 1_500 }, (_, n) => 8_500 + n))
    expect(kept.first).toBe(8_500)
  })
})
