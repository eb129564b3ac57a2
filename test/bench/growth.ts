/**
 * Whether an outbox of a million leads is as quick as one of a thousand, and needs no more memory.
 *
 * Two files, one with 10³ waiting and one with 10⁶, are asked in turns: add one lead, claim a call of 300, settle it,
 * ask for the status. The memory is that of this process while the million is added.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox, Settlement } from '../../relay/outbox/outbox.ts'
import { fill, leadOf, outboxFile } from './waiting.ts'

const FEW = 1_000
const MANY = 1_000_000
const ROUNDS = 41
/** The larger may take so many times as long: what a deeper index and a colder cache cost. */
const FLOOR = 1.5
/** Megabytes by which the process may grow from the first hundred thousand to the millionth. */
const MEMORY = 64

const LIMITS: Limits = {
  callsPer20s: 1e6,
  concurrency: 1e6,
  callsPerDay: 1e9,
  leadsPerCall: 300,
  timeout: 90_000,
}

interface Round {
  add: number
  claim: number
  settle: number
  status: number
  sweep: number
}

export const growthBench = {
  about: 'an outbox with a million waiting leads, against one with a thousand',

  async run(print: (line: string) => void): Promise<boolean> {
    const now = Date.now()
    const few = outboxFile(LIMITS)
    const many = outboxFile(LIMITS)
    try {
      await fill(few.outbox, 0, FEW, now)
      const memory = await fillAndWeigh(many.outbox, now, print)

      const rounds: { few: Round; many: Round }[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        // Who goes first has the colder machine.
        const first = round % 2 === 0 ? few.outbox : many.outbox
        const one = await measure(first, now, round)
        const other = await measure(first === few.outbox ? many.outbox : few.outbox, now, round)
        rounds.push(first === few.outbox ? { few: one, many: other } : { few: other, many: one })
      }

      print('')
      print('ms, medians               10³ waiting   10⁶ waiting   ratio')
      const ratios = (['add', 'claim', 'settle', 'status', 'sweep'] as const).map((what) => {
        const [a, b] = [median(rounds.map((round) => round.few[what])), median(rounds.map((round) => round.many[what]))]
        print(
          `${NAMES[what].padEnd(26)}${a.toFixed(3).padStart(11)}   ${b.toFixed(3).padStart(11)}   ${(b / a).toFixed(2)}`,
        )
        return b / a
      })
      const steady = ratios.every((ratio) => ratio <= FLOOR)
      print(`${steady ? 'PASS' : 'FAIL'}: none takes more than ${FLOOR} times as long`)
      print(
        `${memory <= MEMORY ? 'PASS' : 'FAIL'}: ${memory.toFixed(0)} MB more after the million, of ${MEMORY} allowed`,
      )
      return steady && memory <= MEMORY
    } finally {
      few.remove()
      many.remove()
    }
  },
}

const NAMES: Record<keyof Round, string> = {
  add: 'add a lead',
  claim: 'claim a call of 300',
  settle: 'settle it',
  status: 'status',
  sweep: 'sweep 300 receipts',
}

/** Adds the million; resolves with the megabytes by which the process grew after the first hundred thousand. */
async function fillAndWeigh(outbox: Outbox, now: number, print: (line: string) => void): Promise<number> {
  const step = MANY / 10
  const weights: number[] = []
  // What could be freed says nothing: it is freed before each weighing.
  setFlagsFromString('--expose-gc')
  const free = runInNewContext('gc') as () => void
  for (let from = 0; from < MANY; from += step) {
    const began = performance.now()
    await fill(outbox, from, from + step, now)
    const took = performance.now() - began
    free()
    const weight = process.memoryUsage.rss() / 2 ** 20
    weights.push(weight)
    const each = (took * 1_000) / step
    print(
      `  ${(from + step).toLocaleString('en').padStart(9)} leads: ${each.toFixed(1)} µs each, ${weight.toFixed(0)} MB`,
    )
  }
  return weights.at(-1)! - weights[0]!
}

/** One of each, and the outbox as full as before: 300 go and 300 come. */
async function measure(outbox: Outbox, now: number, round: number): Promise<Round> {
  const next = 2_000_000 + round * 1_000
  const add = await time(() => outbox.add([leadOf(next, now)], now))
  const [call, claim] = await timed(async () => (await outbox.claim(now, now + 100_000, 1))[0]!)
  const jobs = call.turns.flat()
  if (jobs.length !== 300) throw new Error(`a call of ${jobs.length} leads`)
  const settlements = jobs.map(({ lead, attempt }): Settlement => ({
    id: lead.id,
    attempt,
    kind: 'delivered',
    leadId: 7,
  }))
  const settle = await time(() => outbox.settle(call.id, settlements, now))
  const status = await time(() => outbox.status(now))
  const sweep = await time(() => outbox.sweep(now + 1, 300))
  await fill(outbox, next + 1, next + 300, now)
  return { add, claim, settle, status, sweep }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  return (await timed(work))[1]
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now()
  const result = await work()
  return [result, performance.now() - began]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
