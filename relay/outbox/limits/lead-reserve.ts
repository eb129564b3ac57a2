/**
 * The calls of the day that owed cookies leave for leads: half of those that the rest of the day would have, if calls were
 * spread evenly. At midnight that is half of all, and at the end of the day none. Pure.
 */
import { currentDay, type CallBudget } from './call-budget.ts'
import type { Limits } from './limits.ts'

const DAY_MS = 24 * 3_600_000

/**
 * Returns whether an owed cookie may use a call.
 *
 * @param started calls that start at the same time, and are not counted in the budget yet
 */
export function leavesReserve(budget: CallBudget, { callsPerDay }: Limits, started: number, now: number): boolean {
  const { spent, endsAt } = currentDay(budget, now)
  const left = callsPerDay - spent - started
  return 2 * DAY_MS * left > callsPerDay * Math.min(DAY_MS, endsAt - now)
}

/** Returns when an owed cookie may use a call, unless leads use more of them. */
export function reserveLeftAt(budget: CallBudget, limits: Limits, now: number): number {
  if (leavesReserve(budget, limits, 0, now)) return now
  const { spent, endsAt } = currentDay(budget, now)
  const left = Math.max(0, limits.callsPerDay - spent)
  return Math.max(now, Math.min(endsAt, endsAt + 1 - Math.ceil((2 * DAY_MS * left) / limits.callsPerDay)))
}
