/** Runs `form-sync parked`: lists parked leads or shows one. It changes nothing. */
import { MAX_PAGE, type ParkedLeads, type ParkedPage } from '../admin/parked-leads.ts'
import { withAdmin, openAdmin, SOURCE_HELP, SOURCE_OPTIONS } from './open-admin.ts'
import { formatList, formatParked } from './parked-report.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { printable, terminalOf } from './terminal.ts'

const HELP = `Usage: form-sync parked [<id>] [options]

Lists the parked leads, the longest parked first, or shows one lead in full with
all its attempts. A parked lead is not sent until someone replays it.

Options:
  --limit <number>      Maximum number of leads to list. Default: 50, and no
                        limit with --json.
  --values              Show the values of the attributes: personal data
  --json                Print one JSON object per lead, each on its own line
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync parked --data /var/lib/form-sync
  form-sync parked 0193573a-1c00-7000-8000-0123456789ab --values
  form-sync parked --json --relay https://forms.acme.example

Exit codes:
  0  The leads were shown, or no lead is parked
  1  No parked lead has this id, or the source cannot be read
  2  The options or variables are wrong`

/** Maximum number of leads to list without `--limit` and `--json`. */
const DEFAULT_LIMIT = 50

/** Runs the command and resolves with its exit code. */
export async function parkedCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('parked', (error as Error).message)
  }
  const { id, limit, values, json, help, source } = parsed
  if (help) {
    console.log(HELP)
    return 0
  }
  const terminal = terminalOf(process.stdout)
  return withAdmin(
    'parked',
    () => openAdmin(source, env),
    async ({ parkedLeads }) => {
      if (id !== undefined) {
        const lead = await parkedLeads.find(id, values)
        if (lead) console.log(json ? JSON.stringify(lead) : formatParked(terminal, lead, Date.now()))
        else console.error(`form-sync parked: no parked lead has the id ${printable(id)}`)
        return lead ? 0 : 1
      }
      if (json) {
        for await (const { parked } of pages(parkedLeads, limit ?? Infinity, values)) {
          for (const lead of parked) console.log(JSON.stringify(lead))
        }
        return 0
      }
      const all: ParkedPage = { total: 0, parked: [] }
      for await (const { total, parked } of pages(parkedLeads, limit ?? DEFAULT_LIMIT, values)) {
        all.total = total
        all.parked.push(...parked)
      }
      console.log(formatList(terminal, all, Date.now()))
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
      limit: { type: 'string' },
      values: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [id, other] = positionals
  if (other !== undefined) throw new Error(`only one id is allowed; "${other}" is a second one`)
  const { limit, relay, data, account, ...rest } = values
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) {
    throw new Error(`--limit must be a whole number of at least 1, not "${limit}"`)
  }
  return { ...rest, id, limit: limit === undefined ? undefined : Number(limit), source: { relay, data, account } }
}

async function* pages(parkedLeads: ParkedLeads, limit: number, values: boolean): AsyncGenerator<ParkedPage> {
  let left = limit
  let after: string | undefined
  do {
    const cursor = after !== undefined && { after }
    const page = await parkedLeads.list({ limit: Math.min(left, MAX_PAGE), values, ...cursor })
    yield page
    left -= page.parked.length
    after = page.next
  } while (after !== undefined && left > 0)
}
