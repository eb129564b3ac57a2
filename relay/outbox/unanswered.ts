/**
 * Attempts that may have filled out a Marketo form, and got no answer: a repetition fills it out again. Pure.
 *
 * The history marks those that were settled so. One that a relay did not live to settle is not in the history at all.
 */
import type { Lead } from '../intake/lead.ts'
import { parseHistory, type JobRow } from './job-row.ts'
import type { RepeatedAttempt } from './outbox.ts'

/** Note on a lead that was delivered after such an attempt, and has no receipt. */
export const TWICE_NOTE = 'the Marketo form may have been filled out twice: an earlier answer was lost'

/** Returns the number of such attempts among the first ones of a job. */
export function unansweredIn({ marketoForm }: Lead, { history: text }: JobRow, attempts: number): number {
  if (marketoForm === undefined) return 0
  const history = parseHistory(text)
  return lost(history, attempts) + sum(history.filter(({ unanswered }) => unanswered))
}

/** Returns the history of a job that a person replays, who has looked whether the form is filled out. */
export function answeredHistory({ history: text, attempts, lead_id: leadId }: JobRow, now: number): RepeatedAttempt[] {
  const history = parseHistory(text)
  const times = lost(history, attempts)
  const reason = leadId === null ? 'no outcome was stored' : 'delivered without these attributes'
  const rest = times > 0 ? [{ reason, times, first: now, last: now }] : []
  const answered = history.map((each) => ({
    reason: each.reason,
    times: each.times,
    first: each.first,
    last: each.last,
  }))
  return [...answered, ...rest]
}

function lost(history: readonly RepeatedAttempt[], attempts: number): number {
  return Math.max(0, attempts - sum(history))
}

function sum(history: readonly RepeatedAttempt[]): number {
  return history.reduce((total, { times }) => total + times, 0)
}
