import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPace } from '../../relay/pace.ts'

const T = 1_700_000_000_000

/** Starts every call as soon as it may, until `until`, and says when each started. */
function rush(callsPer20s: number, until: number, atOnce = 99): number[] {
  const pace = createPace(callsPer20s)
  const started: number[] = []
  for (let now = T; now <= T + until; now = Math.max(now + 1, pace.nextAt(now))) {
    const calls = Math.min(atOnce, pace.free(now))
    pace.start(now, calls)
    for (let call = 0; call < calls; call++) started.push(now - T)
  }
  return started
}

describe('the pace', () => {
  it('lets a few go at once after a quiet while, and then one every so often', () => {
    expect(rush(50, 2_000)).toEqual([0, 0, 0, 0, 0, 445, 889, 1_334, 1_778])
  })

  it.each([1, 2, 3, 10, 50, 100])('never lets more than %i go in any 20 seconds', (limit) => {
    const started = rush(limit, 120_000)

    const most = Math.max(...started.map((from) => started.filter((at) => at >= from && at < from + 20_000).length))
    expect(most).toBeLessThanOrEqual(limit)
    expect(started.length).toBeGreaterThan((limit * 120) / 20 / 2)
  })

  it('keeps the limit whenever it is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.record({ wait: fc.nat(15_000), want: fc.nat(9) }), { maxLength: 80 }),
        (limit, steps) => {
          const pace = createPace(limit)
          const started: number[] = []
          let now = T
          for (const { wait, want } of steps) {
            now += wait
            const calls = Math.min(want, pace.free(now))
            pace.start(now, calls)
            for (let call = 0; call < calls; call++) started.push(now)
          }
          for (const from of started) {
            expect(started.filter((at) => at >= from && at < from + 20_000).length).toBeLessThanOrEqual(limit)
          }
        },
      ),
    )
  })

  it('says when the next may go, and it may then', () => {
    const pace = createPace(50)
    pace.start(T, 5)

    const next = pace.nextAt(T)

    expect(pace.free(next - 1)).toBe(0)
    expect(pace.free(next)).toBe(1)
    expect(pace.nextAt(next)).toBe(next)
  })

  it('stands still when the clock is set back', () => {
    const pace = createPace(50)
    pace.start(T, 5)

    expect(pace.free(T - 3_600_000)).toBe(0)
    expect(pace.free(T + 450)).toBe(1)
  })
})
