import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FULL_BUCKET,
  nextStartAt,
  startableCalls,
  takeTokens,
  type Bucket,
} from '../../../../relay/outbox/limits/token-bucket.ts'
import { T } from '../../../suites/outbox/leads.ts'

/** A number of calls that no limit allows in two minutes: a broken bucket fails the test instead of never ending. */
const MAX_CALLS = 2_000

/** Starts each call as soon as possible for a time. Returns when each started, in ms. */
function startAll(callsPer20s: number, durationMs: number): number[] {
  let bucket: Bucket = FULL_BUCKET
  const times: number[] = []
  for (
    let now = T;
    now <= T + durationMs && times.length < MAX_CALLS;
    now = Math.max(now + 1, nextStartAt(bucket, callsPer20s, now))
  ) {
    const calls = Math.min(MAX_CALLS, startableCalls(bucket, callsPer20s, now))
    bucket = takeTokens(bucket, callsPer20s, calls, now)
    for (let call = 0; call < calls; call++) times.push(now - T)
  }
  return times
}

describe('the token bucket', () => {
  it('allows a burst after a pause, and then spreads calls evenly', () => {
    expect(startAll(50, 2_000)).toEqual([0, 0, 0, 0, 0, 445, 889, 1_334, 1_778])
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
  ])('of %i calls allows %i at once', (limit, atOnce) => {
    expect(startableCalls(FULL_BUCKET, limit, T)).toBe(atOnce)
  })

  it.each([1, 2, 3, 10, 50, 100])('never allows more than %i calls in any 20 seconds', (limit) => {
    const times = startAll(limit, 120_000)

    const max = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 20_000).length))
    expect(max).toBeLessThanOrEqual(limit)
    expect(times.length).toBeGreaterThan((limit * 120) / 20 / 2)
  })

  it('keeps the limit whenever calls are asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.record({ wait: fc.nat(15_000), want: fc.nat(9) }), { maxLength: 80 }),
        (limit, steps) => {
          let bucket: Bucket = FULL_BUCKET
          const times: number[] = []
          let now = T
          for (const { wait, want } of steps) {
            now += wait
            const calls = Math.min(want, startableCalls(bucket, limit, now))
            bucket = takeTokens(bucket, limit, calls, now)
            for (let call = 0; call < calls; call++) times.push(now)
          }
          for (const from of times) {
            expect(times.filter((at) => at >= from && at < from + 20_000).length).toBeLessThanOrEqual(limit)
          }
        },
      ),
    )
  })

  it('determines when the next call may start, and it may start then', () => {
    const bucket = takeTokens(FULL_BUCKET, 50, 5, T)

    const next = nextStartAt(bucket, 50, T)

    expect(startableCalls(bucket, 50, next - 1)).toBe(0)
    expect(startableCalls(bucket, 50, next)).toBe(1)
    expect(nextStartAt(bucket, 50, next)).toBe(next)
  })

  it('neither gains nor loses tokens when the clock goes backwards', () => {
    const bucket = takeTokens(FULL_BUCKET, 50, 5, T)

    expect(startableCalls(bucket, 50, T - 3_600_000)).toBe(0)
    expect(startableCalls(bucket, 50, T + 450)).toBe(1)
  })

  it('allows no call before the time until which it is paused', () => {
    const bucket = { tokens: 3, filledAt: T + 1_000 }

    expect(startableCalls(bucket, 50, T + 999)).toBe(0)
    expect(nextStartAt(bucket, 50, T)).toBe(T + 1_000)
    expect(startableCalls(bucket, 50, T + 1_000)).toBe(3)
  })
})
