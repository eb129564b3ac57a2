/**
 * The dispatcher: claims batches, lets the transport try them, and settles them.
 *
 * It knows no runtime: a timer or an alarm is a parameter. It knows no transport: verdicts come back, and the retry
 * policy says what they mean. How much may be leased is decided by the outbox.
 */
import type { AlertMonitor } from '../monitoring/alerts.ts'
import { iso, reasonOf, type Log } from '../monitoring/events.ts'
import { leaseOf, LIMITS, type Limits } from '../outbox/limits/limits.ts'
import type { Batch, Job, Outbox, Outcome, OwedJob, Settlement } from '../outbox/outbox.ts'
import { decideOwed } from './owed-policy.ts'
import {
  decideOutcome,
  isAccountFailure,
  RETRY_SCHEDULE,
  type RetryContext,
  type RetrySchedule,
} from './retry-policy.ts'
import { isUnanswered, noteOf, refuseRepetition, withReceipt } from './submission.ts'
import type { Transport, Verdict } from './transport.ts'

/**
 * Longest time until the next wake-up while batches are out, in ms. A runtime that starts again only when its alarm rings
 * (a Durable Object that crashed) so comes back for them soon.
 */
export const HEARTBEAT_MS = 10_000

/** Pause after the outbox did not answer, in ms. */
const OUTBOX_RETRY_MS = 5_000

/** Minimum time between two claims when the first gave nothing, in ms. */
const MIN_CLAIM_INTERVAL_MS = 20

/** Maximum time of a call beside that of a batch, in ms. */
const STEP_TIMEOUT_MS = 10_000

/** Receipts that are removed at a time, and leads that expire, and the pause once there are no more, in ms. */
const SWEEP = { receipts: 500, pauseMs: 60_000 }

export interface DispatcherOptions {
  outbox: Outbox
  transport: Pick<Transport, 'deliver' | 'associate' | 'probe'>
  /** Returns epoch milliseconds, preferably of a clock that is never set back. */
  now: () => number
  /** Returns ms of a clock that is never set. `now` by default. */
  elapsed?: () => number
  /** Returns a number from 0 up to, not including, 1. */
  random: () => number
  /** Resolves after so many ms. Without it a call beside that of a batch does not wait for the limits. */
  wait?: (ms: number) => Promise<void>
  /** Sets the clock: it calls `wake` at that time, or never when it is undefined. Replaces an earlier time. */
  wakeAt: (time: number | undefined) => void
  log: Log
  /** Checks for alerts each time after something was done. */
  monitor?: Pick<AlertMonitor, 'check'>
  limits?: Limits
  schedule?: RetrySchedule
  /** Time for which receipts of delivered leads are kept, in ms. For ever, when it is absent. */
  keepReceipts?: number
  /** Time for which parked and held leads are kept, in ms. For ever, when it is absent. */
  keepParked?: number
}

export interface Dispatcher {
  /** Tells that a job may be due. Delivers what is due, and sets the clock for the rest. Never throws. */
  wake(): void
  /** Claims no more batches, and resolves when those that are out are settled. */
  stop(): Promise<void>
}

/** Outcomes of the whole account: logged once a batch. */
const ACCOUNT_OUTCOMES: ReadonlySet<Outcome['kind']> = new Set(['stopped', 'limited'])

/** Returns whether a gateway may have refused the batch for what it holds, and nothing is known of other leads. */
function needsProbe({ jobs, owed }: Batch, verdicts: readonly Verdict[]): boolean {
  const isDoubtful = verdicts.some((verdict) => isAccountFailure(verdict) && verdict.gateway)
  return isDoubtful && ![...jobs, ...(owed ? [owed] : [])].some(({ othersDelivered }) => othersDelivered)
}

/** Verdict for a transport that gave none: what it has done is not known. */
const NO_VERDICT = {
  kind: 'failed',
  reason: 'the transport gave no verdict',
  fault: 'lead',
  arrived: 'maybe',
  maxAttempts: 20,
} satisfies Verdict

/** Returns the name of an error, whose message may hold personal data. */
function transportFailure(error: unknown): string {
  return `the transport failed: ${error instanceof Error ? error.name : 'unknown error'}`
}

/** The outcome of a batch that could not be stored yet. */
interface Unstored {
  batch: Batch
  settlements: Settlement[]
}

/** Creates a dispatcher. It does nothing until `wake` is called. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { outbox, transport, now, random, wakeAt, log, limits = LIMITS, schedule = RETRY_SCHEDULE } = options
  const { keepReceipts = Infinity, keepParked = Infinity, monitor, elapsed = now, wait } = options
  const inFlight = new Set<Promise<void>>()
  let unstored: Unstored[] = []
  let running: Promise<void> | undefined
  let woken = false
  let stopped = false
  let sweepAt = 0
  let expireAt = 0

  /** Runs one claim at a time. A call meanwhile makes it claim once more. */
  function wake(): void {
    woken = true
    running ??= run().finally(() => {
      running = undefined
      // `wake` was called between the last check of the loop and this line.
      if (woken && !stopped) wake()
    })
  }

  async function run(): Promise<void> {
    while (woken && !stopped) {
      woken = false
      const next = Math.min(await claim(), inFlight.size > 0 ? now() + HEARTBEAT_MS : Infinity)
      try {
        wakeAt(next === Infinity ? undefined : next)
      } catch (error) {
        logError('clock', error)
      }
    }
  }

  /** Claims what may be claimed. Resolves with the time of the next claim; a settlement may make it sooner. */
  async function claim(): Promise<number> {
    try {
      await storeAgain()
      const batches = await outbox.claim(now(), now() + leaseOf(limits), limits.concurrency)
      for (const batch of batches) start(batch)
      await sweep()
      await expire()
      await monitor?.check()
      const next = (await outbox.nextDueAt(now())) ?? Infinity
      return batches.length > 0 ? next : Math.max(next, now() + MIN_CLAIM_INTERVAL_MS)
    } catch (error) {
      logError('outbox', error)
      return now() + OUTBOX_RETRY_MS
    }
  }

  function start(batch: Batch): void {
    const attempt: Promise<void> = attemptOnce(batch).finally(() => {
      inFlight.delete(attempt)
      wake()
    })
    inFlight.add(attempt)
  }

  /** Never rejects. */
  async function attemptOnce(batch: Batch): Promise<void> {
    const startedAt = now()
    const began = elapsed()
    // The process was suspended since the claim. Sent now, the call could still run when the jobs are leased again.
    if (startedAt + limits.timeout > batch.leaseExpiresAt) return store({ batch, settlements: [] })
    const { jobs, owed } = batch
    const leaseLeft = () => batch.leaseExpiresAt - startedAt - (elapsed() - began)
    const verdicts = owed ? [await associate(owed)] : await deliver(batch, leaseLeft)
    const probePassed =
      needsProbe(batch, verdicts) && ((await step(batch, leaseLeft, (timeout) => transport.probe(timeout))) ?? false)
    const drawn = random()
    const took = Math.floor(elapsed() - began)
    // The clock may have been set meanwhile: what is left of the lease is the same.
    const leaseExpiresAt = batch.leaseExpiresAt + (now() - startedAt) - took
    const context = { now: now(), random: () => drawn, schedule, batch: { ...batch, leaseExpiresAt }, probePassed }
    if (owed) return store({ batch, settlements: [settleOwed(verdicts[0]!, owed, context, took)] })
    const settlements = jobs.map((job, at): Settlement => {
      const verdict = verdicts[at] ?? NO_VERDICT
      const outcome = decideOutcome(verdict, job, context)
      if (!ACCOUNT_OUTCOMES.has(outcome.kind) || at === 0) logOutcome(outcome, job, took)
      const unanswered = isUnanswered(verdict, job.lead)
      const isLost = verdict.kind === 'failed' && verdict.arrived === 'maybe'
      const flags = { ...(unanswered && { unanswered }), ...(isLost && { lost: leaseExpiresAt }) }
      return { id: job.lead.id, attempt: job.attempt, ...outcome, ...flags }
    })
    await store({ batch, settlements })
  }

  function settleOwed(verdict: Verdict, owed: OwedJob, context: RetryContext, took: number): Settlement {
    const outcome = decideOwed(verdict, owed, context)
    logOwed(outcome, owed, took)
    return { id: owed.cookie.id, attempt: owed.attempt, owed: true, ...outcome }
  }

  async function associate({ cookie }: OwedJob): Promise<Verdict> {
    try {
      return await transport.associate(cookie)
    } catch (error) {
      return { ...NO_VERDICT, reason: transportFailure(error) }
    }
  }

  async function deliver(batch: Batch, leaseLeft: () => number): Promise<Verdict[]> {
    const { jobs } = batch
    const refused = jobs.length === 1 ? refuseRepetition(jobs[0]!) : undefined
    if (refused) return [refused]
    try {
      const verdicts = await transport.deliver(
        jobs.map(({ lead }) => withReceipt(lead)),
        { unanswered: jobs[0]?.unanswered ?? 0, step: (call) => step(batch, leaseLeft, call) },
      )
      return verdicts.length === jobs.length ? verdicts : []
    } catch (error) {
      return jobs.map(() => ({ ...NO_VERDICT, reason: transportFailure(error) }))
    }
  }

  /**
   * Makes one more call for a batch whose own call is not under way. Waits for the limits while the lease leaves time for that
   * and for the call of the batch. Resolves with undefined when the limits or the lease leave none.
   */
  async function step<T>(
    { jobs }: Batch,
    leaseLeft: () => number,
    call: (timeout: number) => Promise<T>,
  ): Promise<T | undefined> {
    const timeout = Math.min(STEP_TIMEOUT_MS, limits.timeout / 2)
    try {
      // After that the jobs may be leased again.
      while (timeout <= leaseLeft()) {
        const isWeak = jobs.every(({ lead }) => lead.weak === true)
        const reserved = await outbox.acquireSlot(now(), now() + timeout, 1, isWeak ? 'weak' : undefined)
        if ('slot' in reserved) {
          const result = await call(timeout)
          // When it cannot be stored, the slot expires by itself.
          await outbox.settle(reserved.slot, [], now()).catch((error: unknown) => logError('step', error))
          return result
        }
        const pause = Math.max(MIN_CLAIM_INTERVAL_MS, reserved.retryAt - now())
        if (!wait || pause > leaseLeft() - limits.timeout) return undefined
        await wait(pause)
      }
      return undefined
    } catch (error) {
      logError('step', error)
      return undefined
    }
  }

  /** Stores an outcome. Until that succeeds the batch stays leased; once the lease expires, its jobs are due again. */
  async function store(outcome: Unstored): Promise<void> {
    try {
      await outbox.settle(outcome.batch.id, outcome.settlements, now())
    } catch (error) {
      unstored.push(outcome)
      logError('settle', error)
    }
  }

  /** Tries once more to store outcomes. Sending those leads again would do no harm, but take a call. */
  async function storeAgain(): Promise<void> {
    const again = unstored.filter(({ batch }) => batch.leaseExpiresAt > now())
    unstored = []
    for (const [at, outcome] of again.entries()) {
      try {
        await outbox.settle(outcome.batch.id, outcome.settlements, now())
      } catch (error) {
        unstored.push(...again.slice(at))
        throw error
      }
    }
  }

  async function sweep(): Promise<void> {
    if (keepReceipts === Infinity || now() < sweepAt) return
    const swept = await outbox.sweep(now() - keepReceipts, SWEEP.receipts)
    sweepAt = swept < SWEEP.receipts ? now() + SWEEP.pauseMs : now()
  }

  /** Discards leads that nobody has decided about. */
  async function expire(): Promise<void> {
    if (now() < expireAt) return
    const expired = await outbox.expire(keepParked, now(), SWEEP.receipts)
    for (const each of expired) log({ event: 'expired', ...each })
    const total = expired.reduce((sum, { leads }) => sum + leads, 0)
    expireAt = total < SWEEP.receipts ? now() + SWEEP.pauseMs : now()
  }

  function logError(where: string, error: unknown): void {
    log({ event: 'error', where, reason: reasonOf(error) })
  }

  function logOutcome(outcome: Outcome, job: Job, ms: number): void {
    const { id, form } = job.lead
    const { attempt } = job
    const note = noteOf(job, outcome)
    switch (outcome.kind) {
      case 'delivered':
        return log({ event: 'delivered', id, form, attempt, ms, ...(note && { note }) })
      case 'retry':
        return log({ event: 'retry', id, form, attempt, reason: outcome.reason, dueAt: iso(outcome.dueAt) })
      case 'requeue': {
        const { reason, rejectedAttributes = [] } = outcome
        if (rejectedAttributes.length === 0) {
          return log({ event: 'retry', id, form, attempt, reason, dueAt: iso(outcome.dueAt) })
        }
        return log({ event: 'attributes-rejected', id, form, attempt, reason, attributes: [...rejectedAttributes] })
      }
      case 'parked':
        return log({ event: 'parked', id, form, attempt, reason: outcome.reason })
      case 'stopped':
      case 'limited':
        return logAccount(outcome)
      default:
        outcome satisfies never
    }
  }

  function logOwed(outcome: Outcome, { cookie: { id }, attempt }: OwedJob, ms: number): void {
    switch (outcome.kind) {
      case 'delivered':
        return log({ event: 'cookie-associated', id, attempt, ms })
      case 'retry':
      case 'requeue': {
        const { reason, dueAt } = outcome
        if ('overtaken' in outcome) return log({ event: 'cookie-given-up', id, attempt, reason })
        return log({ event: 'cookie-retry', id, attempt, reason, dueAt: iso(dueAt) })
      }
      case 'parked':
        return log({ event: 'cookie-given-up', id, attempt, reason: outcome.reason })
      case 'stopped':
      case 'limited':
        return logAccount(outcome)
      default:
        outcome satisfies never
    }
  }

  function logAccount(outcome: Outcome & { kind: 'stopped' | 'limited' }): void {
    if (outcome.kind === 'limited') return log({ event: 'limited', limit: outcome.limit, reason: outcome.reason })
    const { blocked, reason, doubt, retryAt } = outcome
    const lead = doubt?.lead
    log({ event: blocked ? 'blocked' : 'outage', reason, ...(lead !== undefined && { lead }), until: iso(retryAt) })
  }

  return {
    wake,
    async stop() {
      stopped = true
      await running
      await Promise.all(inFlight)
      await storeAgain().catch((error: unknown) => logError('settle', error))
    },
  }
}
