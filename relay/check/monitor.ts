/**
 * Repeats the check of the configuration while a relay runs, and keeps its result for the alerts and `/readyz`.
 *
 * It never stops delivery and refuses no visitor. A check that could not be made is shown, and never an issue: it says
 * nothing about the configuration. It has no timer of its own.
 */
import type { Log } from '../monitoring/events.ts'
import type { HealthIssue } from '../monitoring/health.ts'
import type { CheckReport } from './check.ts'
import { checkedEvent, lastCheckOf, stateOf, type CheckState, type LastCheck } from './last-check.ts'

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
  let last: LastCheck | undefined

  const state = (): CheckState => (last ? stateOf(last) : { issues: before ? [before] : [] })
  return {
    async run() {
      last = lastCheckOf(await check(), last, now())
      log(checkedEvent(stateOf(last).configuration))
    },
    issues: () => state().issues,
    state,
  }
}
