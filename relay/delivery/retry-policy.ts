/**
 * The retry policy: what a verdict means for its job. Pure; clock and randomness are parameters.
 *
 * It knows no outbox and no transport. No other file decides how long to wait.
 */
import { iso } from '../monitoring/events.ts'
import type { Batch, Doubt, Job, Outcome } from '../outbox/outbox.ts'
import { UNSENT_COOKIE } from '../outbox/unsent-cookie.ts'
import type { Verdict } from './transport.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Waits in ms. With full jitter: a random part of a limit that doubles with each attempt. */
export interface RetrySchedule {
  /** Retries of one lead: the first limit and the last. */
  lead: { first: number; last: number }
  /** Pause of the whole account while Marketo cannot be reached. */
  outage: { first: number; last: number }
  /** Pause of the whole account while Marketo refuses it. A person must act; asking often would not help. */
  blocked: number
  /** Time after which a lead that fails by itself is parked. */
  giveUpAfter: number
}

export const RETRY_SCHEDULE: RetrySchedule = {
  lead: { first: 2 * SECOND_MS, last: HOUR_MS },
  outage: { first: SECOND_MS, last: MINUTE_MS },
  blocked: 5 * MINUTE_MS,
  giveUpAfter: 5 * DAY_MS,
}

export interface RetryContext {
  now: number
  /** Returns a number from 0 up to, not including, 1; the same for all jobs of a batch, so that they stay together. */
  random: () => number
  schedule: RetrySchedule
  /** The batch that the job was sent in. */
  batch: Pick<Batch, 'leaseExpiresAt' | 'doubt'> & { jobs: readonly Pick<Job, 'othersDelivered'>[] }
  /** True when a call that held nothing of any lead got through just after this attempt. */
  probePassed?: boolean
}

/** The part of a job that decides. */
type Attempt = Omit<Job, 'lead'> & { lead: { id: string } }

type Failed = Verdict & { kind: 'failed' }
type Blocked = Verdict & { kind: 'blocked' }

/** A verdict that no lead gets through, unless others do. */
type AccountFailure = Blocked | (Failed & { fault: 'account' })

/** Returns whether the verdict is one of the account, as far as this attempt tells. */
export function isAccountFailure(verdict: Verdict): verdict is AccountFailure {
  return verdict.kind === 'blocked' || (verdict.kind === 'failed' && verdict.fault === 'account')
}

/** Returns what becomes of a job whose attempt came to this verdict. */
export function decideOutcome(verdict: Verdict, job: Attempt, context: RetryContext): Outcome {
  const { now } = context
  switch (verdict.kind) {
    case 'delivered':
      return verdict
    case 'unaffected':
      return { kind: 'requeue', dueAt: now, reason: verdict.reason, ...(verdict.overtaken && { overtaken: true }) }
    case 'rejected':
      return {
        kind: 'requeue',
        dueAt: now,
        reason: verdict.reason,
        rejectedAttributes: verdict.cookie ? [...verdict.attributes, UNSENT_COOKIE] : verdict.attributes,
      }
    case 'limited':
      return { kind: 'limited', limit: verdict.limit, retryAt: now + verdict.waitMs, reason: verdict.reason }
    case 'park':
      return { kind: 'parked', reason: verdict.reason }
    case 'blocked':
      return accountFailed(verdict, job, context)
    case 'failed':
      if (isAccountFailure(verdict)) return accountFailed(verdict, job, context)
      return verdict.fault === 'batch' ? requeue(verdict, job, context) : retry(verdict, job, context)
    default:
      return verdict satisfies never
  }
}

/**
 * No lead gets through, or this one alone does not. Nothing is concluded about a lead before another one, or a call without
 * a lead, got through; and nothing about the account before another one was tried.
 */
function accountFailed(verdict: AccountFailure, job: Attempt, context: RetryContext): Outcome {
  const { batch, probePassed = false } = context
  const { maxAttempts, reason } = verdict
  const othersPass = probePassed || batch.jobs.some(({ othersDelivered }) => othersDelivered)
  if (maxAttempts === undefined || !othersPass) return stop(verdict, job, context)
  const { arrived, waitMs } = replyOf(verdict)
  const own: Failed = {
    kind: 'failed',
    fault: 'lead',
    arrived,
    waitMs,
    maxAttempts,
    reason: `${reason}; other calls pass`,
  }
  if (batch.jobs.length === 1) return suspect(retry(own, job, context))
  const dueAt = context.now + waitMs
  return {
    kind: 'requeue',
    batch: verdict.gateway ? 'intercepted' : 'refused',
    reason,
    dueAt: notWhileProcessed(dueAt, arrived, batch),
  }
}

/** Returns whether the call arrived, and the wait in ms that the reply implies. What refuses a call has read it. */
function replyOf(verdict: AccountFailure): { arrived: Failed['arrived']; waitMs: number } {
  if (verdict.kind === 'blocked') return { arrived: 'yes', waitMs: 0 }
  return { arrived: verdict.arrived, waitMs: verdict.waitMs ?? 0 }
}

/** Makes the lead go alone from now on. */
function suspect(outcome: Outcome): Outcome {
  return outcome.kind === 'retry' ? { ...outcome, suspect: true } : outcome
}

/** No lead gets through. */
function stop(verdict: AccountFailure, job: Attempt, context: RetryContext): Outcome {
  const { now, schedule } = context
  if (verdict.maxAttempts !== undefined) return stopInDoubt(verdict, job, context)
  const { reason } = verdict
  // Certain: the lead keeps its place, and is the next probe.
  if (verdict.kind === 'blocked') return { kind: 'stopped', retryAt: now + schedule.blocked, reason, blocked: true }
  const retryAt = now + (verdict.waitMs ?? 0) + jitter(schedule.outage, job.attempt, context)
  return { kind: 'stopped', retryAt, reason, blocked: false }
}

/**
 * No lead gets through, unless this one is the cause: it lets others go first, so that the next probe is another person's
 * lead, if one waits. The account pauses for long only when a second lead has failed.
 */
function stopInDoubt(verdict: AccountFailure, job: Attempt, context: RetryContext): Outcome {
  const { now, schedule, batch } = context
  const { reason } = verdict
  const blocked = verdict.kind === 'blocked'
  const { arrived, waitMs } = replyOf(verdict)
  const doubt = doubtAfter(job, batch)
  const pause = blocked && doubt.failed > 1 ? schedule.blocked : jitter(schedule.outage, doubt.failed, context)
  const retryAt = now + waitMs + pause
  // What may break the connection is tried less and less often, and not while Marketo may still be processing it.
  const longest = arrived === 'maybe' ? schedule.lead.last : blocked ? schedule.blocked : schedule.outage.last
  const own = now + jitter({ ...schedule.lead, last: longest }, job.attempt, context)
  const dueAt = notWhileProcessed(Math.max(retryAt, own), arrived, batch)
  return { kind: 'stopped', retryAt, reason, blocked, dueAt, doubt }
}

/** Returns the doubt after this attempt. A lead that is tried again, because no other one waits, tells nothing new. */
function doubtAfter({ lead: { id } }: Attempt, { jobs, doubt }: RetryContext['batch']): Doubt {
  if (jobs.length > 1) return { failed: (doubt?.failed ?? 0) + 1 }
  return { failed: (doubt?.failed ?? 0) + (doubt?.lead === id ? 0 : 1), lead: id }
}

/** The batch failed, and no lead of it is known to be at fault. */
function requeue({ reason, waitMs = 0, arrived }: Failed, job: Attempt, context: RetryContext): Outcome {
  const { now, schedule, batch } = context
  if (arrived !== 'maybe') return { kind: 'requeue', dueAt: now + waitMs, reason, batch: 'refused' }
  const dueAt = now + waitMs + jitter(schedule.lead, job.failures + 1, context)
  return { kind: 'requeue', dueAt: notWhileProcessed(dueAt, arrived, batch), reason, batch: 'unanswered' }
}

/** This lead failed. */
function retry(
  { reason, waitMs = 0, maxAttempts = Infinity, arrived }: Failed,
  job: Attempt,
  context: RetryContext,
): Outcome {
  const { now, schedule, batch } = context
  const { failingSince = now } = job
  const failures = job.failures + 1
  if (failures >= maxAttempts) return { kind: 'parked', reason: `${reason}; failed ${failures} times` }
  if (now - failingSince > schedule.giveUpAfter) {
    return { kind: 'parked', reason: `${reason}; failed ${failures} times since ${iso(failingSince)}` }
  }
  const dueAt = notWhileProcessed(now + waitMs + jitter(schedule.lead, failures, context), arrived, batch)
  return { kind: 'retry', dueAt, reason, ...(arrived === 'maybe' && { suspect: true }) }
}

/** Returns when to send a lead again: not while Marketo may still be processing it, or one person could become two. */
function notWhileProcessed(dueAt: number, arrived: Failed['arrived'], batch: RetryContext['batch']): number {
  return arrived === 'maybe' ? Math.max(dueAt, batch.leaseExpiresAt) : dueAt
}

function jitter({ first, last }: { first: number; last: number }, attempt: number, { random }: RetryContext): number {
  return Math.ceil(random() * Math.min(last, first * 2 ** Math.min(attempt, 30)))
}
