/**
 * The rules of a halt, as values: when jobs may be handed out again, and what makes it end.
 *
 * A halt is opened by an attempt that came to `halted`. Once its time is over one call at a time goes out, the probe;
 * nothing else does until the probe is settled or its time is over. Calls that were out when the halt came settle as
 * ever and say nothing about it, but for another `halted`.
 */
import { type Outcome, type OutboxStatus, PROBES } from './outbox.ts'
import { MAX_WAIT_MS } from './clock-skew.ts'

export interface Breaker {
  /** No job is handed out before. */
  until: number
  reason: string
  blocked: boolean
  /** Probes that have got through since the last `halted`. */
  passed: number
  /** The call that was handed out to see whether anything gets through, and when it is over. */
  probe: { call: number; until: number } | undefined
}

/** What stands after a call has come to these outcomes, one a job. */
export function breakerAfter(
  halt: Breaker | undefined,
  call: number,
  outcomes: readonly Outcome[],
): Breaker | undefined {
  const wasProbe = halt?.probe?.call === call
  const probe = wasProbe ? undefined : halt?.probe
  const halting = outcomes.filter((outcome) => outcome.kind === 'halted').toSorted((a, b) => b.until - a.until)[0]
  if (halting) {
    // The longer wait stands, and with it the reason for it.
    const { until, reason, blocked } = halt && halt.until > halting.until ? halt : halting
    return { until, reason, blocked, passed: 0, probe }
  }
  if (!wasProbe) return halt
  const through = outcomes.some(({ kind }) => kind === 'delivered' || kind === 'parked')
  // What came to anything else says nothing about the others: the next may try at once.
  if (!through) return { ...halt, probe }
  return halt.passed + 1 < PROBES ? { ...halt, passed: halt.passed + 1, probe } : undefined
}

/** What stands once the call is out as the probe. */
export function probing(halt: Breaker, call: number, until: number): Breaker {
  return { ...halt, probe: { call, until } }
}

/** When the next probe may be handed out. */
export function retryAtOf({ until, probe }: Breaker): number {
  return probe ? Math.max(until, probe.until) : until
}

/** What stands after the clock was set back: it opens no later than if it had begun now. */
export function clampBreaker(halt: Breaker, now: number, over: number): Breaker {
  const { probe } = halt
  return {
    ...halt,
    until: Math.min(halt.until, now + MAX_WAIT_MS),
    probe: probe && { ...probe, until: Math.min(probe.until, over) },
  }
}

/**
 * What the operator is told. Nothing any more once a probe has got through: jobs then go out one by one, and where few
 * come it may take days until the halt is over.
 */
export function breakerStatus(halt: Breaker | undefined): Pick<OutboxStatus, 'breaker'> {
  if (!halt || halt.passed > 0) return {}
  return { breaker: { reason: halt.reason, until: retryAtOf(halt), blocked: halt.blocked } }
}
