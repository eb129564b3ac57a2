/**
 * The circuit breaker of an account, as values. Pure; a store keeps them.
 *
 * An attempt that came to `stopped` opens it until `retryAt`: no job is leased. Then it is half-open: one batch at a time
 * goes out as a probe, and nothing else until the probe is settled or its lease has expired. Batches that were out when
 * it opened are settled as usual and do not close it, but may open it again.
 *
 * One lead may cause a failure that looks like the account's. While no other lead has failed there is doubt, and one
 * probe that gets through closes the breaker.
 */
import { MAX_WAIT_MS } from './clock-skew.ts'
import type { Doubt, Outcome, OutboxStatus } from './outbox.ts'

/** Number of consecutive probes that must get through before the breaker closes. */
const REQUIRED_PROBES = 3

/** An open or half-open breaker; a closed one is undefined. */
export interface Breaker {
  /** No job is leased before this time. */
  retryAt: number
  reason: string
  /** True when a person must act. */
  blocked: boolean
  /** Probes that got through since the breaker opened last. */
  passed: number
  /** Absent when the account is certainly at fault. */
  doubt?: Doubt
  /** The batch that is out as the probe. */
  probe?: { batch: number; leaseExpiresAt: number }
}

/** Returns the breaker after a batch has come to these outcomes, one a job. */
export function breakerAfter(
  breaker: Breaker | undefined,
  batch: number,
  outcomes: readonly Outcome[],
): Breaker | undefined {
  const wasProbe = breaker?.probe?.batch === batch
  const stopped = outcomes.filter(isStopped).toSorted((a, b) => b.retryAt - a.retryAt)[0]
  if (stopped) {
    // The longer wait counts, and its reason with it.
    const { retryAt, reason, blocked } = breaker && breaker.retryAt > stopped.retryAt ? breaker : stopped
    const probe = wasProbe ? undefined : breaker?.probe
    const doubt = breaker && !wasProbe ? moreDoubt(breaker.doubt, stopped.doubt) : stopped.doubt
    return { retryAt, reason, blocked, passed: 0, ...(doubt && { doubt }), ...(probe && { probe }) }
  }
  if (!breaker || !wasProbe) return breaker
  const { probe: _, ...open } = breaker
  // Any other outcome says nothing about other leads: the next probe may go at once.
  if (!outcomes.some(({ kind }) => kind === 'delivered' || kind === 'parked')) return open
  return open.passed + 1 < requiredProbes(open) ? { ...open, passed: open.passed + 1 } : undefined
}

type Stopped = Outcome & { kind: 'stopped' }

function isStopped(outcome: Outcome): outcome is Stopped {
  return outcome.kind === 'stopped'
}

/** Returns the doubt once a batch has failed that was out when the breaker opened: several leads have failed then. */
function moreDoubt(known: Doubt | undefined, other: Doubt | undefined): Doubt | undefined {
  return known && other && { ...other, failed: Math.max(2, known.failed, other.failed) }
}

function requiredProbes({ doubt }: Breaker): number {
  return isOneLead(doubt) ? 1 : REQUIRED_PROBES
}

function isOneLead(doubt: Doubt | undefined): doubt is Doubt {
  return doubt !== undefined && doubt.failed < 2
}

/** Returns the breaker once a batch is out as its probe. */
export function withProbe(breaker: Breaker, batch: number, leaseExpiresAt: number): Breaker {
  return { ...breaker, probe: { batch, leaseExpiresAt } }
}

/** Returns when the next probe may be leased. */
export function probeAt({ retryAt, probe }: Breaker): number {
  return probe ? Math.max(retryAt, probe.leaseExpiresAt) : retryAt
}

/** Returns the breaker whose next probe may be leased at once, or when the probe that is out ends. */
export function retryBreaker(breaker: Breaker, now: number): Breaker {
  return { ...breaker, retryAt: Math.min(breaker.retryAt, now) }
}

/** Clamps the times of a breaker after the clock went backwards. */
export function clampBreaker(breaker: Breaker, now: number, latestLeaseEnd: number): Breaker {
  const { probe } = breaker
  return {
    ...breaker,
    retryAt: Math.min(breaker.retryAt, now + MAX_WAIT_MS),
    ...(probe && { probe: { ...probe, leaseExpiresAt: Math.min(probe.leaseExpiresAt, latestLeaseEnd) } }),
  }
}

/**
 * Returns what the operator is shown. Empty once a probe has got through: jobs then go one by one, and where few come
 * it may take days until the breaker closes.
 */
export function breakerStatus(breaker: Breaker | undefined): Pick<OutboxStatus, 'breaker'> {
  if (!breaker || breaker.passed > 0) return {}
  const { reason, blocked, doubt } = breaker
  const lead = isOneLead(doubt) ? doubt.lead : undefined
  return { breaker: { reason, retryAt: probeAt(breaker), blocked, ...(lead !== undefined && { lead }) } }
}
