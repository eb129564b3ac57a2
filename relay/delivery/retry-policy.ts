/**
 * The retry policy: what a verdict means for its job. Pure; clock and randomness are parameters.
 *
 * It knows no outbox and no transport. No other file decides how long to wait.
 */
import { iso } from '../monitoring/events.ts'
import type { Batch, Job, Outcome } from '../outbox/outbox.ts'
import { REJECTED_COOKIE } from '../outbox/rejected-cookie.ts'
import type { Verdict } from './transport.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/**
 * Number of attempts, some twelve minutes, for which a lead keeps its place while no lead gets through. Then it lets
 * others go first: it may itself be what a firewall or a proxy does not let through.
 */
const MAX_ATTEMPTS_IN_PLACE = 30

/** Waits in ms. With full jitter: a random part of a limit that doubles with each attempt. */
export interface RetrySchedule {
  /** Retries of one lead: the first limit and the last. */
  lead: { first: number; last: number }
  /** Pause of the whole account while Marketo cannot be reached. */
  outage: { first: number; last: number }
  /** Pause of the whole account while Marketo refuses it. A person must act; asking often would not help. */
  blocked: number
  /** Time after which a failing lead is parked. */
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
  batch: Pick<Batch, 'jobs' | 'leaseExpiresAt'>
}

type Failed = Verdict & { kind: 'failed' }

/** Returns what becomes of a job whose attempt came to this verdict. */
export function decideOutcome(verdict: Verdict, job: Job, context: RetryContext): Outcome {
  const { now, schedule } = context
  switch (verdict.kind) {
    case 'delivered':
      return { kind: 'delivered', leadId: verdict.leadId }
    case 'unaffected':
      return { kind: 'requeue', dueAt: now, reason: verdict.reason }
    case 'rejected':
      return {
        kind: 'requeue',
        dueAt: now,
        reason: verdict.reason,
        rejectedAttributes: verdict.cookie ? [...verdict.attributes, REJECTED_COOKIE] : verdict.attributes,
      }
    case 'limited':
      return { kind: 'limited', limit: verdict.limit, retryAt: now + verdict.waitMs, reason: verdict.reason }
    case 'park':
      return { kind: 'parked', reason: verdict.reason }
    case 'blocked': {
      const retryAt = now + schedule.blocked
      const stopped: Outcome = { kind: 'stopped', retryAt, reason: verdict.reason, blocked: true }
      return keepsPlace(job) ? stopped : { ...stopped, dueAt: retryAt + jitter(schedule.lead, job.attempt, context) }
    }
    case 'failed':
      if (verdict.fault === 'account') return stop(verdict, job, context)
      return verdict.fault === 'batch' ? requeue(verdict, job, context) : retry(verdict, job, context)
    default:
      return verdict satisfies never
  }
}

/** No lead gets through. */
function stop({ reason, waitMs = 0, arrived }: Failed, job: Job, context: RetryContext): Outcome {
  const { now, schedule, batch } = context
  const retryAt = now + waitMs + jitter(schedule.outage, job.attempt, context)
  const stopped: Outcome = { kind: 'stopped', retryAt, reason, blocked: false }
  if (arrived === 'maybe') {
    // Marketo may still be processing it, so others find out whether leads get through. When they do, this lead may be
    // what breaks the connection, and is tried less and less often.
    const own = now + jitter(schedule.lead, job.attempt, context)
    return { ...stopped, dueAt: Math.max(retryAt, batch.leaseExpiresAt, own) }
  }
  return arrived === 'no' || keepsPlace(job) ? stopped : { ...stopped, dueAt: retryAt + schedule.outage.last }
}

/** The batch failed, and no lead of it is known to be at fault. */
function requeue({ reason, waitMs = 0, arrived }: Failed, job: Job, context: RetryContext): Outcome {
  const { now, schedule, batch } = context
  if (arrived !== 'maybe') return { kind: 'requeue', dueAt: now + waitMs, reason, batch: 'refused' }
  // Sent again while Marketo is still processing it, one person could become two.
  const dueAt = Math.max(batch.leaseExpiresAt, now + waitMs + jitter(schedule.lead, job.failures + 1, context))
  return { kind: 'requeue', dueAt, reason, batch: 'unanswered' }
}

/** This lead failed. */
function retry(
  { reason, waitMs = 0, maxAttempts = Infinity, arrived }: Failed,
  job: Job,
  context: RetryContext,
): Outcome {
  const { now, schedule, batch } = context
  const { failingSince = now } = job
  const failures = job.failures + 1
  if (failures >= maxAttempts) return { kind: 'parked', reason: `${reason}; failed ${failures} times` }
  if (now - failingSince > schedule.giveUpAfter) {
    return { kind: 'parked', reason: `${reason}; failed ${failures} times since ${iso(failingSince)}` }
  }
  const dueAt = now + waitMs + jitter(schedule.lead, failures, context)
  if (arrived !== 'maybe') return { kind: 'retry', dueAt, reason }
  return { kind: 'retry', dueAt: Math.max(dueAt, batch.leaseExpiresAt), reason, suspect: true }
}

function keepsPlace({ attempt }: Job): boolean {
  return attempt % MAX_ATTEMPTS_IN_PLACE !== 0
}

function jitter({ first, last }: { first: number; last: number }, attempt: number, { random }: RetryContext): number {
  return Math.ceil(random() * Math.min(last, first * 2 ** Math.min(attempt, 30)))
}
