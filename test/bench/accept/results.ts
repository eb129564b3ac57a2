/** Results of the bench, as a table of ratios and as floors that are reached or missed. */
import type { Measurement } from './load.ts'

export interface Results {
  /** One measurement a round, by `<runtime> <kind> <connections>`. */
  rounds: Map<string, Measurement[]>
  /** Median time of an fsync in ms, one a round. */
  fsync: number[]
  /** Largest share of a core that the load generator used. */
  generatorCpu: number
}

export interface FloorResult {
  what: string
  pass: boolean
}

const ROWS = [
  ['json', 'Hono, JSON echo'],
  ['form', 'Hono, form echo'],
  ['free-json', 'no storage, JSON'],
  ['guarded-json', 'all guards, JSON'],
  ['free', 'relay, no storage'],
  ['single', 'relay, one by one'],
  ['relay', 'relay'],
  ['reader', 'relay, long reader'],
  ['shards', 'relay, three objects'],
] as const

const CELL_WIDTH = 38

/** Returns the lines of the table: each runtime's servers, a row each, with medians of the rounds. */
export function tableOf(results: Results, connections: readonly number[], fileSystem: string): string[] {
  const head = connections.map((count) => `${count} connection${count === 1 ? '' : 's'}`.padStart(CELL_WIDTH)).join('')
  const units = connections.map(() => '× JSON echo    req/s    p50    p99'.padStart(CELL_WIDTH)).join('')
  return ['Node', 'workerd'].flatMap((runtime) => [
    '',
    `${runtime}, ${fileSystem}, ms`.padEnd(22) + head,
    ''.padEnd(22) + units,
    ...ROWS.filter(([kind]) => results.rounds.has(`${runtime} ${kind} ${connections[0]}`)).map(([kind, what]) => {
      const cells = connections.map((count) => {
        const measured = results.rounds.get(`${runtime} ${kind} ${count}`) ?? []
        const ratio = ratioOf(results, `${runtime} ${kind} ${count}`, `${runtime} json ${count}`).toFixed(2)
        const rate = Math.round(median(measured.map((one) => one.rate))).toLocaleString('en')
        const p50 = median(measured.map((one) => one.p50)).toFixed(2)
        const p99 = median(measured.map((one) => one.p99)).toFixed(1)
        return ratio.padStart(CELL_WIDTH - 23) + rate.padStart(9) + p50.padStart(7) + p99.padStart(7)
      })
      return what.padEnd(22) + cells.join('')
    }),
    '',
  ])
}

/** Returns the floors. A ratio is the median of the rounds' ratios. */
export function floorsOf(results: Results): FloorResult[] {
  const { rounds, fsync, generatorCpu } = results
  const floors = [
    { runtime: 'Node', what: 'no storage, JSON ÷ JSON echo', one: 'free-json', other: 'json', floor: 0.7 },
    {
      runtime: 'Node',
      what: 'all guards, no storage, JSON ÷ JSON echo',
      one: 'guarded-json',
      other: 'json',
      floor: 0.7,
    },
    { runtime: 'Node', what: 'no storage ÷ form echo', one: 'free', other: 'form', floor: 0.7 },
    { runtime: 'Node', what: 'relay ÷ one by one', one: 'relay', other: 'single', floor: 6 },
    { runtime: 'Node', what: 'relay ÷ no storage', one: 'relay', other: 'free', floor: 0.5 },
    { runtime: 'workerd', what: 'relay ÷ form echo', one: 'relay', other: 'form', floor: 0.25 },
    { runtime: 'workerd', what: 'relay ÷ one by one', one: 'relay', other: 'single', floor: 3 },
  ]
  const ratios = floors.flatMap(({ runtime, what, one, other, floor }) =>
    [32, 256].map((count) => {
      const ratio = ratioOf(results, `${runtime} ${one} ${count}`, `${runtime} ${other} ${count}`)
      return {
        what: `${runtime}, ${count} connections: ${what} = ${ratio.toFixed(2)} (floor ${floor})`,
        pass: ratio >= floor,
      }
    }),
  )
  const readers = [32, 256].map((count) => {
    const without = rounds.get(`Node relay ${count}`) ?? []
    const ratio = median((rounds.get(`Node reader ${count}`) ?? []).map(({ p99 }, at) => p99 / without[at]!.p99))
    return {
      what: `Node, ${count} connections: p99 with a long reader ÷ without = ${ratio.toFixed(2)} (at most 1.5)`,
      pass: ratio <= 1.5,
    }
  })
  const inFsyncs = (rounds.get('Node relay 1') ?? []).map(({ p50 }, round) => {
    const withoutStorage = rounds.get('Node free 1')?.[round]?.p50 ?? Number.NaN
    return (p50 - withoutStorage) / (fsync[round] ?? Number.NaN)
  })
  const fsyncs = median(inFsyncs)
  return [
    ...ratios,
    ...readers,
    {
      what: `Node, 1 connection: storing a lead ÷ an fsync of ${median(fsync).toFixed(2)} ms = ${fsyncs.toFixed(2)} (at most 2)`,
      pass: fsyncs <= 2,
    },
    {
      what: `the load generator used ${generatorCpu.toFixed(2)} of a core (at most 0.9)`,
      pass: generatorCpu <= 0.9,
    },
  ]
}

/** Returns the median of the rounds' ratios of the rates. */
function ratioOf({ rounds }: Results, one: string, other: string): number {
  const others = rounds.get(other) ?? []
  return median((rounds.get(one) ?? []).map(({ rate }, round) => rate / (others[round]?.rate ?? Number.NaN)))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
