/** Two ways of doing one thing, measured in turns, so that what slows the machine meets both. */
import { measure } from 'mitata'

export interface Comparison {
  what: string
  ours: () => unknown
  theirs: () => unknown
  /** How many times faster ours has to be. */
  floor: number
}

export interface Measured {
  what: string
  floor: number
  /** Microseconds, medians. */
  ours: number
  theirs: number
  ratio: number
  pass: boolean
}

/** Odd, so that a median is a measured value. */
const ROUNDS = 7
/** Nanoseconds of work in each round and for each side: some thousand calls. */
const ROUND = 250e6

/** The median of the rounds' medians for either side; the ratio is the median of the rounds' ratios. */
export async function sideBySide({ what, ours, theirs, floor }: Comparison): Promise<Measured> {
  const rounds: { ours: number; theirs: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    // Who goes first has the colder machine.
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
  // Each call by itself: in batches, which only fast work gets, a median would be one of means.
  const { p50 } = await measure(work, { min_cpu_time: ROUND, batch_threshold: 0 })
  return p50 / 1_000
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
