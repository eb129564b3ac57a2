/** Runs `form-sync export`: prints undelivered leads as JSON lines. It changes nothing. */
import type { ListedState } from '../outbox/outbox.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { AdminError } from './admin-source.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, createProgress } from './terminal.ts'

const STATES: readonly ListedState[] = ['waiting', 'held', 'parked']

const HELP = `Usage: form-sync export [options]

Prints every lead that is not delivered, with its personal data: one JSON object
per lead, each on its own line. Use it to get leads out of an outbox before you
go back to an older version of form-sync, which cannot read it.

Stop the relay first. A running relay goes on delivering, and a lead that it
delivers meanwhile may be in the export too.

Options:
  --state <states>      Comma-separated states to export: waiting, held, parked.
                        Default: all three
  -h, --help            Show this help

${SOURCE_HELP}
  This command does not work with --relay.

Examples:
  form-sync export --data /var/lib/form-sync > leads.jsonl
  form-sync export --state waiting

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
  const { states, source, help } = parsed
  if (help) {
    console.log(HELP)
    return 0
  }
  return withAdmin(
    'export',
    () => openAdmin(source, env),
    async ({ exportLeads }) => {
      if (!exportLeads)
        throw new AdminError(2, 'a relay does not export leads over HTTP; use --data or FORM_SYNC_DATABASE')
      const progress = createProgress(process.stderr, Date.now)
      let count = 0
      for await (const lead of exportLeads(states)) {
        console.log(JSON.stringify(lead))
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
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { state, relay, data, account, help } = values
  const names = state?.split(',') ?? STATES
  const unknown = names.find((name) => !STATES.some((known) => known === name))
  if (unknown !== undefined) throw new Error(`unknown state: ${unknown}; allowed are ${STATES.join(', ')}`)
  return { states: STATES.filter((known) => names.includes(known)), help, source: { relay, data, account } }
}
