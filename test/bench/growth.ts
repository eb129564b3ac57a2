/**
 * Measures an outbox with a million waiting leads and one with a thousand, side by side.
 *
 * The two are files. In turns each adds one lead, claims a batch of 300, settles it, reads the status and sweeps
 * receipts. The memory is that of this process while the million is added.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox, Settlement } from '../../relay/outbox/outbox.ts'
import { fill, leadOf, outboxFile } from './waiting.ts'

const FEW = 1_000
const MANY = 1_000_000
const ROUNDS = 41
/** Maximum ratio of the times. A deeper index and a colder cache cost something. */
const MAX_RATIO = 1.5
/** Maximum growth of the process from the first hundred thousand leads to the millionth, in MB. */
const MAX_GROWTH_MB = 64

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
  about: 'an outbox with a million waiting leads beside one with a thousand',

  async run(print: (line: string) => void): Promise<boolean> {
    const now = Date.now()
    const few = await outboxFile(LIMITS)
    const many = await outboxFile(LIMITS)
    try {
      await fill(few.outbox, 0, FEW, now)
      const growth = await fillMany(many.outbox, now, print)

      const rounds: { few: Round; many: Round }[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        // The first one of a round may find the caches in another state than the second, so they take turns.
        const first = round % 2 === 0 ? few.outbox : many.outbox
        const one = await measure(first, now, round)
        const other = await measure(first === few.outbox ? many.outbox : few.outbox, now, round)
        rounds.push(first === few.outbox ? { few: one, many: other } : { few: other, many: one })
      }

      print('')
      print('median ms                 10³ waiting   10⁶ waiting   ratio')
      const ratios = (['add', 'claim', 'settle', 'status', 'sweep'] as const).map((what) => {
        const [a, b] = [median(rounds.map((round) => round.few[what])), median(rounds.map((round) => round.many[what]))]
        print(
          `${NAMES[what].padEnd(26)}${a.toFixed(3).padStart(11)}   ${b.toFixed(3).padStart(11)}   ${(b / a).toFixed(2)}`,
        )
        return b / a
      })
      const steady = ratios.every((ratio) => ratio <= MAX_RATIO)
      const small = growth <= MAX_GROWTH_MB
      print(`${steady ? 'PASS' : 'FAIL'}  no operation takes more than ${MAX_RATIO} × the time`)
      print(`${small ? 'PASS' : 'FAIL'}  the process grows by ${growth.toFixed(0)} MB (at most ${MAX_GROWTH_MB})`)
      return steady && small
    } finally {
      few.remove()
      many.remove()
    }
  },
}

const NAMES: Record<keyof Round, string> = {
  add: 'add a lead',
  claim: 'claim a batch of 300',
  settle: 'settle the batch',
  status: 'status',
  sweep: 'sweep 300 receipts',
}

/** Adds the million. Resolves with the growth of the process after the first hundred thousand, in MB. */
async function fillMany(outbox: Outbox, now: number, print: (line: string) => void): Promise<number> {
  const step = MANY / 10
  const sizes: number[] = []
  // Garbage is collected before each reading, so that only memory in use counts.
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  for (let from = 0; from < MANY; from += step) {
    const began = performance.now()
    await fill(outbox, from, from + step, now)
    const took = performance.now() - began
    collectGarbage()
    const size = memoryInUse() / 2 ** 20
    sizes.push(size)
    const each = (took * 1_000) / step
    print(
      `  ${(from + step).toLocaleString('en').padStart(9)} leads: ${each.toFixed(1)} µs each, ${size.toFixed(0)} MB`,
    )
  }
  return sizes.at(-1)! - sizes[0]!
}

/**
 * Returns the bytes that this process needs: its resident set without the part of V8's heap that is empty.
 *
 * V8 enlarges the space of young objects while much is allocated, by up to 100 MB, and keeps it empty after a collection.
 */
function memoryInUse(): number {
  const { rss, heapTotal, heapUsed } = process.memoryUsage()
  return rss - (heapTotal - heapUsed)
}

/** Measures each operation once. The outbox is as full afterwards: 300 leads are delivered and 300 added. */
async function measure(outbox: Outbox, now: number, round: number): Promise<Round> {
  const next = 2_000_000 + round * 1_000
  const add = await time(() => outbox.add([leadOf(next, now)], now))
  const [batch, claim] = await timed(async () => (await outbox.claim(now, now + 100_000, 1))[0]!)
  const { id, jobs } = batch
  if (jobs.length !== 300) throw new Error(`the batch has ${jobs.length} leads, not 300`)
  const settlements = jobs.map(({ lead, attempt }): Settlement => ({
    id: lead.id,
    attempt,
    kind: 'delivered',
    leadId: 7,
  }))
  const settle = await time(() => outbox.settle(id, settlements, now))
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
