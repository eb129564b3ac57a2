/**
 * What the verdict on an owed cookie means. Pure. It is that of the retry policy for a lead that goes alone, but a cookie
 * that Marketo refuses is given up: nobody can mend it, and its lead is delivered.
 */
import type { Batch, OwedJob, Outcome } from '../outbox/outbox.ts'
import { decideOutcome, type RetryContext } from './retry-policy.ts'
import type { Verdict } from './transport.ts'

/** Returns what becomes of an owed cookie whose attempt came to this verdict. */
export function decideOwed(
  verdict: Verdict,
  { cookie: { id }, ...attempt }: OwedJob,
  context: Omit<RetryContext, 'batch'> & { batch: Pick<Batch, 'leaseExpiresAt' | 'doubt'> },
): Outcome {
  if (verdict.kind === 'rejected') return { kind: 'parked', reason: verdict.reason }
  const job = { ...attempt, lead: { id } }
  return decideOutcome(verdict, job, { ...context, batch: { ...context.batch, jobs: [job] } })
}
