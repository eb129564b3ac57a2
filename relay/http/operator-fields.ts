/** Checks of the members that operators send, and the problems with them. It knows no route. */
import type { FieldProblem } from '../protocol.ts'
import { MAX_NAME_LENGTH } from './replay-edit.ts'

/** Maximum length of a reason and of the name of an operator, in characters: they are stored and logged. */
const MAX_NOTE_LENGTH = 200

/** Adds a problem with a field. The rule has neither the name of the field nor a full stop. */
export type AddIssue = (field: string, rule: string) => void

/** Returns an empty list of problems, and what adds to it. */
export function collectIssues(): { problems: FieldProblem[]; addIssue: AddIssue } {
  const problems: FieldProblem[] = []
  return {
    problems,
    addIssue: (field, rule) => problems.push({ field, code: 'format', message: `${field} ${rule}.` }),
  }
}

/** Adds a problem for each member that is not allowed. */
export function reportUnknown(fields: Record<string, unknown>, allowed: readonly string[], addIssue: AddIssue): void {
  for (const key of Object.keys(fields)) {
    if (!allowed.includes(key)) addIssue(key.slice(0, MAX_NAME_LENGTH), `is unknown; allowed are ${allowed.join(', ')}`)
  }
}

/** Adds a problem for each text that may not be noted or logged: one that is too long, or has an address. */
export function checkNotes(texts: Record<string, unknown>, addIssue: AddIssue): void {
  for (const [name, text] of Object.entries(texts)) {
    const isNote = typeof text === 'string' && text.length <= MAX_NOTE_LENGTH && !/\S@\S/.test(text)
    if (!isNote) addIssue(name, `must be text of up to ${MAX_NOTE_LENGTH} characters, without an e-mail address`)
  }
}
