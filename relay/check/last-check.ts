/** The last check of the forms of an account: what is kept of it, and what the alerts and `/readyz` show. Pure. */
import { iso, type LogEvent } from '../monitoring/events.ts'
import type { HealthIssue } from '../monitoring/health.ts'
import type { CheckReport } from './check.ts'
import type { Finding } from './compare.ts'

/** What is kept of a check. It can be stored as JSON. */
export interface LastCheck extends CheckReport {
  /** Epoch milliseconds. */
  at: number
}

/** What `/readyz` shows of the last check of an account. */
export interface CheckState {
  /** The issue `drift` if the check has found an error. */
  issues: HealthIssue[]
  /** Time and numbers of the check; absent before the first one. */
  configuration?: CheckSummary
}

export interface CheckSummary {
  /** ISO 8601. */
  checkedAt: string
  errors: number
  warnings: number
  /** Parts that could not be checked, each with its reason. */
  notChecked: string[]
}

/** Returns what is kept of a check, with the findings of the one before where this one is not complete. */
export function lastCheckOf(report: CheckReport, before: LastCheck | undefined, at: number): LastCheck {
  return { ...report, findings: keepOld(report, before?.findings ?? []), at }
}

/** Returns what is shown of a check. */
export function stateOf({ findings, notChecked, at }: LastCheck): Required<CheckState> {
  const count = (severity: 'error' | 'warning') => findings.filter((finding) => finding.severity === severity).length
  return {
    issues: driftIn(findings),
    configuration: {
      checkedAt: iso(at),
      errors: count('error'),
      warnings: count('warning'),
      notChecked: notChecked.map(({ what, reason }) => `${what}: ${reason}`),
    },
  }
}

/** Returns the event of a check, for the log. */
export function checkedEvent({ errors, warnings, notChecked }: CheckSummary): LogEvent {
  return { event: 'checked', errors, warnings, ...(notChecked.length > 0 && { notChecked }) }
}

function driftIn(findings: readonly Finding[]): HealthIssue[] {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (!first) return []
  const more = errors.length > 1 ? ` Errors in all: ${errors.length}; see form-sync check.` : ''
  return [
    { kind: 'drift', count: errors.length, reason: `form ${first.form}, ${first.place}: ${first.problem}${more}` },
  ]
}

/** Returns the findings, with those of the check before where this one is not complete: they may not be resolved. */
function keepOld({ findings, notChecked }: CheckReport, before: readonly Finding[]): Finding[] {
  if (notChecked.length === 0) return findings
  const keyOf = ({ form, place, kind }: Finding) => `${form} ${place} ${kind}`
  const found = new Set(findings.map(keyOf))
  return [...findings, ...before.filter((finding) => !found.has(keyOf(finding)))]
}
