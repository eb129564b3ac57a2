/** Runs `form-sync migrate`: lists what changes when a configuration moves from SOAP to REST. It writes nothing. */
import { reportOn, wantedBy, type CheckReport } from '../check/check.ts'
import { planMigration, type MigrationStep } from '../check/migration.ts'
import { readTenant } from '../check/tenant.ts'
import { nameVariables } from '../account-name.ts'
import {
  ACCOUNT_HELP,
  ACCOUNT_OPTION,
  CONFIGURATION_HELP,
  configurationError,
  FORMS_OPTION,
  formsPath,
  readAccountOnly,
  readFormsOnly,
} from './configuration.ts'
import { describe as describeCheck } from './check.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { entry, printable, terminalOf, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync migrate [options]

Lists what changes for a configuration that moves from SOAP to REST: variables,
workspaces and partitions, foreign ids, names of fields, calls, and campaigns
that listen to a form. Writes nothing.

If the variables of REST are set too, it reads the partitions, and compares the
forms with the fields of the account, as form-sync check does.

Options:
${CONFIGURATION_HELP}
${ACCOUNT_HELP}
  --json                Print one JSON object
  -h, --help            Show this help

Examples:
  form-sync migrate
  form-sync migrate --forms /etc/form-sync/forms.json --json

Exit codes:
  0  The changes were listed
  1  The account of REST was asked, and the forms do not fit it
  2  The options, the forms file or the variables of REST are wrong`

/** Variables that the move is about, those of REST first. */
const VARIABLES = [
  'MARKETO_REST_ENDPOINT',
  'MARKETO_CLIENT_ID',
  'MARKETO_CLIENT_SECRET',
  'MARKETO_SOAP_ENDPOINT',
  'MARKETO_USER_ID',
  'MARKETO_SECRET_KEY',
  'MARKETO_NEXT_SECRET_KEY',
  'FORM_SYNC_API_KEYS',
]

/** Runs the command and resolves with its exit code. */
export async function migrateCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parseOptions({
      args: words,
      options: {
        ...FORMS_OPTION,
        ...ACCOUNT_OPTION,
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return usageError('migrate', (error as Error).message)
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const path = formsPath(options.forms, env)
  const forms = readFormsOnly(path)
  const { account } = options
  const valueOf = (variable: string) => env[nameVariables(account, variable)]?.trim()
  // Only whether they are set matters: their values are secrets.
  const variables = new Set(VARIABLES.filter((variable) => (valueOf(variable) ?? '') !== ''))
  const hasRest = VARIABLES.slice(0, 3).every((variable) => variables.has(variable))
  const byRest = { ...env, [nameVariables(account, 'MARKETO_TRANSPORT')]: 'rest' }
  const read = hasRest ? readAccountOnly(path, byRest, account) : undefined
  const problems = [
    ...('problems' in forms ? forms.problems : []),
    ...(read && 'problems' in read ? read.problems : []),
  ]
  if ('problems' in forms || (read && 'problems' in read)) {
    return configurationError('migrate', problems)
  }
  const ofAccount = forms.forms.filter((form) => form.account === account)

  let partitions: readonly string[] | undefined
  let check: CheckReport | undefined
  if (read) {
    const caller = { fetch, now: Date.now, timeout: read.limits.timeout }
    const tenant = await readTenant(read.account, { ...wantedBy(ofAccount), partitions: true }, caller)
    partitions = tenant.partitions
    check = reportOn(ofAccount, tenant)
  }
  const steps = planMigration({
    forms: ofAccount,
    account,
    soapEndpoint: valueOf('MARKETO_SOAP_ENDPOINT'),
    variables,
    partitions,
  })
  const terminal = terminalOf(process.stdout)
  console.log(
    options.json
      ? JSON.stringify({ steps, ...(check && { check }) })
      : describe(terminal, steps, check, ofAccount.length),
  )
  return check?.findings.some(({ severity }) => severity === 'error') ? 1 : 0
}

function describe(
  terminal: Terminal,
  steps: readonly MigrationStep[],
  check: CheckReport | undefined,
  forms: number,
): string {
  const ofKind = (kind: MigrationStep['kind']) => steps.filter((step) => step.kind === kind)
  return [
    ...describeSteps(terminal, 'To do', ofKind('required')),
    ...describeSteps(terminal, 'To know', ofKind('note')),
    ...(check ? [`${terminal.bold('The forms and the account')}\n\n${describeCheck(terminal, check, forms)}`] : []),
    ...(check ? [] : ['With the variables of REST set, this command also compares the forms with the account.']),
  ].join('\n\n')
}

function describeSteps(terminal: Terminal, title: string, steps: readonly MigrationStep[]): string[] {
  if (steps.length === 0) return []
  const lines = steps.flatMap(({ place, change, advice }) => [
    `- ${terminal.bold(printable(place))}`,
    entry(terminal, '', printable(change)),
    entry(terminal, '', printable(advice)),
  ])
  return [[terminal.bold(title), ...lines].join('\n')]
}
