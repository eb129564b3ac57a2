/**
 * Putting off: leads with weak evidence that need a call of their own wait for the next day once their share of the day's
 * calls is used up. Pure, and the same for every database.
 *
 * It is no attempt and no failure. The job keeps its place among those that were put off, and has stepped aside for later
 * leads of its person; see `step-aside.ts`. A claim begins with it: it looks at the lanes of jobs that go alone whose first
 * job is weak, and puts off the weak ones of a page of each.
 */
import type { AccountState } from './account-state.ts'
import type { Lane } from './batch-planner.ts'
import { leadOf, type JobRow } from './job-row.ts'
import { budgetAfterDayCalls, currentDay } from './limits/call-budget.ts'

/** Jobs of a lane that one claim examines. */
export const PUT_OFF_JOBS = 200

/** Returns whether a job uses the share of leads with weak evidence when it is leased. */
export function needsWeakCall(row: Pick<JobRow, 'batch_key' | 'lead'> | undefined): boolean {
  return row?.batch_key === null && row.lead !== null && leadOf(row).weak === true
}

/** Returns the lanes whose jobs go alone, and one of which is due. */
export function lanesAlone(lanes: readonly Lane[]): Lane[] {
  return lanes.filter(({ batch_key: key, due }) => key === null && due > 0)
}

/** Returns until when a job is put off. */
export function putOffUntil({ budget }: AccountState, now: number): number {
  return currentDay(budget, now).endsAt
}

/** Returns the state once jobs were put off. */
export function afterPutOff(state: AccountState, jobs: number, now: number): AccountState {
  return jobs === 0 ? state : { ...state, budget: budgetAfterDayCalls(state.budget, { spent: 0, putOff: jobs }, now) }
}
