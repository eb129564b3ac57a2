/**
 * Claim, attempt, settle: what brings a kept lead to Marketo.
 *
 * It knows no runtime: a timer or an alarm is handed in as the clock. It knows no SOAP: the transport answers with a
 * verdict, and the verdict says what happens to the job.
 */
import { reasonOf, type Log } from './log.ts'
import type { Job, Outbox, Outcome, Settlement } from './outbox/outbox.ts'
import { LIMITS, type Limits } from './limits.ts'
import { createPace } from './pace.ts'
import type { Transport, Verdict } from './verdict.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Longer than any attempt can take (90 s), so that a lead is in two hands only if the first has died. */
const LEASE = 2 * MINUTE

/**
 * While jobs are out the clock wakes at the latest after this long. A runtime that starts again only when its alarm
 * rings (a Durable Object that died) so comes back for them soon, and not when their leases end.
 */
export const HEARTBEAT = 10 * SECOND

/** When the outbox does not answer, it is asked again after this long. */
const OUTBOX_PAUSE = 5 * SECOND

/**
 * While nothing gets through, a lead keeps its place in the line for this many attempts, some twelve minutes; then it
 * lets others try, for it may itself be what a firewall or a proxy does not let through.
 */
const IN_LINE = 30

/** How long to wait. Full jitter: anything between zero and a limit that doubles with each attempt. */
export interface Schedule {
  /** One lead's retries: the first limit and the last. */
  lead: { first: number; last: number }
  /** The pause of all while Marketo can't be reached. */
  outage: { first: number; last: number }
  /** The pause of all while the account is refused. Someone must act; asking often would not help. */
  blocked: number
  /** A lead that was tried for this long is parked. */
  giveUpAfter: number
}

export const SCHEDULE: Schedule = {
  lead: { first: 2 * SECOND, last: HOUR },
  outage: { first: SECOND, last: MINUTE },
  blocked: 5 * MINUTE,
  giveUpAfter: 5 * DAY,
}

export interface Delivery {
  outbox: Outbox
  transport: Transport
  /** Epoch milliseconds. */
  now: () => number
  /** From 0 up to, not including, 1. */
  random: () => number
  /** The clock: calls `wake` at that time, or never where there is none. A later call replaces an earlier one. */
  wakeAt: (time: number | undefined) => void
  log: Log
  limits?: Limits
  schedule?: Schedule
}

export interface Deliverer {
  /** Says that a job may be due. Delivers whatever is, and tells the clock when to wake it next. Never throws. */
  wake(): void
  /** Takes no further job and resolves when those in flight are settled. */
  stop(): Promise<void>
}

/** Makes a deliverer. It does nothing until it is woken. */
export function createDeliverer(delivery: Delivery): Deliverer {
  const { outbox, transport, now, wakeAt, log, limits = LIMITS } = delivery
  const pace = createPace(limits.callsPer20s)
  const inFlight = new Set<Promise<void>>()
  let running: Promise<void> | undefined
  let woken = false
  let stopped = false

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
      const next = await fill()
      try {
        wakeAt(inFlight.size > 0 ? Math.min(next ?? Infinity, now() + HEARTBEAT) : next)
      } catch (error) {
        log({ event: 'trouble', where: 'clock', reason: reasonOf(error) })
      }
    }
  }

  /** Takes what may be taken. Resolves with the time to look again; with all hands full the next settlement wakes. */
  async function fill(): Promise<number | undefined> {
    const hands = limits.concurrency - inFlight.size
    const free = Math.min(hands, pace.free(now()))
    if (free <= 0) return hands > 0 ? pace.nextAt(now()) : undefined
    try {
      const jobs = await outbox.claim(now(), now() + LEASE, free)
      pace.start(now(), jobs.length)
      for (const job of jobs) {
        const attempt: Promise<void> = attemptOnce(job).finally(() => {
          inFlight.delete(attempt)
          wake()
        })
        inFlight.add(attempt)
      }
      if (jobs.length < free) return await outbox.nextDueAt()
      return free < hands ? pace.nextAt(now()) : undefined
    } catch (error) {
      log({ event: 'trouble', where: 'claim', reason: reasonOf(error) })
      return now() + OUTBOX_PAUSE
    }
  }

  /** Never throws. */
  async function attemptOnce(job: Job): Promise<void> {
    const { id } = job.lead
    const startedAt = now()
    const verdict = await transport.deliver(job.lead).catch(brokenTransport)
    const outcome = judge(verdict, job, delivery)
    tell(outcome, job, startedAt)
    try {
      const settlement: Settlement = { id, attempt: job.attempt, ...outcome }
      await outbox.settle([settlement], now())
    } catch (error) {
      // The lease ends, and the lead is sent once more: twice is safe, for syncLead writes the same values again.
      log({ event: 'trouble', where: 'settle', reason: reasonOf(error) })
    }
  }

  function tell(outcome: Outcome, job: Job, startedAt: number): void {
    const { id, form } = job.lead
    const { attempt } = job
    switch (outcome.kind) {
      case 'delivered':
        return log({ event: 'delivered', id, form, attempt, ms: now() - startedAt })
      case 'retry':
        return log({ event: 'retry', id, form, attempt, reason: outcome.reason, dueAt: iso(outcome.dueAt) })
      case 'parked':
        return log({ event: 'parked', id, form, attempt, reason: outcome.reason })
      case 'halted':
        return log({
          event: outcome.blocked ? 'blocked' : 'halted',
          reason: outcome.reason,
          until: iso(outcome.until),
        })
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
    },
  }
}

/** Verdict → what happens to the job. */
export function judge(
  verdict: Verdict,
  job: Job,
  { now, random, schedule = SCHEDULE }: Pick<Delivery, 'now' | 'random' | 'schedule'>,
): Outcome {
  const jitter = ({ first, last }: { first: number; last: number }) =>
    Math.ceil(random() * Math.min(last, first * 2 ** Math.min(job.attempt, 30)))

  switch (verdict.kind) {
    case 'sent':
      return { kind: 'delivered', leadId: verdict.leadId }
    case 'park':
      return { kind: 'parked', reason: verdict.reason }
    case 'blocked': {
      const { reason } = verdict
      const until = now() + schedule.blocked
      if (job.attempt % IN_LINE === 0) return { kind: 'retry', dueAt: until + jitter(schedule.lead), reason }
      return { kind: 'halted', until, reason, blocked: true }
    }
    case 'retry': {
      const { reason, after = 0, atMost = Infinity } = verdict
      if (verdict.everyone) {
        if (!verdict.neverArrived && job.attempt % IN_LINE === 0) {
          return { kind: 'retry', dueAt: now() + after + jitter(schedule.outage) + schedule.outage.last, reason }
        }
        return { kind: 'halted', until: now() + after + jitter(schedule.outage), reason, blocked: false }
      }
      if (job.attempt >= atMost) return { kind: 'parked', reason: `${reason}; tried ${job.attempt} times` }
      if (now() - job.lead.acceptedAt > schedule.giveUpAfter) {
        return { kind: 'parked', reason: `${reason}; tried ${job.attempt} times since ${iso(job.lead.acceptedAt)}` }
      }
      return { kind: 'retry', dueAt: now() + after + jitter(schedule.lead), reason }
    }
    default:
      return verdict satisfies never
  }
}

/** A transport promises not to throw. A bug in it must not stop the line; its message may hold a person's data. */
function brokenTransport(error: unknown): Verdict {
  const name = error instanceof Error ? error.name : typeof error
  return { kind: 'retry', reason: `the transport failed: ${name}`, atMost: 20 }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
