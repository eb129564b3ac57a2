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

const SHAPE = 'must be a JSON list such as [{"name": "ana", "role": "look", "digest": "sha256:…"}]'
const MADE_BY = '"form-sync token" makes a token and its digest'

/** Reads `FORM_SYNC_OPERATORS`. Reports everything that is wrong with it. */
export function readOperators(env: Environment, addIssue: AddIssue): Operator[] {
  const value = text(env.FORM_SYNC_OPERATORS)
  if (value === undefined) return []
  const list = parse(value)
  if (!Array.isArray(list)) {
    addIssue('FORM_SYNC_OPERATORS', SHAPE)
    return []
  }
  const operators = list.flatMap((entry: unknown, at) =>
    readOperator(entry, (problem) => addIssue(`FORM_SYNC_OPERATORS[${at}]`, problem)),
  )
  const names = operators.map(({ name }) => name)
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) addIssue('FORM_SYNC_OPERATORS', `has two operators of the name "${repeated}"`)
  return operators
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function readOperator(entry: unknown, addProblem: (problem: string) => void): Operator[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    addProblem('must be an object with "name", "role" and "digest"')
    return []
  }
  const { name, role, digest, token, ...unknown } = entry as Record<string, unknown>
  const problems: string[] = []
  for (const key of Object.keys(unknown)) {
    problems.push(`"${key.slice(0, 64)}" is unknown; allowed are name, role, digest and token`)
  }
  if (typeof name !== 'string' || !NAME.test(name)) {
    problems.push(
      '"name" must begin with a letter or a digit and have up to 64 letters, digits, spaces, dots and dashes',
    )
  }
  if (role !== 'look' && role !== 'act') problems.push('"role" must be "look" or "act"')
  const [, hex] = typeof digest === 'string' ? (DIGEST.exec(digest) ?? []) : []
  if ((digest === undefined) === (token === undefined))
    problems.push(`either "digest" or "token" is required; ${MADE_BY}`)
  else if (digest !== undefined && hex === undefined) {
    problems.push(`"digest" must be sha256: with 64 hexadecimal digits; ${MADE_BY}`)
  } else if (token !== undefined && !isToken(token)) {
    problems.push(`"token" must have ${MIN_TOKEN_LENGTH} characters or more, and no space; ${MADE_BY}`)
  }
  for (const problem of problems) addProblem(problem)
  if (problems.length > 0) return []
  const secret = hex === undefined ? { token: token as string } : { digest: hex.toLowerCase() }
  return [{ name: name as string, role: role as Role, ...secret }]
}

function isToken(token: unknown): boolean {
  return typeof token === 'string' && token.length >= MIN_TOKEN_LENGTH && !/\s/.test(token)
}
