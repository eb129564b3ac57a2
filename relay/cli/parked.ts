/** `form-sync parked`: the leads that wait for a person, or one of them in full. It changes nothing. */
import { parseArgs } from 'node:util'
import { MAX_PAGE, type ParkedLeads, type ParkedLead, type ParkedPage } from '../admin/parked-leads.ts'
import { withAdmin, openAdmin, WHERE, WHERE_HELP } from './open-admin.ts'
import { counted, duration, entry, grouped, terminalOf, printable, timeOf, wrap, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync parked [<id>] [options]

Lists the leads that are parked, the one that is parked longest first; or shows
one in full.

Options:
  --limit <number>      so many at the most: 50, or all of them with --json
  --values              with the values of the person's data
  --json                one JSON object a lead, each on a line

${WHERE_HELP}

Exit codes: 0 shown, 1 no such lead or no answer, 2 the words are wrong.
form-sync replay sends them again.`

/** Rows of a list, unless told otherwise. */
const LIMIT = 50

/** Runs the command and resolves with its exit code. */
export async function parkedCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    console.error(`form-sync parked: ${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  const { id, limit, values, json, help, where } = parsed
  if (help) {
    console.log(HELP)
    return 0
  }
  const paper = terminalOf(process.stdout)
  return withAdmin(
    'parked',
    () => openAdmin(where, env),
    async ({ desk }) => {
      if (id !== undefined) {
        const lead = await desk.find(id, values)
        if (lead) console.log(json ? JSON.stringify(lead) : leadOn(paper, lead, Date.now()))
        else console.error(`form-sync parked: no lead ${printable(id)} is parked`)
        return lead ? 0 : 1
      }
      if (json) {
        for await (const { parked } of pages(desk, limit ?? Infinity, values)) {
          for (const lead of parked) console.log(JSON.stringify(lead))
        }
        return 0
      }
      const all: ParkedPage = { total: 0, parked: [] }
      for await (const { total, parked } of pages(desk, limit ?? LIMIT, values)) {
        all.total = total
        all.parked.push(...parked)
      }
      console.log(listOn(paper, all, Date.now()))
      return 0
    },
  )
}

function parse(words: string[]) {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      ...WHERE,
      limit: { type: 'string' },
      values: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [id, other] = positionals
  if (other !== undefined) throw new Error(`it takes one id, and "${other}" is another`)
  const { limit, relay, data, ...rest } = values
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) throw new Error(`--limit takes a number, not "${limit}"`)
  return { ...rest, id, limit: limit === undefined ? undefined : Number(limit), where: { relay, data } }
}

async function* pages(desk: ParkedLeads, limit: number, values: boolean): AsyncGenerator<ParkedPage> {
  let left = limit
  let after: string | undefined
  do {
    const page = await desk.list({ limit: Math.min(left, MAX_PAGE), values, ...(after !== undefined && { after }) })
    yield page
    left -= page.parked.length
    after = page.next
  } while (after !== undefined && left > 0)
}

/** The list: a table where it has room for the reasons, else two lines and more a lead. */
export function listOn(paper: Terminal, { total, parked }: ParkedPage, now: number): string {
  const [first] = parked
  if (!first) return 'Nothing is parked.'
  const age = duration(now - Date.parse(first.parkedAt))
  const title =
    total === 1
      ? `1 lead is parked, for ${age}.`
      : total > parked.length
        ? `The first ${grouped(parked.length)} of ${grouped(total)} parked leads, the oldest for ${age}.`
        : `${counted(total, 'lead')} are parked, the oldest for ${age}.`
  const rows = parked.map((lead) => ({
    id: printable(lead.id),
    form: printable(lead.form),
    at: timeOf(lead.parkedAt, 'minute'),
    attempts: grouped(lead.attempts),
    reason: why(lead),
    values: valuesOf(lead).map(([name, value]) => `${name}: ${value}`),
  }))
  const list = tableOn(paper, rows) ?? linesOn(paper, rows)
  const next = 'form-sync parked <id> shows one in full; form-sync replay sends them again.'
  return [...wrap(title, paper.width), '', list, '', ...wrap(next, paper.width).map(paper.dim)].join('\n')
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

/** Narrower, and reasons are read word by word. */
const LEAST_REASON = 40

function tableOn(paper: Terminal, rows: readonly Row[]): string | undefined {
  const widest = (key: keyof typeof TITLES) => Math.max(TITLES[key].length, ...rows.map((row) => row[key].length))
  const widths = { id: widest('id'), form: widest('form'), at: widest('at'), attempts: widest('attempts') }
  const before = Object.values(widths).reduce((sum, width) => sum + width + 2, 0)
  const room = paper.width - before
  if (room < LEAST_REASON) return undefined
  const line = ({ id, form, at, attempts }: Omit<Row, 'reason' | 'values'>) =>
    [id.padEnd(widths.id), form.padEnd(widths.form), at.padEnd(widths.at), attempts.padStart(widths.attempts), ''].join(
      '  ',
    )
  const body = rows.map((row) => {
    const [first = '', ...others] = [row.reason, ...row.values].flatMap((text) => wrap(text, room))
    return [line(row) + first, ...others.map((text) => ' '.repeat(before) + text)].join('\n')
  })
  return [paper.dim(line(TITLES) + TITLES.reason), ...body].join('\n')
}

function linesOn({ width, bold }: Terminal, rows: readonly Row[]): string {
  const heads = rows.map(
    ({ form, at, attempts }) => `${form}  ${at} UTC  ${attempts} attempt${attempts === '1' ? '' : 's'}`,
  )
  const isWide = rows.every(({ id }, at) => id.length + 2 + (heads[at]?.length ?? 0) <= width)
  const leads = rows.map(({ id, reason, values }, at) => {
    const head = heads[at] ?? ''
    const under = [...(isWide ? [] : [head]), reason, ...values]
      .flatMap((text) => wrap(text, width - 2))
      .map((text) => `  ${text}`)
    return [isWide ? `${bold(id)}  ${head}` : bold(id), ...under].join('\n')
  })
  return leads.join('\n\n')
}

/** One lead with all that is known of it. */
export function leadOn(paper: Terminal, lead: ParkedLead, now: number): string {
  const { history, values, leadId } = lead
  const line = (name: string, text: string | undefined) => (text ? [entry(paper, name, text)] : [])
  const names = (list: readonly string[]) => printable(list.join(', '))
  const parked = `${timeOf(lead.parkedAt, 'second')} UTC, ${duration(now - Date.parse(lead.parkedAt))} ago`
  return [
    paper.bold(printable(lead.id)),
    '',
    ...line('form', printable(lead.form)),
    ...line('accepted', `${timeOf(lead.acceptedAt, 'second')} UTC`),
    ...line('parked', parked),
    ...line('attempts', grouped(lead.attempts)),
    ...line('reason', lead.reason && printable(lead.reason)),
    ...line('delivered', leadId === undefined ? undefined : `as lead ${leadId}, but for the attributes here`),
    ...(values ? [] : line('attributes', names(lead.attributes))),
    ...line('refused', names(lead.rejectedAttributes)),
    ...line('superseded', names(lead.staleAttributes)),
    ...line('notes', names(lead.notes)),
    ...(values ? ['', paper.dim('Values'), ...valuesOf(lead).flatMap(([name, text]) => line(name, text))] : []),
    '',
    paper.dim('History (UTC)'),
    ...history.map(({ reason, times, first, last }) => {
      const [from, to] = [timeOf(first, 'second'), timeOf(last, 'second')]
      const when = times === 1 ? from : `${from} to ${to}, ${counted(times, 'time')}`
      return [when, ...wrap(printable(reason), paper.width - 2).map((text) => `  ${text}`)].join('\n')
    }),
    '',
    ...wrap(`form-sync replay ${printable(lead.id)} sends it again.`, paper.width).map(paper.dim),
  ].join('\n')
}

/** Why it is parked, and how far it got. */
function why({ reason = '', leadId, attributes }: ParkedLead): string {
  const delivered = leadId === undefined ? '' : `; delivered but for ${attributes.join(', ')}`
  return printable(reason + delivered)
}

/** The values by their names; who it is first. */
function valuesOf({ values }: ParkedLead): [name: string, value: string][] {
  if (!values) return []
  const { email, cookie, workspace, attributes } = values
  const own = Object.entries({ email, cookie, workspace }).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return [...own, ...Object.entries(attributes)].map(([name = '', value = '']) => [
    printable(name),
    printable(value) || '(empty: it clears the attribute)',
  ])
}
