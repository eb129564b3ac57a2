import { describe, expect, it } from 'vitest'
import { curvePath } from '../../../demo/site/curve.ts'
import { extremes, formatTime, height, slope, windowsAbove } from '../../../demo/site/tide.ts'

const YEAR = 365 * 24

describe('the tide at Eastholm', () => {
  // awk 'BEGIN{pi=atan2(0,-1);n=split("28.9841042 1.72 118 30 .58 121 28.4397295 .33 96 30.0821373 .16 119 15.0410686
  // .09 40 13.9430356 .11 205 57.9682084 .12 12",c," ");h=HOUR;s=3.15;
  // for(i=1;i<n;i+=3)s+=c[i+1]*cos((c[i]*h-c[i+2])*pi/180);printf "%.4f\n",s}'
  it.each([
    [0, 2.0184],
    [100, 3.5351],
    [1000, 4.5441],
  ])('has the height at hour %i that an independent sum of its constituents gives', (hour, metres) => {
    expect(height(hour)).toBeCloseTo(metres, 4)
  })

  it('has a high water every 12 hours and 25.2 minutes', () => {
    const highs = extremes(0, YEAR).filter(({ kind }) => kind === 'high')
    const [first, last] = [highs.at(0)!, highs.at(-1)!]

    const between = (last.hour - first.hour) / (highs.length - 1)

    expect(between).toBeCloseTo(12.4206, 2)
  })

  it('has spring tides at the start and after half a lunar month, and neap tides between', () => {
    const range = (day: number) => {
      const heights = extremes(day * 24, day * 24 + 25).map((extreme) => extreme.height)
      return Math.max(...heights) - Math.min(...heights)
    }

    const ranges = [0, 7.4, 14.8, 22.1, 29.5].map(range)

    const [spring, neap] = [ranges.filter((_, at) => at % 2 === 0), ranges.filter((_, at) => at % 2 === 1)]
    expect(Math.max(...neap)).toBeLessThan(0.75 * Math.min(...spring))
  })

  it('never falls below chart datum in a cycle of nineteen years', () => {
    const lows = extremes(0, 19 * YEAR).filter(({ kind }) => kind === 'low')

    const lowest = Math.min(...lows.map((low) => low.height))

    expect(lowest).toBeGreaterThan(0)
    expect(lowest).toBeLessThan(0.5)
  })

  it('alternates between high and low waters, each a local extreme', () => {
    const found = extremes(0, 30 * 24)

    expect(found.length).toBeGreaterThan(110)
    for (const [index, extreme] of found.entries()) {
      const neighbours = [height(extreme.hour - 0.1), height(extreme.hour + 0.1)]
      if (extreme.kind === 'high') expect(extreme.height).toBeGreaterThan(Math.max(...neighbours))
      else expect(extreme.height).toBeLessThan(Math.min(...neighbours))
      expect(extreme.kind).not.toBe(found[index + 1]?.kind)
    }
  })

  it('changes its height at the rate that slope returns', () => {
    for (const hour of [0, 3.3, 7.9, 100]) {
      const risen = height(hour + 0.0001) - height(hour - 0.0001)

      expect(slope(hour)).toBeCloseTo(risen / 0.0002, 4)
    }
  })

  it('is above a level from its rise through the level to its fall through it', () => {
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

  it('has windows that end with the range, and none above the highest water', () => {
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
  ])('formats hour %d as %s', (hour, expected) => {
    expect(formatTime(hour)).toBe(expected)
  })
})

describe('the curve', () => {
  it('follows the tide to a centimetre between its points', () => {
    const numbers = curvePath({ from: 0, to: 48 })
      .match(/-?[\d.]+/g)!
      .map(Number)
    const points = Array.from({ length: numbers.length / 2 }, (_, at) => [numbers[at * 2]!, -numbers[at * 2 + 1]!])

    for (let start = 0; start + 3 < points.length; start += 3) {
      const [a, b, c, d] = points.slice(start, start + 4) as [number[], number[], number[], number[]]
      // Midpoint of a cubic Bézier curve (de Casteljau).
      const middle = [0, 1].map((axis) => (a[axis]! + 3 * b[axis]! + 3 * c[axis]! + d[axis]!) / 8)
      expect(Math.abs(middle[1]! - height(middle[0]!))).toBeLessThan(0.01)
    }
    expect(points.at(-1)![0]).toBe(48)
  })
})
