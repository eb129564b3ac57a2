/** Formats the results of a replay for a terminal. Pure. */
import type { ReplayStep } from '../admin/parked-leads.ts'
import { counted, entry, grouped, printable, wrap, type Terminal } from './terminal.ts'

/** Maximum number of failures to list. Further ones are counted. */
const MAX_LISTED_FAILURES = 20

/** Leads that the operator selected. */
export type Selection = { ids: readonly string[] } | { all: true; form?: string; reason?: string }

export interface Edit {
  drop: string[]
  rename: Record<string, string>
  set: Record<string, string>
  /** Null for none, as the cookie. */
  workspace?: string | null
  cookie?: string | null
}

export interface ReplayTotals {
  /** Number of leads that were examined: with `--all`, all parked leads. */
  seen: number
  results: ReplayStep['results']
}

/** Formats the summary: the number of replayed leads, the selection and the edit. */
export function formatReport(
  terminal: Terminal,
  {
    selection,
    edit,
    settings,
    dryRun,
    deliveryNote,
  }: { selection: Selection; edit: Edit; settings: string; dryRun: boolean; deliveryNote: string },
  { seen, results }: ReplayTotals,
): string {
  if (seen === 0) return 'No leads are parked.'
  const replayed = results.filter(({ result }) => result === 'replayed').length
  const isPart = replayed < seen
  const of = isPart ? ` of ${counted(seen, 'all' in selection ? 'parked lead' : 'lead')}` : ''
  const leads = isPart ? grouped(replayed) : counted(replayed, 'lead')
  const end = dryRun ? 'Nothing was changed.' : replayed > 0 ? deliveryNote : ''
  return [
    `${dryRun ? 'Would replay' : 'Replayed'} ${leads}${of}.`,
    ...optional(terminal, 'selection', describeSelection(selection)),
    entry(terminal, '  settings', settings),
    ...optional(terminal, 'edit', describeEdit(edit)),
    ...(end ? wrap(end, terminal.width).map(terminal.dim) : []),
  ].join('\n')
}

function optional(terminal: Terminal, label: string, text: string): string[] {
  return text ? [entry(terminal, `  ${label}`, text)] : []
}

function describeSelection(selection: Selection): string {
  if ('ids' in selection) return ''
  const form = selection.form === undefined ? [] : [`form ${printable(selection.form)}`]
  const reason = selection.reason === undefined ? [] : [`reason contains "${printable(selection.reason)}"`]
  return [...form, ...reason].join(', ')
}

/** Describes an edit without the values that it sets: they may be personal data. */
function describeEdit({ drop, rename, set, workspace, cookie }: Edit): string {
  return [
    ...Object.entries(rename).map(([old, name]) => `rename ${printable(old)} to ${printable(name)}`),
    ...drop.map((name) => `drop ${printable(name)}`),
    ...Object.keys(set).map((name) => `set ${printable(name)}`),
    ...(workspace ? [`workspace ${printable(workspace)}`] : []),
    ...(workspace === null ? ['no workspace'] : []),
    ...(cookie ? ['set the cookie'] : []),
    ...(cookie === null ? ['no cookie'] : []),
  ].join(', ')
}

/** Formats what became of one lead that was changed and sent again. */
export function formatEdited(
  terminal: Terminal,
  { id, edit, dryRun, deliveryNote }: { id: string; edit: Edit; dryRun: boolean; deliveryNote: string },
): string {
  return [
    `${dryRun ? 'Would change' : 'Changed'} the lead ${printable(id)}${dryRun ? '. Nothing was changed.' : ' and sent it again.'}`,
    entry(terminal, '  edit', describeEdit(edit)),
    ...(dryRun ? [] : wrap(deliveryNote, terminal.width).map(terminal.dim)),
  ].join('\n')
}

/** Formats the leads that were not replayed, with the reasons. */
export function formatFailures(terminal: Terminal, failed: ReplayStep['results']): string {
  const listed = failed.slice(0, MAX_LISTED_FAILURES).map((each) => {
    const [id, reason] = [printable(each.id), describeResult(each)]
    const isShort = 2 + id.length + 2 + reason.length <= terminal.width
    return isShort
      ? `  ${id}  ${reason}`
      : [`  ${id}`, ...wrap(reason, terminal.width - 4).map((text) => `    ${text}`)].join('\n')
  })
  const more = failed.length - listed.length
  return [
    `Not replayed: ${grouped(failed.length)}`,
    ...listed,
    ...(more > 0 ? [`  and ${grouped(more)} more; use --json to list all`] : []),
  ].join('\n')
}

function describeResult(each: ReplayStep['results'][number]): string {
  switch (each.result) {
    case 'unknown':
      return 'no lead has this id'
    case 'not-parked':
      return 'not parked: it is waiting or delivered'
    case 'name-taken':
      return `still parked: it would have ${printable(each.name)} twice`
    case 'other-account':
      return `still parked: its form has the account ${printable(each.account)} now, and this lead cannot go there; --keep-settings sends it to its own account`
    case 'replayed':
      return 'replayed'
    default:
      return each satisfies never
  }
}
