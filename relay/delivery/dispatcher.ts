/**
 * Claim, attempt, settle: what brings a kept lead to Marketo.
 *
 * It knows no runtime: a timer or an alarm is handed in as the clock. It knows no SOAP: the transport answers with
 * verdicts, and `judge.ts` says what a verdict means for a job. How much may go at once is the outbox's to say.
 */
import { decideOutcome, RETRY_SCHEDULE, type RetrySchedule } from './retry-policy.ts'
import { iso, reasonOf, type Log } from '../monitoring/events.ts'
import { merge } from './merge.ts'
import { leaseOf, LIMITS, type Limits } from '../outbox/limits/limits.ts'
import type { Batch, Job, Outbox, Outcome, Settlement, Turn } from '../outbox/outbox.ts'
import type { AlertMonitor } from '../monitoring/alerts.ts'
import type { Transport, Verdict } from './transport.ts'

/**
 * While calls are out the clock wakes at the latest after this long. A runtime that starts again only when its alarm
 * rings (a Durable Object that died) so comes back for them soon.
 */
export const HEARTBEAT_MS = 10_000

/** When the outbox does not answer, it is asked again after this long. */
const OUTBOX_RETRY_MS = 5_000

/** A claim that gave nothing is not asked again sooner, whatever it says is due. */
const MIN_CLAIM_INTERVAL_MS = 20

/** Receipts are swept so many at a time, each time when something wakes us, and at the most once in so long. */
const SWEEP = { receipts: 500, pause: 60_000 }

export interface DispatcherOptions {
  outbox: Outbox
  transport: Transport
  /** Epoch milliseconds; better one that nobody sets back. */
  now: () => number
  /** From 0 up to, not including, 1. */
  random: () => number
  /** The clock: calls `wake` at that time, or never where there is none. A later call replaces an earlier one. */
  wakeAt: (time: number | undefined) => void
  log: Log
  /** Checks for alerts each time after something was done. */
  watch?: Pick<AlertMonitor, 'check'>
  limits?: Limits
  schedule?: RetrySchedule
  /** How long receipts of delivered leads are kept, in milliseconds. For ever, where it is not given. */
  keepReceipts?: number
}

export interface Dispatcher {
  /** Says that a job may be due. Delivers whatever is, and tells the clock when to wake it next. Never throws. */
  wake(): void
  /** Takes no further job and resolves when those in flight are settled. */
  stop(): Promise<void>
}

const FOR_ALL: ReadonlySet<Outcome['kind']> = new Set(['halted', 'limited'])

/** What a call came to, and could not be written down yet. */
interface Unwritten {
  call: Batch
  settlements: Settlement[]
}

/** Makes a deliverer. It does nothing until it is woken. */
export function createDispatcher(delivery: DispatcherOptions): Dispatcher {
  const { outbox, transport, now, random, wakeAt, log, limits = LIMITS, schedule = RETRY_SCHEDULE } = delivery
  const { keepReceipts = Infinity, watch } = delivery
  const inFlight = new Set<Promise<void>>()
  let unwritten: Unwritten[] = []
  let running: Promise<void> | undefined
  let woken = false
  let stopped = false
  let sweepAt = 0

  /** One claimer at a time. A call while it claims makes it claim once more. */
  function wake(): void {
    woken = true
    running ??= run().finally(() => {
      running = undefined
      // Woken between the last look and this line.
      if (woken && !stopped) wake()
    })
  }

  async function run(): Promise<void> {
    while (woken && !stopped) {
      woken = false
      const next = Math.min(await fill(), inFlight.size > 0 ? now() + HEARTBEAT_MS : Infinity)
      try {
        wakeAt(next === Infinity ? undefined : next)
      } catch (error) {
        logError('clock', error)
      }
    }
  }

  /** Takes what may be taken. Resolves with the time to look again; a settlement may make it sooner. */
  async function fill(): Promise<number> {
    try {
      await writeAgain()
      const calls = await outbox.claim(now(), now() + leaseOf(limits), limits.concurrency)
      for (const call of calls) begin(call)
      await sweep()
      await watch?.check()
      const next = (await outbox.nextDueAt(now())) ?? Infinity
      return calls.length > 0 ? next : Math.max(next, now() + MIN_CLAIM_INTERVAL_MS)
    } catch (error) {
      logError('outbox', error)
      return now() + OUTBOX_RETRY_MS
    }
  }

  function begin(call: Batch): void {
    const attempt: Promise<void> = attemptOnce(call).finally(() => {
      inFlight.delete(attempt)
      wake()
    })
    inFlight.add(attempt)
  }

  /** Never throws. */
  async function attemptOnce(call: Batch): Promise<void> {
    const startedAt = now()
    // The process has stood still since the claim. Sent now, it could still be at Marketo when others get its jobs.
    if (startedAt + limits.timeout > call.leaseExpiresAt) return write({ call, settlements: [] })
    const verdicts = await deliver(call.turns)
    const endedAt = now()
    const settlements = call.turns.flatMap((turn, at) => {
      // The same chance for all of a turn: due at different times they would go apart, an older answer after a newer one.
      const thrown = random()
      const circumstances = { now: endedAt, random: () => thrown, schedule, call }
      return turn.map((job): Settlement => {
        const outcome = decideOutcome(verdicts[at] ?? BROKEN, job, circumstances)
        // What holds for all is told once a call.
        if (!FOR_ALL.has(outcome.kind) || job === call.turns[0]?.[0]) tell(outcome, job, now() - startedAt)
        return { id: job.lead.id, attempt: job.attempt, ...outcome }
      })
    })
    await write({ call, settlements })
  }

  async function deliver(turns: readonly Turn[]): Promise<Verdict[]> {
    const [first, ...others] = turns.map((turn) => merge(turn.map(({ lead }) => lead) as [Job['lead']]))
    if (!first) return []
    try {
      const verdicts = await transport.deliver([first, ...others])
      return verdicts.length === turns.length ? verdicts : []
    } catch (error) {
      return turns.map(() => brokenTransport(error))
    }
  }

  /** Until it is written down the call stays out; once it is over, its jobs are due again. */
  async function write(outcome: Unwritten): Promise<void> {
    try {
      await outbox.settle(outcome.call.id, outcome.settlements, now())
    } catch (error) {
      unwritten.push(outcome)
      logError('settle', error)
    }
  }

  /** Tries once more to write down what could not be: sent again it would do no harm, and be a call for nothing. */
  async function writeAgain(): Promise<void> {
    const again = unwritten.filter(({ call }) => call.leaseExpiresAt > now())
    unwritten = []
    for (const [at, outcome] of again.entries()) {
      try {
        await outbox.settle(outcome.call.id, outcome.settlements, now())
      } catch (error) {
        unwritten.push(...again.slice(at))
        throw error
      }
    }
  }

  async function sweep(): Promise<void> {
    if (keepReceipts === Infinity || now() < sweepAt) return
    const swept = await outbox.sweep(now() - keepReceipts, SWEEP.receipts)
    sweepAt = swept < SWEEP.receipts ? now() + SWEEP.pause : now()
  }

  function logError(where: string, error: unknown): void {
    log({ event: 'error', where, reason: reasonOf(error) })
  }

  function tell(outcome: Outcome, job: Job, ms: number): void {
    const { id, form } = job.lead
    const { attempt } = job
    switch (outcome.kind) {
      case 'delivered':
        return log({ event: 'delivered', id, form, attempt, ms })
      case 'retry':
        return log({ event: 'retry', id, form, attempt, reason: outcome.reason, dueAt: iso(outcome.dueAt) })
      case 'again': {
        const { reason, refused = [] } = outcome
        if (refused.length > 0) {
          return log({ event: 'attributes-rejected', id, form, attempt, reason, attributes: [...refused] })
        }
        return log({ event: 'retry', id, form, attempt, reason, dueAt: iso(outcome.dueAt) })
      }
      case 'parked':
        return log({ event: 'parked', id, form, attempt, reason: outcome.reason })
      case 'halted':
        return log({
          event: outcome.blocked ? 'blocked' : 'outage',
          reason: outcome.reason,
          until: iso(outcome.until),
        })
      case 'limited':
        return log({ event: 'limited', limit: outcome.limit, reason: outcome.reason })
      default:
        outcome satisfies never
    }
  }

  return {
    wake,
    async stop() {
      stopped = true
      await running
      await Promise.all(inFlight)
      await writeAgain().catch((error: unknown) => logError('settle', error))
    },
  }
}

/** A transport gives a verdict for each lead. One that does not has a bug, and what it did is not known. */
const BROKEN = {
  kind: 'retry',
  reason: 'the transport gave no verdict',
  atMost: 20,
  uncertain: true,
} as const satisfies Verdict

/** A transport promises not to throw. A bug in it must not stop the line; its message may hold a person's data. */
function brokenTransport(error: unknown): Verdict {
  const name = error instanceof Error ? error.name : typeof error
  return { ...BROKEN, reason: `the transport failed: ${name}` }
}
