/** Runs `form-sync token`: makes a token for an operator. It stores nothing and asks nobody. */
import { createHash, randomBytes } from 'node:crypto'
import { operatorsOf } from '../config/operators.ts'
import { parseOptions, usageError } from './parse-options.ts'

const HELP = `Usage: form-sync token [options]

Makes a token for an operator, and prints it with its digest and the entry of
FORM_SYNC_OPERATORS. The relay needs the digest alone. Give the token to the
operator: it is printed once and stored nowhere. They set it as
FORM_SYNC_CONSOLE_TOKEN for commands with --relay.

Options:
  --name <name>         Name of the operator, for the audit log. Default:
                        operator
  --role <role>         look: sees numbers, states and reasons, and no value of a
                        lead. act: may do everything. Default: look
  --json                Print one JSON object
  -h, --help            Show this help

Examples:
  form-sync token --name ana --role act
  form-sync token --name bo --json

Exit codes:
  0  The token was printed
  2  The options are wrong`

/** Size of a token, in bytes: it cannot be guessed. */
const TOKEN_BYTES = 32

/** Runs the command and resolves with its exit code. */
export async function tokenCommand(words: string[]): Promise<number> {
  let options
  try {
    options = parseOptions({
      args: words,
      options: {
        name: { type: 'string', default: 'operator' },
        role: { type: 'string', default: 'look' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return usageError('token', (error as Error).message)
  }
  const { name, role, json, help } = options
  if (help) {
    console.log(HELP)
    return 0
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const digest = `sha256:${createHash('sha256').update(token).digest('hex')}`
  const operator = { name, role, digest }
  const problems: string[] = []
  operatorsOf([operator], (_, problem) => problems.push(problem))
  if (problems.length > 0) return usageError('token', problems.join('; '))
  console.log(json ? JSON.stringify({ token, ...operator }) : describe(token, digest, JSON.stringify(operator)))
  return 0
}

function describe(token: string, digest: string, entry: string): string {
  return [
    `Token, for the operator: ${token}`,
    `Digest, for the relay:   ${digest}`,
    '',
    'Add this entry to the list in FORM_SYNC_OPERATORS, and restart the relay:',
    entry,
  ].join('\n')
}
