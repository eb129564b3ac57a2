/**
 * Counts the calls of a backlog in which every third lead has a cookie and needs a call of its own, within the limits that
 * are the relay's default.
 *
 * The outbox is real and in a file; the clock is simulated, and each call is answered at once. Beside it stands the order
 * without turns, in which the lead that is due longest leads the next call: that is counted by a model.
 */
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import { LIMITS } from '../../relay/outbox/limits/limits.ts'
import type { Lead } from '../../relay/intake/lead.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { leadOf, outboxFile } from './waiting.ts'

/** Number of leads; the numbers that are divisible by three have a cookie. */
const MIXED_LEADS = 20_000

/** Minimum ratio of the calls until all leads without a cookie are delivered: without turns, and with them. */
const MIN_RATIO = 50

/** Noon in US Central time, so that a day's calls are not renewed at once. */
const START = Date.UTC(2026, 10, 30, 18)

/** The calls and the simulated ms until all leads of a kind were delivered. */
interface Progress {
  calls: number
  ms: number
}

interface Drained {
  without: Progress
  all: Progress
}

/** Counts and prints. Returns whether the leads without a cookie waited for few of the others. */
export async function runMixedBacklog(print: (line: string) => void): Promise<boolean> {
  const { outbox, remove } = await outboxFile(LIMITS)
  try {
    for (let first = 0; first < MIXED_LEADS; first += 1_000) {
      await outbox.add(
        Array.from({ length: 1_000 }, (_, at) => mixedLead(first + at)),
        START,
      )
    }
    const turns = await drain(outbox)
    const order = callsInOrder(LIMITS)
    const ratio = order.without / turns.without.calls
    print('')
    print(`${count(MIXED_LEADS)} leads, every third with a cookie      with turns   in their order`)
    print(line('calls until all without a cookie are delivered', count(turns.without.calls), count(order.without)))
    print(line('time at the default limits', duration(turns.without.ms)))
    print(line('calls until all are delivered', count(turns.all.calls), count(order.all)))
    print(line('time at the default limits', duration(turns.all.ms)))
    const pass = ratio >= MIN_RATIO && turns.all.calls === order.all
    print(
      `${pass ? 'PASS' : 'FAIL'}  leads without a cookie wait for ${Math.round(ratio)} × fewer calls (floor ${MIN_RATIO} ×), ` +
        'and all leads take as many',
    )
    return pass
  } finally {
    remove()
  }
}

function hasCookie(number: number): boolean {
  return number % 3 === 0
}

function mixedLead(number: number): Lead {
  const lead = leadOf(number, START)
  return hasCookie(number) ? { ...lead, cookie: `id:123-ABC-456&token:_mch-acme.example-${number}` } : lead
}

/** Delivers all leads in simulated time. */
async function drain(outbox: Outbox): Promise<Drained> {
  let [now, calls] = [START, 0]
  let without: Progress = { calls: 0, ms: 0 }
  for (let next: number | undefined = START; next !== undefined;) {
    now = Math.max(now, next)
    for (const { id, jobs } of await outbox.claim(now, now + 100_000, LIMITS.concurrency)) {
      calls += 1
      if (jobs.some(({ lead }) => lead.cookie === undefined)) without = { calls, ms: now - START }
      await outbox.settle(
        id,
        jobs.map(({ lead, attempt }) => ({ id: lead.id, attempt, kind: 'delivered', leadId: 7 })),
        now,
      )
    }
    next = await outbox.nextDueAt(now)
  }
  return { without, all: { calls, ms: now - START } }
}

/** Counts the calls where the lead that is due longest leads each of them, and leads without a cookie join it. */
function callsInOrder({ leadsPerCall }: Limits): { without: number; all: number } {
  const numbers = Array.from({ length: MIXED_LEADS }, (_, number) => number)
  const shared = numbers.filter((number) => !hasCookie(number))
  const leaders = shared.filter((_, at) => at % leadsPerCall === 0)
  const alone = numbers.filter(hasCookie)
  const lastLeader = leaders.at(-1) ?? 0
  return {
    without: leaders.length + alone.filter((number) => number < lastLeader).length,
    all: leaders.length + alone.length,
  }
}

function line(name: string, turns: string, order = ''): string {
  return `${name.padEnd(47)}${turns.padStart(10)}${order.padStart(17)}`
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function duration(ms: number): string {
  return ms >= 3_600_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 1_000).toFixed(0)} s`
}
