/** Formats parked leads for a terminal: a list of them, or one in full. Pure. */
import type { ParkedLead, ParkedPage } from '../admin/parked-leads.ts'
import { formatLead, namedValues } from './lead-report.ts'
import { counted, duration, grouped, printable, timeOf, wrap, type Terminal } from './terminal.ts'

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
    values: (lead.values ? namedValues(lead.values) : []).map(([name, value]) => `${name}: ${value}`),
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
export function formatParked(terminal: Terminal, { parkedAt, ...lead }: ParkedLead, now: number): string {
  return formatLead(terminal, { ...lead, state: 'parked', settledAt: parkedAt, rules: [] }, now)
}

/** Returns the reason why a lead is parked, and which attributes are missing if it was delivered without them. */
function reasonOf({ reason = '', leadId, attributes }: ParkedLead): string {
  const delivered = leadId === undefined ? '' : `; delivered without ${attributes.join(', ')}`
  return printable(reason + delivered)
}
