/** Runs `form-sync check`: compares the forms with the fields of Marketo, and prints what does not fit. It changes nothing. */
import { FIRST_ACCOUNT } from '../account-name.ts'
import { checkForms, type CheckReport } from '../check/check.ts'
import type { Finding } from '../check/compare.ts'
import type { NotRead } from '../check/tenant.ts'
import { CONFIGURATION_HELP, FORMS_OPTION, formsPath, readConfiguration, type Configuration } from './configuration.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, entry, printable, terminalOf, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync check [options]

Compares the forms file with the fields of your Marketo and lists what does not
fit, with what to write instead: fields that are missing, misspelt, read-only,
too short or of another type, a lookup field or a partition that is not there,
and fields that are not on the Marketo form. It sends no lead, and changes
nothing.

A warning loses nothing. No visitor is refused because of a finding.

Options:
${CONFIGURATION_HELP}
  --account <name>      Only the forms of this Marketo account; default is that
                        without a name. Without it: those of all accounts
  --json                Print one JSON object
  -h, --help            Show this help

Environment variables: those of the Marketo account, as for form-sync serve. The
API user needs the right "Read-Only Lead", and "Read-Only Asset" for Marketo
forms.

Examples:
  form-sync check
  form-sync check --forms /etc/form-sync/forms.json --json

Exit codes:
  0  No error was found. There may be warnings, and parts that were not checked
  1  An error was found, or the fields of Marketo cannot be read
  2  The options or the configuration are wrong`

/** Runs the command and resolves with its exit code. */
export async function checkCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parseOptions({
      args: words,
      options: {
        ...FORMS_OPTION,
        account: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return usageError('check', (error as Error).message)
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  let configurations
  try {
    configurations = readConfiguration(formsPath(options.forms, env), env)
  } catch (error) {
    console.error((error as Error).message)
    return 2
  }
  const { account } = options
  const chosen = configurations.filter(({ name }) => account === undefined || name === account)
  if (chosen.length === 0) {
    const names = configurations.map(({ name }) => name).join(', ')
    return usageError('check', `no form has the account ${account}; allowed are ${names}`)
  }
  const report = await checkAll(chosen)
  const forms = chosen.reduce((sum, each) => sum + each.forms.length, 0)
  console.log(options.json ? JSON.stringify(report) : describe(terminalOf(process.stdout), report, forms))
  const isError = report.findings.some(({ severity }) => severity === 'error')
  return isError || report.notChecked.some(({ what }) => what.endsWith('fields')) ? 1 : 0
}

/** Checks the forms of each account, one account after the other. */
async function checkAll(configurations: readonly Configuration[]): Promise<CheckReport> {
  const all: { findings: Finding[]; notChecked: NotRead[] } = { findings: [], notChecked: [] }
  for (const { name, account, forms, timeout } of configurations) {
    const { findings, notChecked } = await checkForms(account, forms, { fetch, now: Date.now, timeout })
    const prefix = name === FIRST_ACCOUNT ? '' : `account ${name}, `
    all.findings.push(...findings)
    all.notChecked.push(...notChecked.map(({ what, reason }) => ({ what: prefix + what, reason })))
  }
  return all
}

/** Returns the findings in the order of the forms, then what was not checked, then a summary. */
export function describe(terminal: Terminal, { findings, notChecked }: CheckReport, forms: number): string {
  const byForm = Map.groupBy(findings, ({ form }) => form)
  const blocks = [...byForm].map(([form, list]) =>
    [terminal.bold(`Form ${printable(form)}`), ...list.map((finding) => describeFinding(terminal, finding))].join('\n'),
  )
  const skipped = notChecked.map(({ what, reason }) => entry(terminal, 'not checked', printable(`${what}: ${reason}`)))
  return [
    ...blocks,
    ...(skipped.length > 0 ? [skipped.join('\n')] : []),
    summary(findings, notChecked.length, forms),
  ].join('\n\n')
}

function describeFinding(terminal: Terminal, { severity, place, problem, advice }: Finding): string {
  const label = severity === 'error' ? terminal.error('error') : terminal.warning('warning')
  return [
    `${label}${' '.repeat(14 - severity.length)}${terminal.bold(printable(place))}`,
    entry(terminal, '', printable(problem)),
    entry(terminal, '', printable(advice)),
  ].join('\n')
}

function summary(findings: readonly Finding[], notChecked: number, forms: number): string {
  const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length
  const found = `${counted(count('error'), 'error')}, ${counted(count('warning'), 'warning')} in ${counted(forms, 'form')}`
  return notChecked > 0 ? `${found}; ${counted(notChecked, 'part was', 'parts were')} not checked.` : `${found}.`
}
