import { describe, expect, it } from 'vitest'
import { line } from '../../../demo/site/curve.ts'
import { clock, height, slope, turns, windowsAbove } from '../../../demo/site/tide.ts'

const YEAR = 365 * 24

describe('the tide at Eastholm', () => {
  // awk 'BEGIN{pi=atan2(0,-1);n=split("28.9841042 1.72 118 30 .58 121 28.4397295 .33 96 30.0821373 .16 119 15.0410686
  // .09 40 13.9430356 .11 205 57.9682084 .12 12",c," ");h=HOUR;s=3.15;
  // for(i=1;i<n;i+=3)s+=c[i+1]*cos((c[i]*h-c[i+2])*pi/180);printf "%.4f\n",s}'
  it.each([
    [0, 2.0184],
    [100, 3.5351],
    [1000, 4.5441],
  ])('stands at hour %i where the sum of its constituents says', (hour, metres) => {
    expect(height(hour)).toBeCloseTo(metres, 4)
  })

  it('is high every 12 hours and 25.2 minutes, as the moon is', () => {
    const highs = turns(0, YEAR).filter(({ kind }) => kind === 'high')
    const [first, last] = [highs.at(0)!, highs.at(-1)!]

    const between = (last.hour - first.hour) / (highs.length - 1)

    expect(between).toBeCloseTo(12.4206, 2)
  })

  it('springs at the start, is neap a week later, and springs again after half a month of the moon', () => {
    const range = (day: number) => {
      const heights = turns(day * 24, day * 24 + 25).map((turn) => turn.height)
      return Math.max(...heights) - Math.min(...heights)
    }

    const ranges = [0, 7.4, 14.8, 22.1, 29.5].map(range)

    const [spring, neap] = [ranges.filter((_, at) => at % 2 === 0), ranges.filter((_, at) => at % 2 === 1)]
    expect(Math.max(...neap)).toBeLessThan(0.75 * Math.min(...spring))
  })

  it('never falls below chart datum, in the nineteen years after which sun and moon stand as before', () => {
    const lows = turns(0, 19 * YEAR).filter(({ kind }) => kind === 'low')

    const lowest = Math.min(...lows.map((low) => low.height))

    expect(lowest).toBeGreaterThan(0)
    expect(lowest).toBeLessThan(0.5)
  })

  it('turns from high to low and back, each time where it neither rises nor falls', () => {
    const found = turns(0, 30 * 24)

    expect(found.length).toBeGreaterThan(110)
    for (const [index, turn] of found.entries()) {
      const beside = [height(turn.hour - 0.1), height(turn.hour + 0.1)]
      if (turn.kind === 'high') expect(turn.height).toBeGreaterThan(Math.max(...beside))
      else expect(turn.height).toBeLessThan(Math.min(...beside))
      expect(turn.kind).not.toBe(found[index + 1]?.kind)
    }
  })

  it('rises as fast as its slope says', () => {
    for (const hour of [0, 3.3, 7.9, 100]) {
      const risen = height(hour + 0.0001) - height(hour - 0.0001)

      expect(slope(hour)).toBeCloseTo(risen / 0.0002, 4)
    }
  })

  it('stands over a level from the minute it passes it upwards to the minute it passes it downwards', () => {
    const windows = windowsAbove(3.6, 0, 24)

    expect(windows).toHaveLength(2)
    for (const { from, to } of windows) {
      expect(height(from)).toBeCloseTo(3.6, 2)
      expect(height(to)).toBeCloseTo(3.6, 2)
      expect(height(from - 0.1)).toBeLessThan(3.6)
      expect(height((from + to) / 2)).toBeGreaterThan(3.6)
      expect(height(to + 0.1)).toBeLessThan(3.6)
    }
  })

  it('cuts a window off where the search ends, and finds none above the highest water', () => {
    const whole = windowsAbove(0, 0, 24)
    const none = windowsAbove(9, 0, 24)

    expect(whole).toEqual([{ from: 0, to: 24 }])
    expect(none).toEqual([])
  })

  it.each([
    [0, '00:00'],
    [4.2, '04:12'],
    [23.9999, '00:00'],
    [28.5, '04:30'],
  ])('tells hour %d as %s', (hour, told) => {
    expect(clock(hour)).toBe(told)
  })
})

describe('the curve', () => {
  it('follows the sum to a centimetre between the points that it is drawn through', () => {
    const numbers = line({ from: 0, to: 48 })
      .match(/-?[\d.]+/g)!
      .map(Number)
    const points = Array.from({ length: numbers.length / 2 }, (_, at) => [numbers[at * 2]!, -numbers[at * 2 + 1]!])

    for (let start = 0; start + 3 < points.length; start += 3) {
      const [a, b, c, d] = points.slice(start, start + 4) as [number[], number[], number[], number[]]
      // A cubic Bézier's middle, by de Casteljau.
      const middle = [0, 1].map((axis) => (a[axis]! + 3 * b[axis]! + 3 * c[axis]! + d[axis]!) / 8)
      expect(Math.abs(middle[1]! - height(middle[0]!))).toBeLessThan(0.01)
    }
    expect(points.at(-1)![0]).toBe(48)
  })
})
