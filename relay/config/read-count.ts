/** Reads a variable that is a whole number. Pure. */
import { text, type Environment } from './account.ts'
import type { AddIssue } from './forms.ts'

interface CountRange {
  defaultValue: number
  /** Smallest number that is allowed: 1 by default. */
  min?: number
  max: number
  /** Reason for the maximum. */
  reason?: string
}

/** Reads a number, or reports that it is not in its range. */
export function readCount(
  env: Environment,
  name: string,
  { defaultValue, min = 1, max, reason }: CountRange,
  addIssue: AddIssue,
): number {
  const value = text(env[name])
  if (value === undefined) return defaultValue
  const count = /^\d{1,7}$/.test(value) ? Number(value) : -1
  if (count < min || count > max) {
    addIssue(name, `must be a whole number from ${min} to ${max}${reason ? `, ${reason}` : ''}`)
  }
  return count
}
