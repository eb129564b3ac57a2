/**
 * Runs `form-sync replay`: sends parked leads again, unchanged or edited, and reports the results.
 *
 * It replays in steps of up to 200 leads, each of them atomic. If it is interrupted, the leads of some steps have been
 * replayed and all others are still parked.
 */
import { MAX_PAGE, type ParkedLeads, type ReplayRequest, type ReplayStep } from '../admin/parked-leads.ts'
import { withAdmin, openAdmin, SOURCE_HELP, SOURCE_OPTIONS } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { EDIT_OPTIONS, readEdit } from './replay-edit.ts'
import { formatFailures, formatReport, type Edit, type ReplayTotals, type Selection } from './replay-report.ts'
import { readFormSettings } from './form-settings.ts'
import { createProgress, grouped, printable, terminalOf } from './terminal.ts'

const HELP = `Usage: form-sync replay <id>... [options]
       form-sync replay --all [--form <name>] [--reason <text>] [options]

Sends parked leads again. Workspace, constants and the use of the cookie are
those that the forms file has today for the form of each lead; the values that
the visitor sent stay as they are, unless you edit them. Replayed leads keep
their place in the order of their person's leads.

Selection:
  <id>...               The leads with these ids
  --all                 All parked leads
  --form <name>         With --all: only leads of this form
  --reason <text>       With --all: only leads whose reason contains this text,
                        ignoring case

Edits; the first three may be repeated:
  --drop <name>         Remove this attribute
  --rename <old>=<new>  Rename this attribute
  --set <name>=<value>  Give this attribute a value; nothing after the = clears
                        it in Marketo
  --workspace <name>    Send to this workspace
  --drop-workspace      Send without a workspace
  --cookie <value>      Send with this Munchkin cookie
  --drop-cookie         Send without a cookie

Options:
  --forms <file>        The relay's forms file. FORM_SYNC_FORMS, default:
                        forms.json. A relay at a URL uses its own
  --keep-settings       Keep the settings of the forms as they were when the
                        leads were accepted
  --dry-run             Show what would happen; change nothing
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync replay 0193573a-1c00-7000-8000-0123456789ab
  form-sync replay --all --reason 20105 --rename Hat__c=Hat --dry-run
  form-sync replay --all --form contact --relay https://forms.acme.example
  form-sync replay --all --reason workspace --workspace Europe

Exit codes:
  0  All selected leads were replayed
  1  Some were not replayed, or the source cannot be used
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function replayCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('replay', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { selection, edit, dryRun, json, source, keepSettings } = parsed
  const forms = parsed.forms ?? (env.FORM_SYNC_FORMS || 'forms.json')
  const settings = describeSettings(keepSettings, source.relay === undefined ? forms : undefined)
  return withAdmin(
    'replay',
    () => openAdmin(source, env, () => (keepSettings ? {} : readFormSettings(forms))),
    async ({ parkedLeads, deliveryNote }) => {
      const totals: ReplayTotals = { seen: 0, results: [] }
      const progress = createProgress(process.stderr, Date.now)
      const total =
        'ids' in selection ? selection.ids.length : (await parkedLeads.list({ limit: 1, values: false })).total
      for await (const { seen, results } of steps(parkedLeads, selection, { ...edit, keepSettings, dryRun })) {
        totals.seen += seen
        totals.results.push(...results)
        progress.update(`${grouped(totals.seen)} of ${grouped(Math.max(total, totals.seen))}`)
      }
      progress.end()
      const failed = totals.results.filter(({ result }) => result !== 'replayed')
      if (json) console.log(JSON.stringify({ dryRun, replayed: totals.results.length - failed.length, ...totals }))
      else {
        console.log(
          formatReport(terminalOf(process.stdout), { selection, edit, settings, dryRun, deliveryNote }, totals),
        )
        if (failed.length > 0) console.error(formatFailures(terminalOf(process.stderr), failed))
      }
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
      all: { type: 'boolean', default: false },
      form: { type: 'string' },
      reason: { type: 'string' },
      ...EDIT_OPTIONS,
      forms: { type: 'string' },
      'keep-settings': { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { all, form, reason, json, help, relay, data, account, forms } = values
  const keepSettings = values['keep-settings']
  if (help) return { help }
  if (all && positionals.length > 0) throw new Error('use either ids or --all, not both')
  if (!all && positionals.length === 0) throw new Error('no leads are selected; give ids or --all')
  if (!all && (form !== undefined || reason !== undefined)) throw new Error('--form and --reason require --all')
  const selection: Selection = all
    ? { all, ...(form !== undefined && { form }), ...(reason !== undefined && { reason }) }
    : { ids: [...new Set(positionals)] }
  if (forms !== undefined && relay !== undefined) throw new Error('--forms does not work with --relay')
  if (forms !== undefined && keepSettings) throw new Error('use either --forms or --keep-settings, not both')
  return {
    selection,
    edit: readEdit(values),
    dryRun: values['dry-run'],
    json,
    keepSettings,
    forms,
    source: { relay, data, account },
  }
}

/** @param forms undefined for a relay at a URL */
function describeSettings(keepSettings: boolean, forms: string | undefined): string {
  if (keepSettings) return 'as stored'
  return forms === undefined ? 'of the forms of that relay' : `of the forms in ${printable(forms)}`
}

async function* steps(
  parkedLeads: ParkedLeads,
  selection: Selection,
  options: Edit & { keepSettings: boolean; dryRun: boolean },
): AsyncGenerator<Pick<ReplayStep, 'seen' | 'results'>> {
  if ('ids' in selection) {
    for (let at = 0; at < selection.ids.length; at += MAX_PAGE) {
      yield await parkedLeads.replay({ ids: selection.ids.slice(at, at + MAX_PAGE), ...options })
    }
    return
  }
  let after: string | undefined
  do {
    const request: ReplayRequest = { ...selection, ...options, ...(after !== undefined && { after }) }
    const step = await parkedLeads.replay(request)
    yield step
    after = step.next
  } while (after !== undefined)
}
