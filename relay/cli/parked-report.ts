/** Formats parked leads for a terminal: a list of them, or one in full. Pure. */
import type { ParkedLead, ParkedPage } from '../admin/parked-leads.ts'
import { counted, duration, entry, grouped, printable, timeOf, wrap, type Terminal } from './terminal.ts'

/** Formats the list: a table if the terminal is wide enough for the reasons, otherwise several lines per lead. */
export function formatList(terminal: Terminal, { total, parked }: ParkedPage, now: number): string {
  const [first] = parked
  if (!first) return 'No leads are parked.'
  const age = duration(now - Date.parse(first.parkedAt))
  const title =
    total === 1
      ? `1 lead is parked, for ${age}.`
      : total > parked.length
        ? `The first ${grouped(parked.length)} of ${grouped(total)} parked leads, the oldest for ${age}.`
        : `${counted(total, 'lead')} are parked, the oldest for ${age}.`
  const rows = parked.map((lead) => ({
    id: printable(lead.id),
    form: printable(lead.account === undefined ? lead.form : `${lead.form} (${lead.account})`),
    at: timeOf(lead.parkedAt, 'minute'),
    attempts: grouped(lead.attempts),
    reason: reasonOf(lead),
    values: valuesOf(lead).map(([name, value]) => `${name}: ${value}`),
  }))
  const list = formatTable(terminal, rows) ?? formatLines(terminal, rows)
  const next = 'Show one in full: form-sync parked <id>. Send leads again: form-sync replay.'
  return [...wrap(title, terminal.width), '', list, '', ...wrap(next, terminal.width).map(terminal.dim)].join('\n')
}

interface Row {
  id: string
  form: string
  at: string
  attempts: string
  reason: string
  values: string[]
}

const TITLES = { id: 'ID', form: 'FORM', at: 'PARKED (UTC)', attempts: 'ATTEMPTS', reason: 'REASON' }

/** Minimum width of the column of reasons, in columns. In a narrower one, almost every word would be on its own line. */
const MIN_REASON_WIDTH = 40

function formatTable(terminal: Terminal, rows: readonly Row[]): string | undefined {
  const widest = (key: keyof typeof TITLES) => Math.max(TITLES[key].length, ...rows.map((row) => row[key].length))
  const widths = { id: widest('id'), form: widest('form'), at: widest('at'), attempts: widest('attempts') }
  const before = Object.values(widths).reduce((sum, width) => sum + width + 2, 0)
  const reasonWidth = terminal.width - before
  if (reasonWidth < MIN_REASON_WIDTH) return undefined
  const cells = ({ id, form, at, attempts }: Omit<Row, 'reason' | 'values'>) =>
    [id.padEnd(widths.id), form.padEnd(widths.form), at.padEnd(widths.at), attempts.padStart(widths.attempts), ''].join(
      '  ',
    )
  const body = rows.map((row) => {
    const [first = '', ...others] = [row.reason, ...row.values].flatMap((text) => wrap(text, reasonWidth))
    return [cells(row) + first, ...others.map((text) => ' '.repeat(before) + text)].join('\n')
  })
  return [terminal.dim(cells(TITLES) + TITLES.reason), ...body].join('\n')
}

function formatLines({ width, bold }: Terminal, rows: readonly Row[]): string {
  const heads = rows.map(
    ({ form, at, attempts }) => `${form}  ${at} UTC  ${attempts} attempt${attempts === '1' ? '' : 's'}`,
  )
  const isWide = rows.every(({ id }, at) => id.length + 2 + (heads[at]?.length ?? 0) <= width)
  const leads = rows.map(({ id, reason, values }, at) => {
    const head = heads[at] ?? ''
    const details = [...(isWide ? [] : [head]), reason, ...values]
      .flatMap((text) => wrap(text, width - 2))
      .map((text) => `  ${text}`)
    return [isWide ? `${bold(id)}  ${head}` : bold(id), ...details].join('\n')
  })
  return leads.join('\n\n')
}

/** Formats one lead with everything that is known about it. */
export function formatLead(terminal: Terminal, lead: ParkedLead, now: number): string {
  const { history, values, leadId } = lead
  const optional = (label: string, text: string | undefined) => (text ? [entry(terminal, label, text)] : [])
  const names = (list: readonly string[]) => printable(list.join(', '))
  const parked = `${timeOf(lead.parkedAt, 'second')} UTC, ${duration(now - Date.parse(lead.parkedAt))} ago`
  return [
    terminal.bold(printable(lead.id)),
    '',
    ...optional('form', printable(lead.form)),
    ...optional('account', lead.account && printable(lead.account)),
    ...optional('accepted', `${timeOf(lead.acceptedAt, 'second')} UTC`),
    ...optional('parked', parked),
    ...optional('attempts', grouped(lead.attempts)),
    ...optional('reason', lead.reason && printable(lead.reason)),
    ...optional('delivered', leadId === undefined ? undefined : `as lead ${leadId}, without the attributes below`),
    ...(values ? [] : optional('attributes', names(lead.attributes))),
    ...optional('rejected', names(lead.rejectedAttributes)),
    ...optional('stale', names(lead.staleAttributes)),
    ...optional('notes', names(lead.notes)),
    ...(values ? ['', terminal.dim('Values'), ...valuesOf(lead).flatMap(([name, text]) => optional(name, text))] : []),
    '',
    terminal.dim('History (UTC)'),
    ...history.map(({ reason, times, first, last }) => {
      const [from, to] = [timeOf(first, 'second'), timeOf(last, 'second')]
      const when = times === 1 ? from : `${from} to ${to}, ${counted(times, 'time')}`
      return [when, ...wrap(printable(reason), terminal.width - 2).map((text) => `  ${text}`)].join('\n')
    }),
    '',
    ...wrap(`Send it again: form-sync replay ${printable(lead.id)}`, terminal.width).map(terminal.dim),
  ].join('\n')
}

/** Returns the reason why a lead is parked, and which attributes are missing if it was delivered without them. */
function reasonOf({ reason = '', leadId, attributes }: ParkedLead): string {
  const delivered = leadId === undefined ? '' : `; delivered without ${attributes.join(', ')}`
  return printable(reason + delivered)
}

/** Returns the values with their names. Those that identify the person come first. */
function valuesOf({ values }: ParkedLead): [name: string, value: string][] {
  if (!values) return []
  const { email, cookie, workspace, attributes } = values
  const own = Object.entries({ email, cookie, workspace }).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return [...own, ...Object.entries(attributes)].map(([name = '', value = '']) => [
    printable(name),
    printable(value) || '(empty: clears the attribute)',
  ])
}
