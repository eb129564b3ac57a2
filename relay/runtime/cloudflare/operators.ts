/**
 * Replaces `relay/config/operators.ts` in the Worker's bundle: no start waits for the checks of the entries. They are checked with
 * the first request of an operator (`operator-keys.ts`).
 */
import { text, type Environment } from '../../config/account.ts'
import type { AddIssue } from '../../config/forms.ts'
import type { Operator } from '../../config/operators.ts'

/** Reads `FORM_SYNC_OPERATORS` as far as it is a list. */
export function readOperators(env: Environment, addIssue: AddIssue): Operator[] {
  const value = text(env.FORM_SYNC_OPERATORS)
  if (value === undefined) return []
  const list = parse(value)
  if (Array.isArray(list)) return list as Operator[]
  addIssue('FORM_SYNC_OPERATORS', 'must be a JSON list of entries as "form-sync token" prints them')
  return []
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
