/** Runs `form-sync release`: sends held leads. It does what `form-sync held --release` does, under a name of its own. */
import { HELD_SELECTION_HELP, runHeld } from './held.ts'
import { SOURCE_HELP } from './open-admin.ts'

const HELP = `Usage: form-sync release <id>... | <selection> | --all [--yes] [options]

Sends held leads, each in its place of the order of its person's leads. It says
which rules to change so that such leads pass. Without --yes it only says what
would happen. "held" lists held leads.

${HELD_SELECTION_HELP}
  --all                 All held leads

Options:
  --yes                 Do it
  --forms <file>        The relay's forms file, whose settings released leads
                        get. FORM_SYNC_FORMS, default: forms.json. A relay at
                        a URL uses its own
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync release 0193573a-1c00-7000-8000-0123456789ab --yes
  form-sync release --form contact --rule links --data /var/lib/form-sync

Exit codes:
  0  The leads were released, or would be, or there are none
  1  Some were not released, or the source cannot be used
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export function releaseCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return runHeld({ name: 'release', help: HELP, words: ['--release', ...words], env })
}
