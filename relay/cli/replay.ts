/**
 * Runs `form-sync replay`: sends parked leads again, unchanged or edited, and reports the results.
 *
 * It replays in steps of up to 200 leads, each of them atomic. If it is interrupted, the leads of some steps have been
 * replayed and all others are still parked.
 */
import { MAX_PAGE, type ParkedLeads, type ReplayRequest, type ReplayStep } from '../admin/parked-leads.ts'
import { withAdmin, openAdmin, SOURCE_HELP, SOURCE_OPTIONS } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { formatFailures, formatReport, type Edit, type ReplayTotals, type Selection } from './replay-report.ts'
import { createProgress, grouped, terminalOf } from './terminal.ts'

const HELP = `Usage: form-sync replay <id>... [options]
       form-sync replay --all [--form <name>] [--reason <text>] [options]

Sends parked leads again, unchanged or edited. Replayed leads keep their place
in the order of their person's leads.

Selection:
  <id>...               The leads with these ids
  --all                 All parked leads
  --form <name>         With --all: only leads of this form
  --reason <text>       With --all: only leads whose reason contains this text,
                        ignoring case

Edits, each may be repeated:
  --drop <name>         Remove this attribute
  --rename <old>=<new>  Rename this attribute

Options:
  --dry-run             Show what would happen; change nothing
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync replay 0193573a-1c00-7000-8000-0123456789ab
  form-sync replay --all --reason 20105 --rename Hat__c=Hat --dry-run
  form-sync replay --all --form contact --relay https://forms.acme.example

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
  const { selection, edit, dryRun, json, source } = parsed
  return withAdmin(
    'replay',
    () => openAdmin(source, env),
    async ({ parkedLeads, deliveryNote }) => {
      const totals: ReplayTotals = { seen: 0, results: [] }
      const progress = createProgress(process.stderr, Date.now)
      const total =
        'ids' in selection ? selection.ids.length : (await parkedLeads.list({ limit: 1, values: false })).total
      for await (const { seen, results } of steps(parkedLeads, selection, { ...edit, dryRun })) {
        totals.seen += seen
        totals.results.push(...results)
        progress.update(`${grouped(totals.seen)} of ${grouped(Math.max(total, totals.seen))}`)
      }
      progress.end()
      const failed = totals.results.filter(({ result }) => result !== 'replayed')
      if (json) console.log(JSON.stringify({ dryRun, replayed: totals.results.length - failed.length, ...totals }))
      else {
        console.log(formatReport(terminalOf(process.stdout), { selection, edit, dryRun, deliveryNote }, totals))
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
      drop: { type: 'string', multiple: true, default: [] },
      rename: { type: 'string', multiple: true, default: [] },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { all, form, reason, drop, rename, json, help, relay, data } = values
  if (help) return { help }
  if (all && positionals.length > 0) throw new Error('use either ids or --all, not both')
  if (!all && positionals.length === 0) throw new Error('no leads are selected; give ids or --all')
  if (!all && (form !== undefined || reason !== undefined)) throw new Error('--form and --reason require --all')
  const selection: Selection = all
    ? { all, ...(form !== undefined && { form }), ...(reason !== undefined && { reason }) }
    : { ids: [...new Set(positionals)] }
  return { selection, edit: readEdit(drop, rename), dryRun: values['dry-run'], json, source: { relay, data } }
}

function readEdit(drop: string[], rename: string[]): Edit {
  const renamed = rename.map((word) => {
    const [old, name, more] = word.split('=')
    if (!old || !name || more !== undefined) throw new Error(`--rename must be <old>=<new>, not "${word}"`)
    return [old, name] as const
  })
  const names = [...drop, ...renamed.map(([old]) => old)]
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) throw new Error(`"${repeated}" has two edits; only one is allowed`)
  if (drop.includes('')) throw new Error('--drop must be the name of an attribute, not empty')
  return { drop, rename: Object.fromEntries(renamed) }
}

async function* steps(
  parkedLeads: ParkedLeads,
  selection: Selection,
  options: Edit & { dryRun: boolean },
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
