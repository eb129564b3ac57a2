/**
 * The rules of a halt, as values: when jobs may be handed out again, and what makes it end.
 *
 * A halt is opened by an attempt that came to `halted`. Once its time is over one job at a time goes out, the probe;
 * nothing else does until the probe is settled or its lease has ended. Jobs that were out when the halt came settle as
 * ever and say nothing about it, but for another `halted`.
 */
import { type Outcome, type OutboxStatus, PROBES } from './outbox.ts'

export interface Halt {
  /** No job is handed out before. */
  until: number
  reason: string
  blocked: boolean
  /** Probes that have got through since the last `halted`. */
  passed: number
  /** The job that was handed out to see whether anything gets through, and the end of its lease. */
  probe: { id: string; until: number } | undefined
}

/** What stands after an attempt of the job `id` has come to its outcome. */
export function haltAfter(halt: Halt | undefined, id: string, outcome: Outcome): Halt | undefined {
  const wasProbe = halt?.probe?.id === id
  const probe = wasProbe ? undefined : halt?.probe
  switch (outcome.kind) {
    case 'halted': {
      // The longer wait stands, and with it the reason for it.
      const { until, reason, blocked } = halt && halt.until > outcome.until ? halt : outcome
      return { until, reason, blocked, passed: 0, probe }
    }
    case 'retry':
      // Says nothing about the others: the next may try at once.
      return wasProbe ? { ...halt, probe } : halt
    case 'delivered':
    case 'parked':
      if (!wasProbe) return halt
      return halt.passed + 1 < PROBES ? { ...halt, passed: halt.passed + 1, probe } : undefined
    default:
      return outcome satisfies never
  }
}

/** What stands once the job `id` is out as the probe until `until`. */
export function probing(halt: Halt, id: string, until: number): Halt {
  return { ...halt, probe: { id, until } }
}

/** What stands when nobody holds the probe any more. */
export function withoutProbe(halt: Halt): Halt {
  return { ...halt, probe: undefined }
}

/** When the next probe may be handed out. */
export function opensAt({ until, probe }: Halt): number {
  return probe ? Math.max(until, probe.until) : until
}

/**
 * What the operator is told. Nothing any more once a probe has got through: jobs then go out one by one, and where few
 * come it may take days until the halt is over.
 */
export function reported(halt: Halt | undefined): Pick<OutboxStatus, 'halt'> {
  if (!halt || halt.passed > 0) return {}
  return { halt: { reason: halt.reason, until: opensAt(halt), blocked: halt.blocked } }
}
