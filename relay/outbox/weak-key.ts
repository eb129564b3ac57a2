/**
 * The batch keys of leads with weak evidence that share calls: they share them with each other and with no other lead, so that
 * their calls can be bounded (`limits/weak-calls.ts`). Pure.
 *
 * Such a job may wait for long while others go on. It has always stepped aside for other leads of its person; see
 * `step-aside.ts`.
 */
import type { BatchKeys } from './batch-planner.ts'

/** Begins the key of such leads. No key of a transport begins with it. */
const PREFIX = 'weak '

/** Condition that a job has such a key, in SQL. */
export const HAS_WEAK_KEY = `batch_key LIKE '${PREFIX}%'`

/** Returns whether leads with this key are such leads. */
export function isWeakKey(key: string | null): boolean {
  return key?.startsWith(PREFIX) ?? false
}

/** Returns the rules of a transport with keys of their own for leads with weak evidence. */
export function withWeakKeys(keys: BatchKeys): BatchKeys {
  return {
    name: keys.name,
    cookies: keys.cookies,
    batchKey(lead) {
      const key = keys.batchKey(lead)
      return key === null || !lead.weak ? key : `${PREFIX}${key}`
    },
  }
}
