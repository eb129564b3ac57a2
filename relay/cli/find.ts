/** Runs `form-sync find`: shows what is stored about a person, or about one lead. It changes nothing. */
import type { FoundRow, Persons } from '../admin/persons.ts'
import { readAddress } from '../intake/address.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, printable, terminalOf, timeOf, wrap, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync find <e-mail | id> [options]

Shows every row that is stored about a person: leads that wait, are held or are
parked, receipts of those that were delivered or discarded, and whether a cookie
is still to be associated. It shows no value of a lead. By the id of a lead it
shows the same for the lead's person; of a receipt, which does not name the
person, that row alone. The address must be the one that was posted; letters may
be in either case.

Options:
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync find zoe@acme.example --data /var/lib/form-sync
  form-sync find 0193573a-1c00-7000-8000-0123456789ab --relay https://forms.acme.example

Exit codes:
  0  The rows were listed, or there are none
  1  The source cannot be read
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function findCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('find', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { what, json, source } = parsed
  return withAdmin(
    'find',
    () => openAdmin(source, env),
    async ({ persons }) => {
      const rows = await findAll(persons, what)
      console.log(json ? JSON.stringify({ rows }) : formatRows(terminalOf(process.stdout), rows))
      return 0
    },
  )
}

function parse(words: string[]) {
  const { values, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { json, help, ...source } = values
  if (help) return { help }
  const [what, more] = positionals
  if (what === undefined || more !== undefined) throw new Error('give one address or one id')
  if (what.includes('@') && readAddress(what) === undefined) {
    throw new Error(`the address must look like name@example.com, not "${what}"`)
  }
  return { what, json, source }
}

/** Finds all rows of a person, by the address or by the id of a lead. */
async function findAll(persons: Persons, what: string): Promise<FoundRow[]> {
  const rows: FoundRow[] = []
  let after: string | undefined
  do {
    const page = await (what.includes('@') ? persons.find(what, after) : persons.findLead(what, after))
    rows.push(...page.rows)
    after = page.next
  } while (after !== undefined)
  return rows
}

const TITLES = ['STATE', 'FORM', 'ACCEPTED (UTC)', 'SINCE (UTC)', 'ID', 'REMARKS']

function formatRows(terminal: Terminal, rows: readonly FoundRow[]): string {
  if (rows.length === 0) return 'Nothing is stored.'
  const cells = [TITLES, ...rows.map(cellsOf)]
  const widths = TITLES.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const [title = '', ...lines] = cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
  return [
    `${counted(rows.length, 'row')} ${rows.length === 1 ? 'is' : 'are'} stored.`,
    '',
    terminal.dim(title),
    ...lines,
    '',
    ...wrap('Show one in full, with why it is parked or held: form-sync show <id>.', terminal.width).map(terminal.dim),
  ].join('\n')
}

function cellsOf({ state, form, account, acceptedAt, settledAt, id, ...row }: FoundRow): string[] {
  const remarks = [
    ...(account === undefined ? [] : [`account ${printable(account)}`]),
    ...(row.leadId === undefined ? [] : [`Marketo's id ${row.leadId}`]),
    ...(row.underWay ? ['a call is under way'] : []),
    ...(row.owesCookie ? ['its cookie is still to be associated'] : []),
    ...(row.reason === undefined ? [] : [printable(row.reason)]),
  ]
  return [
    state,
    printable(form),
    timeOf(acceptedAt, 'minute'),
    settledAt === undefined ? '' : timeOf(settledAt, 'minute'),
    printable(id),
    remarks.join('; '),
  ]
}
