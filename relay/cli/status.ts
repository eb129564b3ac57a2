/** Runs `form-sync status`: shows the state of a relay or of a store. It changes nothing. */
import type { RelayState } from './admin-source.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { formatState } from './status-report.ts'
import { terminalOf } from './terminal.ts'

const HELP = `Usage: form-sync status [options]

Shows what waits, is held, parked and delivered, the calls of the day, and all
issues, each with what to do. Of a relay at a URL it shows the same as /readyz.
Of a folder or a database it shows what is stored there: not the issues that
only a running relay knows, such as a full disk.

Options:
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync status --data /var/lib/form-sync
  form-sync status --relay https://forms.acme.example --json

Exit codes:
  0  There is no issue
  1  There is an issue, or the source cannot be read
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function statusCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let values
  try {
    values = parseOptions({
      args: words,
      options: {
        ...SOURCE_OPTIONS,
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return usageError('status', (error as Error).message)
  }
  const { json, help, ...source } = values
  if (help) {
    console.log(HELP)
    return 0
  }
  if (source.account !== undefined && source.relay !== undefined) {
    return usageError('status', '--account does not work with --relay, which shows all accounts')
  }
  return withAdmin(
    'status',
    () => openAdmin(source, env),
    async ({ status }) => {
      const state = await status()
      console.log(json ? JSON.stringify(state) : formatState(terminalOf(process.stdout), state))
      return isFine(state) ? 0 : 1
    },
  )
}

function isFine(state: RelayState): boolean {
  return state.ready && state.issues.length === 0
}
