/** Runs `form-sync show`: shows one lead in full, whatever its state. It changes nothing. */
import { formatLead } from './lead-report.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, typedSource, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { printable, terminalOf } from './terminal.ts'

const HELP = `Usage: form-sync show <id> [options]

Shows one lead in full: its state, why it is parked or held and by which rule,
its attempts, the names of its attributes, and which commands may follow. "find"
tells the ids of a person's leads.

Options:
  --values              Show the values of the attributes: personal data
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync show 0193573a-1c00-7000-8000-0123456789ab --data /var/lib/form-sync
  form-sync show 0193573a-1c00-7000-8000-0123456789ab --values

Exit codes:
  0  The lead was shown
  1  No lead has this id, or the source cannot be read
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function showCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('show', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { id, values, json, source } = parsed
  return withAdmin(
    'show',
    () => openAdmin(source, env),
    async ({ leadDetails }) => {
      const lead = await leadDetails.show(id, values)
      if (lead)
        console.log(
          json ? JSON.stringify(lead) : formatLead(terminalOf(process.stdout), lead, Date.now(), typedSource(source)),
        )
      else console.error(`form-sync show: no lead has the id ${printable(id)}`)
      return lead ? 0 : 1
    },
  )
}

function parse(words: string[]) {
  const { values: options, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      values: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { values, json, help, ...source } = options
  if (help) return { help }
  const [id, more] = positionals
  if (id === undefined || more !== undefined) throw new Error('give one id; "form-sync find <e-mail>" tells the ids')
  return { id, values, json, source }
}
