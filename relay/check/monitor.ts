/**
 * Repeats the check of the configuration while a relay runs, and keeps its result for the alerts and `/readyz`.
 *
 * It never stops delivery and refuses no visitor. A check that could not be made is shown, and never an issue: it says
 * nothing about the configuration. It has no timer of its own.
 */
import { iso, type Log } from '../monitoring/events.ts'
import type { HealthIssue } from '../monitoring/health.ts'
import type { CheckReport } from './check.ts'
import type { Finding } from './compare.ts'

/** What `/readyz` shows of the last check of an account. */
export interface CheckState {
  /** The issue `drift` if the check has found an error. */
  issues: readonly HealthIssue[]
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

export interface CheckMonitor {
  /** Checks once and logs the result. Never rejects. */
  run(): Promise<void>
  /** Returns the issue `drift` if the last check has found an error. */
  issues(): HealthIssue[]
  /** Returns the result of the last check, for `/readyz`. */
  state(): CheckState
}

/**
 * Creates a monitor. `check` is made whenever `run` is called.
 *
 * @param before the issue of the last process or of another relay: it lasts until the first check has shown otherwise
 */
export function createCheckMonitor(
  check: () => Promise<CheckReport>,
  now: () => number,
  log: Log,
  before?: HealthIssue,
): CheckMonitor {
  let last: (CheckReport & { at: number }) | undefined

  function issues(): HealthIssue[] {
    if (!last && before) return [before]
    const errors = last?.findings.filter(({ severity }) => severity === 'error') ?? []
    const [first] = errors
    if (!first) return []
    const more = errors.length > 1 ? ` Errors in all: ${errors.length}; see form-sync check.` : ''
    return [
      { kind: 'drift', count: errors.length, reason: `form ${first.form}, ${first.place}: ${first.problem}${more}` },
    ]
  }

  return {
    async run() {
      const report = await check()
      last = { ...report, findings: keepOld(report, last?.findings ?? []), at: now() }
      const { errors, warnings, notChecked } = summaryOf(last)
      log({ event: 'checked', errors, warnings, ...(notChecked.length > 0 && { notChecked }) })
    },
    issues,
    state: () => ({
      issues: issues(),
      ...(last && { configuration: { checkedAt: iso(last.at), ...summaryOf(last) } }),
    }),
  }
}

/** Returns the findings, with those of the check before where this one is not complete: they may not be resolved. */
function keepOld({ findings, notChecked }: CheckReport, before: readonly Finding[]): Finding[] {
  if (notChecked.length === 0) return findings
  const keyOf = ({ form, place, kind }: Finding) => `${form} ${place} ${kind}`
  const found = new Set(findings.map(keyOf))
  return [...findings, ...before.filter((finding) => !found.has(keyOf(finding)))]
}

function summaryOf({ findings, notChecked }: CheckReport): Omit<CheckSummary, 'checkedAt'> {
  const count = (severity: 'error' | 'warning') => findings.filter((finding) => finding.severity === severity).length
  return {
    errors: count('error'),
    warnings: count('warning'),
    notChecked: notChecked.map(({ what, reason }) => `${what}: ${reason}`),
  }
}
