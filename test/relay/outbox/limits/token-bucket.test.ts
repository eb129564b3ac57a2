import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FULL, nextStart, startable, started, type Bucket } from '../../../../relay/outbox/limits/token-bucket.ts'
import { T } from '../../../suites/outbox/leads.ts'

/** More than any limit lets go in two minutes: a pace that is broken is to fail, and not to go on for ever. */
const TOO_MANY = 2_000

/** Starts every call as soon as it may, until `until`, and says when each started. */
function rush(callsPer20s: number, until: number): number[] {
  let bucket: Bucket = FULL
  const times: number[] = []
  for (
    let now = T;
    now <= T + until && times.length < TOO_MANY;
    now = Math.max(now + 1, nextStart(bucket, callsPer20s, now))
  ) {
    const calls = Math.min(TOO_MANY, startable(bucket, callsPer20s, now))
    bucket = started(bucket, callsPer20s, calls, now)
    for (let call = 0; call < calls; call++) times.push(now - T)
  }
  return times
}

describe('the pace', () => {
  it('lets a few go at once after a quiet while, and then one every so often', () => {
    expect(rush(50, 2_000)).toEqual([0, 0, 0, 0, 0, 445, 889, 1_334, 1_778])
  })

  it.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [9, 4],
    [10, 5],
    [50, 5],
    [119, 5],
    [120, 6],
    [1_000, 50],
  ])('of %i calls lets %i go at once', (limit, atOnce) => {
    expect(startable(FULL, limit, T)).toBe(atOnce)
  })

  it.each([1, 2, 3, 10, 50, 100])('never lets more than %i go in any 20 seconds', (limit) => {
    const times = rush(limit, 120_000)

    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 20_000).length))
    expect(most).toBeLessThanOrEqual(limit)
    expect(times.length).toBeGreaterThan((limit * 120) / 20 / 2)
  })

  it('keeps the limit whenever it is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.record({ wait: fc.nat(15_000), want: fc.nat(9) }), { maxLength: 80 }),
        (limit, steps) => {
          let bucket: Bucket = FULL
          const times: number[] = []
          let now = T
          for (const { wait, want } of steps) {
            now += wait
            const calls = Math.min(want, startable(bucket, limit, now))
            bucket = started(bucket, limit, calls, now)
            for (let call = 0; call < calls; call++) times.push(now)
          }
          for (const from of times) {
            expect(times.filter((at) => at >= from && at < from + 20_000).length).toBeLessThanOrEqual(limit)
          }
        },
      ),
    )
  })

  it('says when the next may go, and it may then', () => {
    const bucket = started(FULL, 50, 5, T)

    const next = nextStart(bucket, 50, T)

    expect(startable(bucket, 50, next - 1)).toBe(0)
    expect(startable(bucket, 50, next)).toBe(1)
    expect(nextStart(bucket, 50, next)).toBe(next)
  })

  it('stands still when the clock is set back', () => {
    const bucket = started(FULL, 50, 5, T)

    expect(startable(bucket, 50, T - 3_600_000)).toBe(0)
    expect(startable(bucket, 50, T + 450)).toBe(1)
  })

  it('lets none go before a time that it was given', () => {
    const bucket = { tokens: 3, filledAt: T + 1_000 }

    expect(startable(bucket, 50, T + 999)).toBe(0)
    expect(nextStart(bucket, 50, T)).toBe(T + 1_000)
    expect(startable(bucket, 50, T + 1_000)).toBe(3)
  })
})
