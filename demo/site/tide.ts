/**
 * Computes the tide at Eastholm, an invented harbour, as a sum of harmonics; it is pure and draws nothing.
 *
 * The speeds are astronomical and the same in every harbour. Amplitudes and phases differ by harbour, and these are
 * invented. The phases are those at hour 0, so that no astronomical argument is needed.
 *
 * Hour 0 is Monday 4 May 2026, 00:00 UTC, a spring tide.
 */

interface Constituent {
  /** Degrees per hour (Schureman, Manual of Harmonic Analysis and Prediction of Tides, table 2). */
  speed: number
  /** Metres. */
  amplitude: number
  /** Phase lag at hour 0, in degrees. */
  phase: number
}

const CONSTITUENTS: Readonly<Record<string, Constituent>> = {
  M2: { speed: 28.9841042, amplitude: 1.72, phase: 118 },
  S2: { speed: 30, amplitude: 0.58, phase: 121 },
  N2: { speed: 28.4397295, amplitude: 0.33, phase: 96 },
  K2: { speed: 30.0821373, amplitude: 0.16, phase: 119 },
  K1: { speed: 15.0410686, amplitude: 0.09, phase: 40 },
  O1: { speed: 13.9430356, amplitude: 0.11, phase: 205 },
  M4: { speed: 57.9682084, amplitude: 0.12, phase: 12 },
}

/** Mean water level, in metres above chart datum. The lowest tide stays above the datum. */
const MEAN_LEVEL_METRES = 3.15

/** Step of the search for a zero crossing, in hours: far below half of the shortest period. */
const SEARCH_STEP_HOURS = 0.25

/** Returns the height of the tide, in metres above chart datum. */
export function height(hour: number): number {
  return Object.values(CONSTITUENTS).reduce((sum, c) => sum + c.amplitude * Math.cos(angle(c, hour)), MEAN_LEVEL_METRES)
}

/** Returns the rate of change, in metres per hour. It is positive while the water rises. */
export function slope(hour: number): number {
  return Object.values(CONSTITUENTS).reduce(
    (sum, c) => sum - c.amplitude * radians(c.speed) * Math.sin(angle(c, hour)),
    0,
  )
}

/** A high or a low water. */
export interface Extreme {
  kind: 'high' | 'low'
  hour: number
  /** Metres above chart datum. */
  height: number
}

/** Returns every high and low water between two hours, in order. */
export function extremes(from: number, to: number): Extreme[] {
  return crossings(slope, from, to).map(({ hour, rising }) => ({
    kind: rising ? 'low' : 'high',
    hour,
    height: height(hour),
  }))
}

/** Returns the windows, in hours, in which the tide is above `level` metres. Both ends of the range cut them off. */
export function windowsAbove(level: number, from: number, to: number): { from: number; to: number }[] {
  const windows: { from: number; to: number }[] = []
  let open = height(from) > level ? from : undefined
  for (const { hour, rising } of crossings((at) => height(at) - level, from, to)) {
    if (rising) open = hour
    else if (open !== undefined) {
      windows.push({ from: open, to: hour })
      open = undefined
    }
  }
  if (open !== undefined) windows.push({ from: open, to })
  return windows
}

/** Formats hour 4.2 as `04:12`. Hours of the next day start again at `00:00`. */
export function formatTime(hour: number): string {
  const minutes = Math.round(hour * 60)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`
}

/** Finds the hours at which `value` changes its sign, to less than a second. */
function crossings(value: (hour: number) => number, from: number, to: number): { hour: number; rising: boolean }[] {
  const found: { hour: number; rising: boolean }[] = []
  for (let left = from; left < to; left += SEARCH_STEP_HOURS) {
    const right = Math.min(left + SEARCH_STEP_HOURS, to)
    const rising = value(left) <= 0
    if (rising === value(right) <= 0) continue
    found.push({ hour: bisect(value, left, right, rising), rising })
  }
  return found
}

function bisect(value: (hour: number) => number, left: number, right: number, rising: boolean): number {
  let [low, high] = [left, right]
  // A quarter of an hour halved twelve times is a fifth of a second.
  for (let halving = 0; halving < 12; halving++) {
    const middle = (low + high) / 2
    if (value(middle) <= 0 === rising) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function angle({ speed, phase }: Constituent, hour: number): number {
  return radians(speed * hour - phase)
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
