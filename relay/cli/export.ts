/** Runs `form-sync export`: prints undelivered leads as JSON lines or as CSV. It changes nothing. */
import { createLeadTable } from '../admin/export-csv.ts'
import { isState, STATES } from '../admin/selector.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, createProgress } from './terminal.ts'

const HELP = `Usage: form-sync export [options]

Prints every lead that is not delivered, with its personal data: one JSON object
per lead, each on its own line, or CSV. Use it to get leads out of an outbox
before you go back to an older version of form-sync, which cannot read it.

Stop the relay first. A running relay goes on delivering, and a lead that it
delivers meanwhile may be in the export too.

Options:
  --state <states>      Comma-separated states to export: waiting, held, parked.
                        Default: all three
  --format <format>     jsonl: JSON lines. csv: a header, and a column for each
                        attribute; a cell that a spreadsheet would take for a
                        formula gets an apostrophe before it. Default: jsonl
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync export --data /var/lib/form-sync > leads.jsonl
  form-sync export --state held,parked --format csv > leads.csv
  form-sync export --state waiting --relay https://forms.acme.example

Exit codes:
  0  The leads were printed, or there are none
  1  The source cannot be read
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function exportCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('export', (error as Error).message)
  }
  const { states, format, source, help } = parsed
  if (help) {
    console.log(HELP)
    return 0
  }
  return withAdmin(
    'export',
    () => openAdmin(source, env),
    async ({ exportLeads }) => {
      const progress = createProgress(process.stderr, Date.now)
      const names = new Set<string>()
      if (format === 'csv') {
        // The columns are known once all leads were read. A lead that comes meanwhile has further ones in the last column.
        for await (const { attributes } of exportLeads(states)) {
          for (const name of Object.keys(attributes)) names.add(name)
          progress.update(`${counted(names.size, 'attribute')} found`)
        }
      }
      const table = createLeadTable(names)
      if (format === 'csv') console.log(table.header)
      let count = 0
      for await (const lead of exportLeads(states)) {
        console.log(format === 'csv' ? table.row(lead) : JSON.stringify(lead))
        count += 1
        progress.update(`${counted(count, 'lead')} exported`)
      }
      progress.end()
      return 0
    },
  )
}

function parse(words: string[]) {
  const { values } = parseOptions({
    args: words,
    options: {
      ...SOURCE_OPTIONS,
      state: { type: 'string' },
      format: { type: 'string', default: 'jsonl' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { state, format, relay, data, account, help } = values
  if (format !== 'jsonl' && format !== 'csv') throw new Error(`--format must be jsonl or csv, not "${format}"`)
  const names = state?.split(',') ?? STATES
  const unknown = names.find((name) => !isState(name))
  if (unknown !== undefined) throw new Error(`unknown state: ${unknown}; allowed are ${STATES.join(', ')}`)
  return { states: STATES.filter((known) => names.includes(known)), format, help, source: { relay, data, account } }
}
