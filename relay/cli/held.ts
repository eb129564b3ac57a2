/**
 * Runs `form-sync held`: lists held leads, releases them, or discards them.
 *
 * It releases page by page, each page in one transaction. If it is interrupted, the leads of some pages are released and all
 * others are still held.
 */
import type { HeldLead, HeldLeads, HeldSelector } from '../admin/held-leads.ts'
import { MAX_PAGE } from '../admin/parked-leads.ts'
import { adviseAfterRelease } from '../admin/release-advice.ts'
import { textsOf } from '../admin/selector.ts'
import type { DiscardResult } from '../admin/waiting-leads.ts'
import type { Replayed } from '../outbox/outbox.ts'
import type { OpenAdmin } from './admin-source.ts'
import { readFormSettings } from './form-settings.ts'
import { formatDiscarded, formatHeld, formatReleased } from './held-report.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin, type Source, typedSource } from './open-admin.ts'
import { ownName } from './own-name.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { formatFailures } from './replay-report.ts'
import { selectorOf, typedOptions } from './selector-options.ts'
import { counted, createProgress, terminalOf } from './terminal.ts'

/** The conditions of a selection of held leads. `--all` is told by each command. */
export const HELD_SELECTION_HELP = `Selection; a lead must meet all of these:
  --form <name>         It is of this form
  --rule <name>         This rule has fired for it, such as honeypot
  --from <time>         It was accepted at this time or later, such as
                        2026-11-23 or 2026-11-23T09:30, in UTC
  --until <time>        It was accepted before this time
  --domain <name>       Its address is of this domain`

const HELP = `Usage: form-sync held [<id>...] [<selection>] [options]
       form-sync held --release <id>... | <selection> | --all [--yes]
       form-sync held --discard <id>... | <selection> | --all --reason <text> [--yes]

Lists held leads, the longest held first, with the rules that hold them. A held
lead is not sent until someone releases it. A released lead is sent in its place
of the order of its person's leads. Without --yes, --release and --discard only
say what would happen.

${HELD_SELECTION_HELP}
  --all                 All held leads, for --release and --discard

Options:
  --release             Send the leads. It says which rules to change so that
                        such leads pass
  --discard             Remove the leads. Their personal data is wiped
  --reason <text>       Why they are discarded: up to 200 characters, without
                        personal data. Required with --discard --yes
  --yes                 Do it
  --forms <file>        The relay's forms file, whose settings released leads
                        get. FORM_SYNC_FORMS, default: forms.json. A relay at
                        a URL uses its own
  --limit <number>      Maximum number of leads to list. Default: 50, and no
                        limit with --json
  --values              Show the values of the attributes: personal data
  --json                Print JSON: one object per lead on its own line, or one
                        object for --release and --discard
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync held --rule honeypot --data /var/lib/form-sync
  form-sync held --release 0193573a-1c00-7000-8000-0123456789ab --yes
  form-sync held --discard --form contact --rule links --reason spam --yes

Exit codes:
  0  The leads were listed, released or discarded, or would be, or there are none
  1  Some were not released, or the source cannot be used
  2  The options or variables are wrong`

/** Maximum number of leads to list without `--limit` and `--json`. */
const DEFAULT_LIMIT = 50

/** Maximum length of a reason, in characters: it is noted on each receipt. */
const MAX_REASON_LENGTH = 200

/** Runs the command and resolves with its exit code. */
export function heldCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return runHeld({ name: 'held', help: HELP, words, env })
}

/** Runs the command under a name, with the help that belongs to it. Resolves with its exit code. */
export async function runHeld({ name, help, words, env }: Call): Promise<number> {
  let parsed: Request | { help: true }
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError(name, (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(help)
    return 0
  }
  const { action, source } = parsed
  const forms = parsed.forms ?? (env.FORM_SYNC_FORMS || 'forms.json')
  const readForms = action === 'release' ? () => readFormSettings(forms) : undefined
  return withAdmin(name, () => openAdmin(source, env, readForms), ACTIONS[action].bind(undefined, parsed))
}

interface Call {
  name: string
  help: string
  words: string[]
  env: NodeJS.ProcessEnv
}

type Action = 'list' | 'release' | 'discard'

interface Request {
  action: Action
  selectors: HeldSelector[]
  reason: string
  yes: boolean
  forms: string | undefined
  limit: number
  values: boolean
  json: boolean
  source: Source
}

const ACTIONS: Record<Action, (request: Request, admin: OpenAdmin) => Promise<number>> = { list, release, discard }

async function list({ selectors, limit, values, json }: Request, { heldLeads }: OpenAdmin): Promise<number> {
  const leads: HeldLead[] = []
  let total = 0
  let left = limit
  for await (const page of pages(heldLeads, selectors, values)) {
    total = page.total
    const shown = page.held.slice(0, left)
    left -= shown.length
    if (json) for (const lead of shown) console.log(JSON.stringify(lead))
    else leads.push(...shown)
    if (left <= 0) break
  }
  if (!json) console.log(formatHeld(terminalOf(process.stdout), leads, total, Date.now()))
  return 0
}

async function release(request: Request, { heldLeads, parkedLeads, deliveryNote }: OpenAdmin): Promise<number> {
  const { selectors, yes, json, source } = request
  const dryRun = !yes
  const results: Replayed[] = []
  const progress = createProgress(process.stderr, Date.now)
  const released: Pick<HeldLead, 'form' | 'reason' | 'rules'>[] = []
  for await (const { held } of pages(heldLeads, selectors, false)) {
    if (held.length === 0) continue
    const step = await parkedLeads.replay({ ids: held.map(({ id }) => id), dryRun, release: true })
    results.push(...step.results)
    progress.update(`${counted(results.length, 'lead')} examined`)
    const done = new Set(step.results.filter(({ result }) => result === 'replayed').map(({ id }) => id))
    for (const { id, form, reason, rules } of held) {
      if (done.has(id)) released.push({ form, rules, ...(reason !== undefined && { reason }) })
    }
  }
  progress.end()
  const failed = results.filter(({ result }) => result !== 'replayed')
  const advice = adviseAfterRelease(released)
  if (json) console.log(JSON.stringify({ dryRun, released: released.length, results, advice }))
  else {
    const command = commandOf('release', selectors, source)
    console.log(formatReleased({ released: released.length, dryRun, deliveryNote, advice, command }))
    if (failed.length > 0) console.error(formatFailures(terminalOf(process.stderr), failed))
  }
  return failed.length > 0 ? 1 : 0
}

async function discard(request: Request, { waitingLeads }: OpenAdmin): Promise<number> {
  const { selectors, reason, yes, json, source } = request
  const total: DiscardResult = { dryRun: !yes, discarded: 0, underWay: 0 }
  for (const selector of selectors) {
    let after: string | undefined
    do {
      const own = { selector: { ...selector, state: 'held' as const }, by: ownName(), reason, dryRun: !yes }
      const result = await waitingLeads.discard({ ...own, ...(after !== undefined && { after }) })
      total.discarded += result.discarded
      total.underWay += result.underWay
      after = result.next
    } while (after !== undefined)
  }
  const command = `${commandOf('discard', selectors, source)} --reason "${reason.replaceAll('"', '\\"') || '…'}"`
  console.log(json ? JSON.stringify(total) : formatDiscarded({ ...total, command }))
  return 0
}

/** Yields the pages of held leads that meet one of the selectors. */
async function* pages(heldLeads: HeldLeads, selectors: readonly HeldSelector[], values: boolean) {
  for (const selector of selectors) {
    let after: string | undefined
    do {
      const page = await heldLeads.list({ limit: MAX_PAGE, selector, values, ...(after !== undefined && { after }) })
      yield page
      after = page.next
    } while (after !== undefined)
  }
}

/** Returns the command as it is typed, without `--yes`. */
function commandOf(action: Action, selectors: readonly HeldSelector[], source: Source): string {
  const ids = selectors.flatMap(({ id }) => id ?? [])
  const [selector = {}] = selectors
  const isAll = Object.keys(selector).length === 0
  const selection = ids.length > 0 ? ids.join(' ') : isAll ? '--all' : typedOptions(textsOf(selector))
  return ['form-sync held', `--${action}`, selection, ...typedSource(source)].join(' ')
}

function parse(words: string[]): Request | { help: true } {
  const { values: options, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      form: { type: 'string' },
      rule: { type: 'string' },
      from: { type: 'string' },
      until: { type: 'string' },
      domain: { type: 'string' },
      all: { type: 'boolean', default: false },
      release: { type: 'boolean', default: false },
      discard: { type: 'boolean', default: false },
      reason: { type: 'string', default: '' },
      yes: { type: 'boolean', default: false },
      forms: { type: 'string' },
      limit: { type: 'string' },
      values: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (options.help) return { help: true }
  const { release: isRelease, discard: isDiscard, yes, reason, json, values, limit, forms } = options
  if (isRelease && isDiscard) throw new Error('use either --release or --discard, not both')
  const action = isRelease ? 'release' : isDiscard ? 'discard' : 'list'
  const selectors = readSelectors(positionals, options, action)
  if (yes && action === 'list') throw new Error('--yes requires --release or --discard')
  checkReason(reason, action, yes)
  if (limit !== undefined && action !== 'list') throw new Error('--limit is for a list, not for --release or --discard')
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) {
    throw new Error(`--limit must be a whole number of at least 1, not "${limit}"`)
  }
  const { relay, data, account } = options
  if (forms !== undefined && relay !== undefined) throw new Error('--forms does not work with --relay')
  const maximum = limit === undefined ? (json ? Infinity : DEFAULT_LIMIT) : Number(limit)
  return { action, selectors, reason, yes, forms, limit: maximum, values, json, source: { relay, data, account } }
}

function readSelectors(
  ids: readonly string[],
  { all, form, rule, from, until, domain }: Record<string, unknown>,
  action: Action,
): HeldSelector[] {
  const selector = selectorOf({ form, rule, from, until, domain })
  const isEmpty = Object.keys(selector).length === 0
  if (ids.length > 0) {
    if (all === true || !isEmpty) throw new Error('use either ids, or a selection, or --all')
    return [...new Set(ids)].map((id) => ({ id }))
  }
  if (all === true && !isEmpty) throw new Error('use either --all or a selection, not both')
  if (isEmpty && all !== true && action !== 'list') {
    throw new Error('no leads are selected; give ids, or --form, --rule, --from, --until or --domain, or --all')
  }
  return [selector]
}

function checkReason(reason: string, action: Action, yes: boolean): void {
  if (reason !== '' && action !== 'discard') throw new Error('--reason is for --discard')
  if (yes && action === 'discard' && reason === '') {
    throw new Error('--discard --yes requires --reason, which is noted on each receipt')
  }
  if (reason.length > MAX_REASON_LENGTH || /\S@\S/.test(reason)) {
    throw new Error(`--reason must be text of up to ${MAX_REASON_LENGTH} characters, without an e-mail address`)
  }
}
