/**
 * Counts the calls of a backlog in which every third lead has a cookie, within the limits that are the relay's default. There
 * are more such leads than calls left, so that all values go in shared calls, and the cookies follow.
 *
 * The outbox is real and in a file; the clock is simulated, and each call is answered at once. Beside it stands the same
 * outbox where each lead with a cookie keeps a call of its own; and the order without turns, in which the lead that is due
 * longest leads the next call: that is counted by a model.
 */
import type { BatchKeys } from '../../relay/outbox/batch-planner.ts'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import { LIMITS } from '../../relay/outbox/limits/limits.ts'
import type { Lead } from '../../relay/intake/lead.ts'
import { SOAP_BATCH_KEYS } from '../../relay/marketo/soap/transport.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { leadOf, outboxFile } from './waiting.ts'

/** Number of leads; the numbers that are divisible by three have a cookie. */
const MIXED_LEADS = 20_000

/** Minimum ratio of the calls until all leads without a cookie are delivered: without turns, and with them. */
const MIN_RATIO = 50

/** Minimum ratio of the calls until all leads are delivered: with a call for each cookie first, and with cookies after. */
const MIN_VALUES_RATIO = 50

/** Noon in US Central time, so that a day's calls are not renewed at once. */
const START = Date.UTC(2026, 10, 30, 18)

/** A lead with a cookie needs a call of its own for good: with its cookie or without it. */
const ALONE: BatchKeys = {
  ...SOAP_BATCH_KEYS,
  batchKey: (lead) => (hasCookie(Number(lead.id.slice(-12))) ? null : SOAP_BATCH_KEYS.batchKey(lead)),
}

/** The calls and the simulated ms until something was done. */
interface Progress {
  calls: number
  ms: number
}

interface Drained {
  /** All leads without a cookie are delivered. */
  without: Progress
  /** All leads are delivered. */
  leads: Progress
  /** All cookies are associated. */
  all: Progress
}

/** Counts and prints. Returns whether no lead waited for many of the cookies. */
export async function runMixedBacklog(print: (line: string) => void, batchKeys: BatchKeys): Promise<boolean> {
  const after = await drainMixed(batchKeys)
  const turns = await drainMixed(ALONE)
  const order = callsInOrder(LIMITS)
  const ratio = order.without / turns.without.calls
  const valuesRatio = turns.leads.calls / after.leads.calls
  print('')
  print(`${count(MIXED_LEADS)} leads, every third with a cookie    cookies after     with turns   in their order`)
  const row = (name: string, { calls, ms }: Progress, other: Progress, model: number) => {
    print(line(`calls until all ${name}`, count(calls), count(other.calls), count(model)))
    print(line('time at the default limits', duration(ms), duration(other.ms)))
  }
  row('without a cookie are delivered', after.without, turns.without, order.without)
  row('are delivered', after.leads, turns.leads, order.all)
  row('cookies are associated', after.all, turns.all, order.all)
  const results = [
    {
      what: `all leads wait for ${Math.round(valuesRatio)} × fewer calls (floor ${MIN_VALUES_RATIO} ×)`,
      pass: valuesRatio >= MIN_VALUES_RATIO,
    },
    {
      what: `with turns, those without a cookie wait for ${Math.round(ratio)} × fewer calls (floor ${MIN_RATIO} ×)`,
      pass: ratio >= MIN_RATIO,
    },
    {
      what: 'no way takes more calls than a hundredth over the least',
      pass: after.all.calls <= order.all * 1.01 && turns.all.calls === order.all,
    },
  ]
  for (const { what, pass } of results) print(`${pass ? 'PASS' : 'FAIL'}  ${what}`)
  return results.every(({ pass }) => pass)
}

/** Fills an outbox with these batch keys, and delivers all of it in simulated time. */
async function drainMixed(batchKeys: BatchKeys): Promise<Drained> {
  const { outbox, remove } = await outboxFile(LIMITS, batchKeys)
  try {
    for (let first = 0; first < MIXED_LEADS; first += 1_000) {
      await outbox.add(
        Array.from({ length: 1_000 }, (_, at) => mixedLead(first + at)),
        START,
      )
    }
    return await drain(outbox)
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

/** Delivers all leads in simulated time, and then their cookies. */
async function drain(outbox: Outbox): Promise<Drained> {
  let [now, calls] = [START, 0]
  let [without, leads]: Progress[] = [
    { calls: 0, ms: 0 },
    { calls: 0, ms: 0 },
  ]
  for (let next: number | undefined = START; next !== undefined;) {
    now = Math.max(now, next)
    for (const { id, jobs, owed } of await outbox.claim(now, now + 100_000, LIMITS.concurrency)) {
      calls += 1
      if (jobs.length > 0) leads = { calls, ms: now - START }
      if (jobs.some(({ lead }) => !hasCookie(Number(lead.id.slice(-12))))) without = leads
      const settled = owed
        ? [{ id: owed.cookie.id, attempt: owed.attempt, owed: true as const }]
        : jobs.map(({ lead, attempt }) => ({ id: lead.id, attempt }))
      await outbox.settle(
        id,
        settled.map((each) => ({ ...each, kind: 'delivered', leadId: 7 })),
        now,
      )
    }
    next = await outbox.nextDueAt(now)
  }
  return { without: without!, leads: leads!, all: { calls, ms: now - START } }
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

function line(name: string, ...cells: string[]): string {
  return `${name.padEnd(47)}${cells.map((cell) => cell.padStart(15)).join('')}`
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function duration(ms: number): string {
  return ms >= 3_600_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 1_000).toFixed(0)} s`
}
