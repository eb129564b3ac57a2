/** Runs `form-sync audit`: lists what operators did. It changes nothing. */
import { MAX_ACTS, type AuditLog, type ListedAct } from '../admin/audit-log.ts'
import { openAdmin, STORE_HELP, STORE_OPTIONS, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, entry, printable, terminalOf, timeOf, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync audit [options]

Lists what operators did, the latest first: who, when, how, to which leads, and
why. An act is recorded before it is done, whether over HTTP or by a command. It
names no person but by a digest, and has no value of a lead. It is kept for 400
days.

Options:
  --limit <number>      Maximum number of acts. Default: 50, and no limit with
                        --json
  --json                Print one JSON object per act, each on its own line
  -h, --help            Show this help

${STORE_HELP}

Examples:
  form-sync audit --data /var/lib/form-sync
  form-sync audit --json --relay https://forms.acme.example

Exit codes:
  0  The acts were listed, or there are none
  1  The source cannot be read
  2  The options or variables are wrong`

/** Maximum number of acts to list without `--limit` and `--json`. */
const DEFAULT_LIMIT = 50

/** Runs the command and resolves with its exit code. */
export async function auditCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('audit', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { limit, json, source } = parsed
  return withAdmin(
    'audit',
    () => openAdmin(source, env),
    async ({ auditLog }) => {
      const terminal = terminalOf(process.stdout)
      let isEmpty = true
      for await (const act of actsOf(auditLog, limit ?? (json ? Infinity : DEFAULT_LIMIT))) {
        isEmpty = false
        console.log(json ? JSON.stringify(act) : formatAct(terminal, act))
      }
      if (isEmpty && !json) console.log('No act of an operator is recorded.')
      return 0
    },
  )
}

function parse(words: string[]) {
  const { values } = parseOptions({
    args: words,
    options: {
      ...STORE_OPTIONS,
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { limit, json, help, ...source } = values
  if (help) return { help }
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) {
    throw new Error(`--limit must be a whole number of at least 1, not "${limit}"`)
  }
  return { limit: limit === undefined ? undefined : Number(limit), json, source }
}

async function* actsOf(auditLog: AuditLog, limit: number): AsyncGenerator<ListedAct> {
  let before: number | undefined
  for (let left = limit; left > 0;) {
    const { acts, next } = await auditLog.list(Math.min(left, MAX_ACTS), before)
    yield* acts
    if (next === undefined) return
    left -= acts.length
    before = next
  }
}

/** Formats an act: a line with who did what and when, and below it what it was about. */
function formatAct(terminal: Terminal, { at, by, via, kind, leads, selector, reason, personKey }: ListedAct): string {
  const how = { http: 'over HTTP', command: 'by a command', relay: 'by its variables' }[via]
  const number = leads === undefined ? 'not finished' : counted(leads, 'lead')
  const about = Object.entries(selector).map(([name, value]) => `${name}: ${textOf(value)}`)
  return [
    `${timeOf(at, 'second')} UTC  ${terminal.bold(kind)}  ${number}  ${printable(by)}, ${how}`,
    ...(about.length > 0 ? [entry(terminal, '  of', printable(about.join('; ')))] : []),
    ...(personKey === undefined ? [] : [entry(terminal, '  person', personKey)]),
    ...(reason === undefined ? [] : [entry(terminal, '  reason', printable(reason))]),
  ].join('\n')
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
