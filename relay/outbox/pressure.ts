/**
 * Pressure: more jobs wait for a call of their own than the calls left today can carry. Then leads with a cookie share calls,
 * and their cookies follow. Pure, and the same for every database.
 *
 * Once it began, it lasts until all jobs that wait were examined, a page of them in each claim.
 */
import type { Lead } from '../intake/lead.ts'
import type { Leased } from './account-state.ts'
import type { BatchKeys } from './batch-planner.ts'
import { callsLeft, type CallBudget } from './limits/call-budget.ts'
import type { Limits } from './limits/limits.ts'

/** Jobs with a cookie and without a batch key that one claim examines. */
export const EXAMINED_JOBS = 500

export interface Pressure {
  /** The jobs up to this number were examined. */
  after: number
}

/**
 * Returns the number of jobs with a call of their own that are no pressure yet: the calls that are left today, and those
 * that are out. Infinite where sharing a call is no relief.
 */
export function aloneLimit(
  budget: CallBudget,
  limits: Limits,
  { cookies }: BatchKeys,
  { out, shared }: Leased,
  now: number,
): number {
  if (cookies !== 'with-lead' || limits.leadsPerCall <= 1) return Infinity
  // One call at a time probes a spent quota.
  return (budget.quota ? 1 : callsLeft(budget, limits, now)) + out - shared
}

/**
 * Returns the batch key of a lead with a cookie that may share a call if the cookie follows; null where it may not. A lead
 * without an address has no other key than its cookie.
 */
export function keyWithoutCookie(lead: Lead, { batchKey }: BatchKeys): string | null {
  const { cookie, ...rest } = lead
  return cookie === undefined || lead.email === '' ? null : batchKey(rest)
}

/**
 * Returns the pressure after a page of jobs was examined.
 *
 * @param isOver whether all jobs were examined, and the calls are enough for those that go alone
 */
export function pressureAfter(
  pressure: Pressure | undefined,
  examined: readonly { seq: number }[],
  isOver: boolean,
): Pressure | undefined {
  return isOver ? undefined : { after: examined.at(-1)?.seq ?? pressure?.after ?? 0 }
}
