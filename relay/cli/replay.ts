/**
 * `form-sync replay`: parked leads go again, as they are or mended. It says what it did to how many.
 *
 * It goes in steps, each of them whole: ended half-way, the leads of some steps are sent again and the others are parked.
 */
import { parseArgs } from 'node:util'
import { MAX_PAGE, type ParkedLeads, type ReplayOrder, type ReplayStep } from '../admin/parked-leads.ts'
import { withAdmin, openAdmin, WHERE, WHERE_HELP } from './open-admin.ts'
import { counted, createProgress, entry, grouped, terminalOf, printable, wrap, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync replay <id>… [options]
       form-sync replay --all [--form <name>] [--reason <text>] [options]

Sends parked leads again, as they are or mended.

  form-sync replay --all --reason 20105 --rename Hat__c=Hat --dry-run

Which leads:
  <id>…                 those of these ids
  --all                 all that are parked
  --form <name>         of all, those of this form
  --reason <text>       of all, those with this text in their reason, capitals
                        or not

How they are mended, each as often as needed:
  --drop <name>         leave this attribute out
  --rename <old>=<new>  give this attribute another name

Options:
  --dry-run             change nothing, and say what would become of them
  --json                print one JSON object

${WHERE_HELP}

Exit codes: 0 done, 1 some were not replayed, or no answer came, 2 the words are
wrong.`

/** In words; more are counted. */
const LISTED = 20

/** What is to be done, as the words said it. */
type Wish = { ids: readonly string[] } | { all: true; form?: string; reason?: string }

/** What was done. */
export interface Done {
  /** Leads that were looked at: with `--all` all that are parked. */
  seen: number
  results: ReplayStep['results']
}

/** Runs the command and resolves with its exit code. */
export async function replayCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    console.error(`form-sync replay: ${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { wish, mending, dryRun, json, where } = parsed
  return withAdmin(
    'replay',
    () => openAdmin(where, env),
    async ({ desk, soon }) => {
      const done: Done = { seen: 0, results: [] }
      const progress = createProgress(process.stderr, Date.now)
      const total = 'ids' in wish ? wish.ids.length : (await desk.list({ limit: 1, values: false })).total
      for await (const { seen, results } of steps(desk, wish, { ...mending, dryRun })) {
        done.seen += seen
        done.results.push(...results)
        progress.tell(`${grouped(done.seen)} of ${grouped(Math.max(total, done.seen))}`)
      }
      progress.end()
      const failed = done.results.filter(({ result }) => result !== 'replayed')
      if (json) console.log(JSON.stringify({ dryRun, replayed: done.results.length - failed.length, ...done }))
      else {
        console.log(reportOn(terminalOf(process.stdout), { wish, mending, dryRun, soon }, done))
        if (failed.length > 0) console.error(failuresOn(terminalOf(process.stderr), failed))
      }
      return failed.length > 0 ? 1 : 0
    },
  )
}

interface Mending {
  drop: string[]
  rename: Record<string, string>
}

function parse(words: string[]) {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      ...WHERE,
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
  if (all && positionals.length > 0) throw new Error('name ids or --all, not both')
  if (!all && positionals.length === 0) throw new Error('it needs the ids of leads, or --all')
  if (!all && (form !== undefined || reason !== undefined)) throw new Error('--form and --reason go with --all')
  const wish: Wish = all
    ? { all, ...(form !== undefined && { form }), ...(reason !== undefined && { reason }) }
    : { ids: [...new Set(positionals)] }
  return { wish, mending: readMending(drop, rename), dryRun: values['dry-run'], json, where: { relay, data } }
}

function readMending(drop: string[], rename: string[]): Mending {
  const renamed = rename.map((word) => {
    const [old, name, more] = word.split('=')
    if (!old || !name || more !== undefined) throw new Error(`--rename takes Old=New, not "${word}"`)
    return [old, name] as const
  })
  const names = [...drop, ...renamed.map(([old]) => old)]
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Error(`"${twice}" is to be mended in two ways`)
  if (drop.includes('')) throw new Error('--drop takes the name of an attribute')
  return { drop, rename: Object.fromEntries(renamed) }
}

async function* steps(
  desk: ParkedLeads,
  wish: Wish,
  how: Mending & { dryRun: boolean },
): AsyncGenerator<Pick<ReplayStep, 'seen' | 'results'>> {
  if ('ids' in wish) {
    for (let at = 0; at < wish.ids.length; at += MAX_PAGE) {
      yield await desk.replay({ ids: wish.ids.slice(at, at + MAX_PAGE), ...how })
    }
    return
  }
  let after: string | undefined
  do {
    const order: ReplayOrder = { ...wish, ...how, ...(after !== undefined && { after }) }
    const step = await desk.replay(order)
    yield step
    after = step.next
  } while (after !== undefined)
}

/** What was done to how many. */
export function reportOn(
  paper: Terminal,
  { wish, mending, dryRun, soon }: { wish: Wish; mending: Mending; dryRun: boolean; soon: string },
  { seen, results }: Done,
): string {
  if (seen === 0) return 'Nothing is parked.'
  const replayed = results.filter(({ result }) => result === 'replayed').length
  const isPart = replayed < seen
  const of = isPart ? ` of ${counted(seen, 'all' in wish ? 'parked lead' : 'lead')}` : ''
  const what = isPart ? grouped(replayed) : counted(replayed, 'lead')
  const end = dryRun ? 'Nothing was changed.' : replayed > 0 ? soon : ''
  return [
    `${dryRun ? 'Would replay' : 'Replayed'} ${what}${of}.`,
    ...line(paper, 'chosen', wordsOfChoice(wish)),
    ...line(paper, 'mended', wordsOfMending(mending)),
    ...(end ? wrap(end, paper.width).map(paper.dim) : []),
  ].join('\n')
}

function line(paper: Terminal, name: string, text: string): string[] {
  return text ? [entry(paper, `  ${name}`, text)] : []
}

function wordsOfChoice(wish: Wish): string {
  if ('ids' in wish) return ''
  const form = wish.form === undefined ? [] : [`of the form ${printable(wish.form)}`]
  const reason = wish.reason === undefined ? [] : [`with "${printable(wish.reason)}" in the reason`]
  return [...form, ...reason].join(', ')
}

function wordsOfMending({ drop, rename }: Mending): string {
  const renamed = Object.entries(rename).map(([old, name]) => `rename ${printable(old)} to ${printable(name)}`)
  return [...renamed, ...drop.map((name) => `drop ${printable(name)}`)].join(', ')
}

/** Which stay as they are, and why. */
export function failuresOn(paper: Terminal, failed: ReplayStep['results']): string {
  const listed = failed.slice(0, LISTED).map((each) => {
    const [id, why] = [printable(each.id), wordsOf(each)]
    const isShort = 2 + id.length + 2 + why.length <= paper.width
    return isShort
      ? `  ${id}  ${why}`
      : [`  ${id}`, ...wrap(why, paper.width - 4).map((text) => `    ${text}`)].join('\n')
  })
  const more = failed.length - listed.length
  return [
    `Not replayed: ${grouped(failed.length)}`,
    ...listed,
    ...(more > 0 ? [`  and ${grouped(more)} more; --json names all`] : []),
  ].join('\n')
}

function wordsOf(each: ReplayStep['results'][number]): string {
  switch (each.result) {
    case 'unknown':
      return 'is not known here'
    case 'not-parked':
      return 'is not parked: it waits, or is delivered'
    case 'name-taken':
      return `stays parked: it would have ${printable(each.name)} twice`
    case 'replayed':
      return 'is replayed'
    default:
      return each satisfies never
  }
}
