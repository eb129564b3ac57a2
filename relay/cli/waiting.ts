/** Runs `form-sync waiting`: counts the leads that are not delivered, in groups. It changes nothing. */
import type { Survey } from '../admin/waiting-leads.ts'
import { GROUP_KEYS, type GroupKey } from '../outbox/selection.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { SELECTOR_HELP, SELECTOR_OPTIONS, selectorOf } from './selector-options.ts'
import { counted, grouped, printable, terminalOf, timeOf, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync waiting [options]

Counts the leads that are not delivered: those that wait, are held or are
parked, in groups, the largest first. It shows no address.

Options:
  --by <key>            What the groups have in common: form, source, hour,
                        domain, state, reason or rule. Default: form. A source
                        is a digest of the visitor's network, another one each
                        day. A lead counts for each rule that has fired
  --json                Print one JSON object
  -h, --help            Show this help

${SELECTOR_HELP}

${SOURCE_HELP}

Examples:
  form-sync waiting --data /var/lib/form-sync
  form-sync waiting --by source --form contact
  form-sync waiting --by hour --state held --relay https://forms.acme.example

Exit codes:
  0  The leads were counted, or there are none
  1  The source cannot be read
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function waitingCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('waiting', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { selector, by, json, source } = parsed
  return withAdmin(
    'waiting',
    () => openAdmin(source, env),
    async ({ waitingLeads }) => {
      const survey = await waitingLeads.survey(selector, by)
      console.log(json ? JSON.stringify(survey) : formatSurvey(terminalOf(process.stdout), survey))
      return 0
    },
  )
}

function parse(words: string[]) {
  const { values } = parseOptions({
    args: words,
    options: {
      by: { type: 'string', default: 'form' },
      ...SELECTOR_OPTIONS,
      ...SOURCE_OPTIONS,
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { by, json, help, relay, data, account, ...selection } = values
  if (help) return { help }
  const key = GROUP_KEYS.find((known) => known === by)
  if (!key) throw new Error(`--by must be one of ${GROUP_KEYS.join(', ')}, not "${by}"`)
  return { selector: selectorOf(selection), by: key, json, source: { relay, data, account } }
}

const TITLES: Record<GroupKey, string> = {
  form: 'FORM',
  source: 'SOURCE',
  hour: 'ACCEPTED IN THE HOUR FROM (UTC)',
  domain: 'DOMAIN',
  state: 'STATE',
  reason: 'REASON',
  rule: 'RULE',
}

/** Formats a survey as a table. */
function formatSurvey(terminal: Terminal, { by, groups, others, ...all }: Survey): string {
  const total = all.waiting + all.held + all.parked
  if (total === 0) return 'No lead is selected that is not delivered.'
  const rows = [
    ...groups.map(({ value, ...counts }) => ({ name: nameOf(by, value), ...counts })),
    ...(others ? [{ name: `(${grouped(others.groups)} more)`, ...others }] : []),
  ]
  const numbers = (['waiting', 'held', 'parked'] as const).filter((state) => rows.some((row) => row[state] > 0))
  const cells = [
    [TITLES[by], ...numbers.map((state) => state.toUpperCase())],
    ...rows.map((row) => [row.name, ...numbers.map((state) => grouped(row[state]))]),
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const lines = cells.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
  )
  const [title = '', ...rest] = lines
  return [
    `${counted(total, 'lead')} ${total === 1 ? 'is' : 'are'} not delivered.`,
    '',
    terminal.dim(title),
    ...rest,
  ].join('\n')
}

function nameOf(by: GroupKey, value: string | null): string {
  if (value === null) return '(none)'
  return by === 'hour' ? timeOf(value, 'minute') : printable(value)
}
