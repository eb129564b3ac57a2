/** What the bench has measured, as a table and as floors that are reached or missed. */
import type { Measurement } from './load.ts'

export interface Results {
  /** By `<runtime> <kind> <connections>`, one measurement a round. */
  rounds: Map<string, Measurement[]>
  /** Milliseconds, one median a round. */
  fsync: number[]
  /** The largest share of a core that the load generator took. */
  busy: number
}

export interface Verdict {
  what: string
  pass: boolean
}

const ROWS = [
  ['json', 'bare Hono, JSON echo'],
  ['form', 'bare Hono, form echo'],
  ['free-json', 'nothing kept, of JSON'],
  ['free', 'relay, nothing kept'],
  ['single', 'relay, one by one'],
  ['relay', 'relay'],
  ['shards', 'relay, three objects'],
] as const

/** Each runtime's servers, a row each: medians of the rounds. */
export function tableOf(results: Results, connections: readonly number[], fileSystem: string): string[] {
  const head = connections.map((count) => `${count} connection${count === 1 ? '' : 's'}`.padStart(26)).join('')
  const units = connections.map(() => 'req/s    p50    p99'.padStart(26)).join('')
  return ['Node', 'workerd'].flatMap((runtime) => [
    '',
    `${runtime}, ${fileSystem}, ms`.padEnd(24) + head,
    ''.padEnd(24) + units,
    ...ROWS.filter(([kind]) => results.rounds.has(`${runtime} ${kind} ${connections[0]}`)).map(([kind, what]) => {
      const cells = connections.map((count) => {
        const measured = results.rounds.get(`${runtime} ${kind} ${count}`) ?? []
        const rate = Math.round(median(measured.map((one) => one.rate)))
        const p50 = median(measured.map((one) => one.p50))
        const p99 = median(measured.map((one) => one.p99))
        return `${rate.toLocaleString('en').padStart(12)}${p50.toFixed(2).padStart(7)}${p99.toFixed(1).padStart(7)}`
      })
      return what.padEnd(24) + cells.join('')
    }),
    '',
  ])
}

/** The floors. A ratio is the median of the rounds' ratios. */
export function verdictsOf(results: Results): Verdict[] {
  const { rounds, fsync, busy } = results
  const ratio = (one: string, other: string) => {
    const others = rounds.get(other) ?? []
    return median((rounds.get(one) ?? []).map(({ rate }, round) => rate / (others[round]?.rate ?? Number.NaN)))
  }
  const floors = [
    { runtime: 'Node', what: 'nothing kept of JSON, of the JSON echo', one: 'free-json', other: 'json', floor: 0.7 },
    { runtime: 'Node', what: 'nothing kept, of the form echo', one: 'free', other: 'form', floor: 0.7 },
    { runtime: 'Node', what: 'the relay, of one by one', one: 'relay', other: 'single', floor: 6 },
    { runtime: 'Node', what: 'the relay, of nothing kept', one: 'relay', other: 'free', floor: 0.5 },
    { runtime: 'workerd', what: 'the relay, of the form echo', one: 'relay', other: 'form', floor: 0.25 },
    { runtime: 'workerd', what: 'the relay, of one by one', one: 'relay', other: 'single', floor: 3 },
  ]
  const verdicts = floors.flatMap(({ runtime, what, one, other, floor }) =>
    [32, 256].map((count) => {
      const found = ratio(`${runtime} ${one} ${count}`, `${runtime} ${other} ${count}`)
      const strict = ratio(`${runtime} ${one} ${count}`, `${runtime} json ${count}`)
      const beside = other === 'form' ? `; of the JSON echo ${strict.toFixed(2)}` : ''
      return {
        what: `${runtime}, ${count} connections: ${what} ${found.toFixed(2)} (floor ${floor}${beside})`,
        pass: found >= floor,
      }
    }),
  )
  const alone = (rounds.get('Node relay 1') ?? []).map(({ p50 }, round) => {
    const free = rounds.get('Node free 1')?.[round]?.p50 ?? Number.NaN
    return (p50 - free) / (fsync[round] ?? Number.NaN)
  })
  const fsyncs = median(alone)
  return [
    ...verdicts,
    {
      what: `Node, alone: keeping a lead takes ${fsyncs.toFixed(2)} fsyncs of ${median(fsync).toFixed(2)} ms (at most 2)`,
      pass: fsyncs <= 2,
    },
    { what: `the load generator took at most ${busy.toFixed(2)} of a core (at most 0.9)`, pass: busy <= 0.9 },
  ]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
