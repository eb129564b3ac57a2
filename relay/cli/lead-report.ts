/** Formats one lead with everything that is known about it, for a terminal. Pure. */
import type { ShownLead } from '../admin/lead-details.ts'
import type { Values } from '../admin/lead-values.ts'
import { counted, duration, entry, grouped, printable, timeOf, wrap, type Terminal } from './terminal.ts'

/**
 * Formats the lead, and the commands that may follow.
 *
 * @param options options that select the source, for these commands
 */
export function formatLead(terminal: Terminal, lead: ShownLead, now: number, options: readonly string[] = []): string {
  const { state, history, values, leadId, dueAt, settledAt } = lead
  const optional = (label: string, text: string | undefined) => (text ? [entry(terminal, label, text)] : [])
  const names = (list: readonly string[]) => printable(list.join(', '))
  const at = (iso: string) => `${timeOf(iso, 'second')} UTC`
  const since = settledAt === undefined ? undefined : `${at(settledAt)}, ${duration(now - Date.parse(settledAt))} ago`
  const attempts = [
    '',
    terminal.dim('History (UTC)'),
    ...history.map(({ reason, times, first, last }) => {
      const [from, to] = [timeOf(first, 'second'), timeOf(last, 'second')]
      const when = times === 1 ? from : `${from} to ${to}, ${counted(times, 'time')}`
      return [when, ...wrap(printable(reason), terminal.width - 2).map((text) => `  ${text}`)].join('\n')
    }),
  ]
  const next = nextOf(lead, ['', ...options.map(printable)].join(' '))
  return [
    terminal.bold(printable(lead.id)),
    '',
    ...optional('form', printable(lead.form)),
    ...optional('account', lead.account && printable(lead.account)),
    ...optional('accepted', at(lead.acceptedAt)),
    ...optional(state, state === 'waiting' ? dueAt && `for its next attempt at ${at(dueAt)}` : since),
    ...optional('attempts', grouped(lead.attempts)),
    ...optional('reason', lead.reason && printable(lead.reason)),
    ...optional('rules', names(lead.rules)),
    ...(state === 'delivered' || leadId === undefined
      ? optional("Marketo's id", leadId === undefined ? undefined : String(leadId))
      : optional('delivered', `as lead ${leadId}, without the attributes below`)),
    ...(values ? [] : optional('attributes', names(lead.attributes))),
    ...optional('rejected', names(lead.rejectedAttributes)),
    ...optional('stale', names(lead.staleAttributes)),
    ...optional('notes', names(lead.notes)),
    ...(values
      ? ['', terminal.dim('Values'), ...namedValues(values).flatMap(([name, text]) => optional(name, text))]
      : []),
    ...(history.length > 0 ? attempts : []),
    ...(next.length > 0 ? ['', ...next.flatMap((line) => wrap(line, terminal.width).map(terminal.dim))] : []),
  ].join('\n')
}

/** Returns what an operator may do with a lead, by its state. */
function nextOf({ id, state, values, attributes }: ShownLead, source: string): string[] {
  const own = printable(id)
  const shown = values ? [] : [`See the values: form-sync show ${own} --values${source}`]
  const remove = `Remove it: form-sync discard --id ${own} --reason "…" --yes${source}`
  if (state === 'parked') {
    const name = printable(attributes[0] ?? 'LastName')
    return [
      ...shown,
      `Send it again: form-sync replay ${own}${source}`,
      `Change it and send it again: form-sync edit ${own} --set ${name}=… --drop …${source}`,
      remove,
    ]
  }
  if (state === 'held') return [...shown, `Send it: form-sync release ${own} --yes${source}`, remove]
  return state === 'waiting' ? [...shown, remove] : []
}

/** Returns values with their names. Those that identify the person come first. */
export function namedValues({ email, cookie, workspace, attributes }: Values): [name: string, value: string][] {
  const own = Object.entries({ email, cookie, workspace }).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return [...own, ...Object.entries(attributes)].map(([name = '', value = '']) => [
    printable(name),
    printable(value) || '(empty: clears the attribute)',
  ])
}
