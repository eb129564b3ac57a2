/** Measures two ways of doing one thing in turns, so that other work on the machine slows both. */
import { measure } from 'mitata'

export interface Comparison {
  what: string
  ours: () => unknown
  theirs: () => unknown
  /** Minimum ratio of the times, theirs to ours. */
  floor: number
}

export interface Measured {
  what: string
  floor: number
  /** Median time in µs. */
  ours: number
  theirs: number
  /** Theirs to ours. */
  ratio: number
  pass: boolean
}

/** An odd number, so that a median is a measured value. */
const ROUNDS = 7
/** Minimum processor time of each side in each round, in ns: some thousand calls. */
const ROUND_NS = 250e6

/** Measures both. The times are the medians of the rounds' medians, the ratio is the median of the rounds' ratios. */
export async function sideBySide({ what, ours, theirs, floor }: Comparison): Promise<Measured> {
  const rounds: { ours: number; theirs: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    // The first one of a round may find the processor in another state than the second, so they take turns.
    const order = round % 2 === 0 ? ([ours, theirs] as const) : ([theirs, ours] as const)
    const first = await microseconds(order[0])
    const second = await microseconds(order[1])
    rounds.push(round % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first })
  }
  const ratio = median(rounds.map((round) => round.theirs / round.ours))
  return {
    what,
    floor,
    ours: median(rounds.map((round) => round.ours)),
    theirs: median(rounds.map((round) => round.theirs)),
    ratio,
    pass: ratio >= floor,
  }
}

async function microseconds(work: () => unknown): Promise<number> {
  // No batches, which only fast work would get: their median would be one of means.
  const { p50 } = await measure(work, { min_cpu_time: ROUND_NS, batch_threshold: 0 })
  return p50 / 1_000
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
