/** Runs `form-sync edit`: changes one parked or held lead and sends it again, in one transaction. */
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { readFormSettings } from './form-settings.ts'
import { EDIT_OPTIONS, readEdit } from './replay-edit.ts'
import { formatEdited, formatFailures } from './replay-report.ts'
import { terminalOf } from './terminal.ts'

const HELP = `Usage: form-sync edit <id> --set <name>=<value> [--drop <name>] [options]

Changes one parked or held lead, and sends it again. It keeps its place in the
order of its person's leads. "show" tells why it is parked, and the names of its
attributes. To change many leads at once, use "replay".

Edits; at least one is required, and the first three may be repeated:
  --set <name>=<value>  Give this attribute a value; nothing after the = clears
                        it in Marketo
  --drop <name>         Remove this attribute
  --rename <old>=<new>  Rename this attribute
  --workspace <name>    Send to this workspace
  --drop-workspace      Send without a workspace
  --cookie <value>      Send with this Munchkin cookie
  --drop-cookie         Send without a cookie

Options:
  --forms <file>        The relay's forms file, whose settings the lead gets.
                        FORM_SYNC_FORMS, default: forms.json. A relay at a URL
                        uses its own
  --dry-run             Show what would happen; change nothing
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync edit 0193573a-1c00-7000-8000-0123456789ab --set Country=Germany
  form-sync edit 0193573a-1c00-7000-8000-0123456789ab --drop Hat__c --dry-run

Exit codes:
  0  The lead was changed, and is sent again
  1  It was not, or the source cannot be used
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function editCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('edit', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { id, edit, dryRun, json, source } = parsed
  const forms = parsed.forms ?? (env.FORM_SYNC_FORMS || 'forms.json')
  return withAdmin(
    'edit',
    () => openAdmin(source, env, () => readFormSettings(forms)),
    async ({ parkedLeads, deliveryNote }) => {
      const { results } = await parkedLeads.replay({ ids: [id], ...edit, dryRun })
      const failed = results.filter(({ result }) => result !== 'replayed')
      if (json) console.log(JSON.stringify({ dryRun, ...results[0] }))
      else if (failed.length > 0) console.error(formatFailures(terminalOf(process.stderr), failed))
      else console.log(formatEdited(terminalOf(process.stdout), { id, edit, dryRun, deliveryNote }))
      return failed.length > 0 ? 1 : 0
    },
  )
}

function parse(words: string[]) {
  const { values, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      ...EDIT_OPTIONS,
      forms: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { relay, data, account, forms, json, help } = values
  if (help) return { help }
  const [id, more] = positionals
  if (id === undefined || more !== undefined) throw new Error('give one id; "form-sync find <e-mail>" tells the ids')
  if (forms !== undefined && relay !== undefined) throw new Error('--forms does not work with --relay')
  const edit = readEdit(values)
  const { drop, rename, set, ...choices } = edit
  const changes = [drop, Object.keys(rename), Object.keys(set), Object.keys(choices)].flat()
  if (changes.length === 0) {
    throw new Error(
      'nothing is changed; give --set, --drop or --rename, or use "form-sync replay" to send it unchanged',
    )
  }
  return { id, edit, forms, dryRun: values['dry-run'], json, source: { relay, data, account } }
}
