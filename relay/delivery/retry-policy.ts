/**
 * Verdict → what happens to the job. Pure but for the clock and the randomness that it is handed.
 *
 * It knows no outbox and no transport. How long to wait is decided here and nowhere else.
 */
import { iso } from '../monitoring/events.ts'
import type { Batch, Job, Outcome } from '../outbox/outbox.ts'
import type { Verdict } from './transport.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * While nothing gets through, a lead keeps its place in the line for this many attempts, some twelve minutes; then it
 * lets others try, for it may itself be what a firewall or a proxy does not let through.
 */
const IN_LINE = 30

/** A call that was refused as a whole is taken apart into calls of a tenth: three steps from 300 leads to one. */
const APART = 10

/** How long to wait. Full jitter: anything between zero and a limit that doubles with each attempt. */
export interface RetrySchedule {
  /** One lead's retries: the first limit and the last. */
  lead: { first: number; last: number }
  /** The pause of all while Marketo can't be reached. */
  outage: { first: number; last: number }
  /** The pause of all while the account is refused. Someone must act; asking often would not help. */
  blocked: number
  /** A lead that has failed for this long is parked. */
  giveUpAfter: number
}

export const RETRY_SCHEDULE: RetrySchedule = {
  lead: { first: 2 * SECOND, last: HOUR },
  outage: { first: SECOND, last: MINUTE },
  blocked: 5 * MINUTE,
  giveUpAfter: 5 * DAY,
}

export interface RetryContext {
  now: number
  /** From 0 up to, not including, 1. */
  random: () => number
  schedule: RetrySchedule
  /** The call it went in. */
  call: Pick<Batch, 'turns' | 'leaseExpiresAt'>
}

/** What becomes of one job of a turn that came to this verdict. */
export function decideOutcome(verdict: Verdict, job: Job, circumstances: RetryContext): Outcome {
  const { now, schedule, call } = circumstances
  const { reason } = verdict.kind === 'sent' ? { reason: '' } : verdict
  switch (verdict.kind) {
    case 'sent':
      return { kind: 'delivered', leadId: verdict.leadId }
    case 'limited':
      return { kind: 'limited', limit: verdict.limit, until: now + verdict.after, reason }
    case 'refused': {
      const own = new Set(job.lead.attributes.map(({ name }) => name))
      return { kind: 'again', dueAt: now, reason, refused: verdict.attributes.filter((name) => own.has(name)) }
    }
    case 'again':
      return { kind: 'again', dueAt: now, reason, ...(verdict.apart && { share: shareAfter(job, call) }) }
    case 'park':
      return park(reason, job, circumstances)
    case 'blocked': {
      const until = now + schedule.blocked
      if (job.attempt % IN_LINE !== 0) return { kind: 'halted', until, reason, blocked: true }
      const dueAt = until + jitter(schedule.lead, job.attempt, circumstances)
      return { kind: 'halted', until, reason, blocked: true, dueAt }
    }
    case 'retry':
      return verdict.everyone ? pause(verdict, job, circumstances) : retry(verdict, job, circumstances)
    default:
      return verdict satisfies never
  }
}

type Retry = Verdict & { kind: 'retry' }

/** Nothing gets through, to anyone. */
function pause({ reason, after = 0, neverArrived, uncertain }: Retry, job: Job, circumstances: RetryContext): Outcome {
  const { now, schedule, call } = circumstances
  const until = now + after + jitter(schedule.outage, job.attempt, circumstances)
  if (uncertain) {
    // Marketo may still be at work on it: others find out meanwhile whether anything gets through. Where they do, it may
    // itself be what breaks the connection, and is tried less and less often.
    const own = now + jitter(schedule.lead, job.attempt, circumstances)
    return { kind: 'halted', until, reason, blocked: false, dueAt: Math.max(until, call.leaseExpiresAt, own) }
  }
  if (neverArrived || job.attempt % IN_LINE !== 0) return { kind: 'halted', until, reason, blocked: false }
  return { kind: 'halted', until, reason, blocked: false, dueAt: until + schedule.outage.last }
}

/** This lead failed. */
function retry(
  { reason, after = 0, atMost = Infinity, uncertain }: Retry,
  job: Job,
  circumstances: RetryContext,
): Outcome {
  const { now, schedule, call } = circumstances
  const { failingSince = now } = job
  const failures = job.failures + 1
  // It may have been too much for one call.
  if (uncertain && call.turns.length > 1) {
    const dueAt = Math.max(call.leaseExpiresAt, now + after + jitter(schedule.lead, failures, circumstances))
    return { kind: 'again', dueAt, reason, share: shareAfter(job, call) }
  }
  if (failures >= atMost) return park(`${reason}; failed ${failures} times`, job, circumstances)
  if (now - failingSince > schedule.giveUpAfter) {
    return park(`${reason}; failed ${failures} times since ${iso(failingSince)}`, job, circumstances)
  }
  const dueAt = now + after + jitter(schedule.lead, failures, circumstances)
  return { kind: 'retry', dueAt: uncertain ? Math.max(dueAt, call.leaseExpiresAt) : dueAt, reason }
}

/** Merged with others of its person, it may not be the one at fault. */
function park(reason: string, job: Job, { now, call }: RetryContext): Outcome {
  return turnOf(job, call).length > 1 ? { kind: 'again', dueAt: now, reason, share: 1 } : { kind: 'parked', reason }
}

function jitter({ first, last }: { first: number; last: number }, attempt: number, { random }: RetryContext): number {
  return Math.ceil(random() * Math.min(last, first * 2 ** Math.min(attempt, 30)))
}

/**
 * In calls of how many leads it goes next. What was merged stays together: Marketo may have the latest of these answers
 * already, and an earlier one that came alone would take its place.
 */
function shareAfter(job: Job, call: Pick<Batch, 'turns'>): number {
  const leads = call.turns.reduce((sum, turn) => sum + turn.length, 0)
  return Math.max(turnOf(job, call).length, Math.floor(leads / APART))
}

function turnOf(job: Job, { turns }: Pick<Batch, 'turns'>): readonly Job[] {
  return turns.find((turn) => turn.includes(job)) ?? [job]
}
