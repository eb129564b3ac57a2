/**
 * Repeats the check of the configuration while a relay runs, and keeps its result as a health issue and a notice.
 *
 * It never stops delivery and refuses no visitor. A check that could not be made is a notice, never an issue: it says
 * nothing about the configuration. It has no timer of its own.
 */
import { iso, type Log } from '../monitoring/events.ts'
import type { HealthIssue } from '../monitoring/health.ts'
import type { CheckReport } from './check.ts'
import type { Finding } from './compare.ts'

export interface CheckMonitor {
  /** Checks once and logs the result. Never rejects. */
  run(): Promise<void>
  /** Returns the issue `drift` if the last check has found an error. */
  issues(): HealthIssue[]
  /** Returns the notice of the last check, for `/readyz`. */
  notices(): object
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

  return {
    async run() {
      const report = await check()
      last = { ...report, findings: keepOld(report, last?.findings ?? []), at: now() }
      const { errors, warnings, notChecked } = summaryOf(last)
      log({ event: 'checked', errors, warnings, ...(notChecked.length > 0 && { notChecked }) })
    },
    issues() {
      if (!last && before) return [before]
      const errors = last?.findings.filter(({ severity }) => severity === 'error') ?? []
      const [first] = errors
      if (!first) return []
      const more = errors.length > 1 ? ` Errors in all: ${errors.length}; see form-sync check.` : ''
      return [
        { kind: 'drift', count: errors.length, reason: `form ${first.form}, ${first.place}: ${first.problem}${more}` },
      ]
    },
    notices() {
      return last ? { configuration: { checkedAt: iso(last.at), ...summaryOf(last) } } : {}
    },
  }
}

/** Returns the findings, with those of the check before where this one is not complete: they may not be resolved. */
function keepOld({ findings, notChecked }: CheckReport, before: readonly Finding[]): Finding[] {
  if (notChecked.length === 0) return findings
  const keyOf = ({ form, place, kind }: Finding) => `${form} ${place} ${kind}`
  const found = new Set(findings.map(keyOf))
  return [...findings, ...before.filter((finding) => !found.has(keyOf(finding)))]
}

function summaryOf({ findings, notChecked }: CheckReport): { errors: number; warnings: number; notChecked: string[] } {
  const count = (severity: 'error' | 'warning') => findings.filter((finding) => finding.severity === severity).length
  return {
    errors: count('error'),
    warnings: count('warning'),
    notChecked: notChecked.map(({ what, reason }) => `${what}: ${reason}`),
  }
}
