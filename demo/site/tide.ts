/**
 * The tide at Eastholm, a harbour that does not exist: a sum of harmonics, as every tide table is.
 *
 * Pure arithmetic on hours; it draws nothing and reads no clock. The speeds are those of the moon and the sun, the same
 * in every harbour; amplitudes and phases are a harbour's own, and these are invented. The phases are those at the
 * first hour, so that no astronomical argument is left to look up.
 *
 * Hour 0 is Monday 4 May 2026, 00:00 UTC, a spring tide.
 */

interface Constituent {
  /** Degrees an hour (Schureman, Manual of Harmonic Analysis and Prediction of Tides, table 2). */
  speed: number
  /** Metres. */
  amplitude: number
  /** Degrees behind its crest at hour 0. */
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

/** Mean water above chart datum, in metres: high enough that the lowest tide of all stays above the datum. */
const MEAN_LEVEL = 3.15

/** How far a search for a turn or a crossing looks in one step, in hours: far below the shortest period's half. */
const STEP = 0.25

/** Metres above chart datum. */
export function height(hour: number): number {
  return Object.values(CONSTITUENTS).reduce((sum, c) => sum + c.amplitude * Math.cos(angle(c, hour)), MEAN_LEVEL)
}

/** Metres an hour: positive while the water rises. */
export function slope(hour: number): number {
  return Object.values(CONSTITUENTS).reduce(
    (sum, c) => sum - c.amplitude * radians(c.speed) * Math.sin(angle(c, hour)),
    0,
  )
}

/** A high or a low water. */
export interface Turn {
  kind: 'high' | 'low'
  hour: number
  /** Metres above chart datum. */
  height: number
}

/** Every high and low water between two hours, in order. */
export function turns(from: number, to: number): Turn[] {
  return crossings(slope, from, to).map(({ hour, rising }) => ({
    kind: rising ? 'low' : 'high',
    hour,
    height: height(hour),
  }))
}

/** When the water stands above `level` metres: pairs of hours, cut off at the ends of the search. */
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

/** Hour 4.2 → `04:12`; the next day's hours start again at `00:00`. */
export function clock(hour: number): string {
  const minutes = Math.round(hour * 60)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`
}

/** Where `value` changes its sign, to less than a second. */
function crossings(value: (hour: number) => number, from: number, to: number): { hour: number; rising: boolean }[] {
  const found: { hour: number; rising: boolean }[] = []
  for (let left = from; left < to; left += STEP) {
    const right = Math.min(left + STEP, to)
    const rising = value(left) <= 0
    if (rising === value(right) <= 0) continue
    found.push({ hour: bisect(value, left, right, rising), rising })
  }
  return found
}

function bisect(value: (hour: number) => number, left: number, right: number, rising: boolean): number {
  let [low, high] = [left, right]
  // A quarter of an hour halved twelve times is a fifth of a second.
  for (let turn = 0; turn < 12; turn++) {
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
