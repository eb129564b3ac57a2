/** Reads the operators of the relay: who may look, and who may act. Pure. No message contains a token. */
import { text, type Environment } from './account.ts'
import type { AddIssue } from './forms.ts'

/** What an operator may do. `look`: see numbers, states and reasons, and no value of a lead · `act`: everything. */
export type Role = 'look' | 'act'

/** An operator with a token of their own. */
export interface Operator {
  /** Name in the audit log, on receipts and in events. */
  name: string
  role: Role
  /** SHA-256 of the token, in lower-case hexadecimal. Absent where the token itself is given. */
  digest?: string
  token?: string
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u
const DIGEST = /^(?:sha256:)?([\da-f]{64})$/i

/** Minimum length of a token, in characters. A shorter one could be guessed. */
const MIN_TOKEN_LENGTH = 20

/** Reads `FORM_SYNC_OPERATORS`. Reports each entry that is wrong. */
export function readOperators(env: Environment, addIssue: AddIssue): Operator[] {
  const value = text(env.FORM_SYNC_OPERATORS)
  if (value === undefined) return []
  const list = parse(value)
  if (Array.isArray(list)) return operatorsOf(list, addIssue)
  addIssue('FORM_SYNC_OPERATORS', `must be a JSON list of entries ${RULE}`)
  return []
}

/** Returns the operators of these entries. Reports each entry that is wrong. */
export function operatorsOf(list: readonly unknown[], addIssue: AddIssue): Operator[] {
  const names = new Set<unknown>()
  return list.flatMap((entry, at) => {
    const operator = readOperator(entry)
    if (operator && !names.has(operator.name)) {
      names.add(operator.name)
      return [operator]
    }
    addIssue(`FORM_SYNC_OPERATORS[${at}]`, `must be an entry ${RULE}`)
    return []
  })
}

const RULE = `as "form-sync token" prints it: with a "name" of its own, the "role" look or act, and either its "digest" or a "token" of ${MIN_TOKEN_LENGTH} characters or more, and nothing else`

function parse(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function readOperator(entry: unknown): Operator | undefined {
  const { name, role, digest, token, ...unknown } = Object(entry) as Record<string, unknown>
  const isNamed = typeof name === 'string' && NAME.test(name) && (role === 'look' || role === 'act')
  if (!isNamed || Object.keys(unknown).length > 0) return undefined
  const [, hex] = DIGEST.exec(String(digest)) ?? []
  if (hex !== undefined && token === undefined) return { name, role, digest: hex.toLowerCase() }
  const isToken = typeof token === 'string' && token.length >= MIN_TOKEN_LENGTH && !/\s/.test(token)
  return isToken && digest === undefined ? { name, role, token } : undefined
}
