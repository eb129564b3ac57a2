/** Runs `form-sync lead`: one syncLead from a shell, without the outbox, and prints Marketo's result. */
import { readAccount } from '../config/account.ts'
import { createMarketo, MarketoError, type ForeignSysType, type LeadRecord, type SyncLead } from '../marketo/index.ts'
import { configurationError } from './configuration.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { simulatorAccount } from './simulator-account.ts'

const HELP = `Usage: form-sync lead [keys] [options] [<attribute>=<value>...]

Creates or updates one person in Marketo and prints the result: over SOAP with a
syncLead call, over REST with Sync Leads, and Associate Lead for a cookie.

Keys, at least one:
  --email <address>     E-mail address
  --id <number>         Marketo id
  --cookie <value>      Value of the Munchkin cookie; no key over REST
  --lookup <field>      REST only: field that finds the person; it must be among
                        the attributes
  --foreign-id <id>     SOAP only: id of the person in another system; requires
                        --foreign-type
  --foreign-type <type> CUSTOM, SFDC or NETSUITE

Options:
  --simulator           Call "form-sync simulator" on this machine, whatever the
                        variables are
  --workspace <name>    SOAP only: Marketo's targetWorkspace
  --partition <name>    REST only: lead partition
  --return-lead         Print the whole record of the person; over REST the
                        address and the attributes that were written
  --json                Print the result as one JSON object
  -h, --help            Show this help

Environment variables:
  MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET,
  MARKETO_COOKIE_PREFIX; or of SOAP
  MARKETO_SOAP_ENDPOINT, MARKETO_USER_ID, MARKETO_SECRET_KEY,
  MARKETO_NEXT_SECRET_KEY; with both MARKETO_TRANSPORT

Examples:
  form-sync lead --simulator --email t@t.com FirstName=George
  form-sync lead --email t@t.com FirstName=George LastName='of the Jungle'
  form-sync lead --id 700001 --return-lead --json

Exit codes:
  0  The person was created or updated
  1  Marketo did not accept the call, or cannot be reached
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function leadCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('lead', (error as Error).message)
  }
  if (parsed.help) {
    console.log(HELP)
    return 0
  }
  const problems: string[] = []
  const account = parsed.simulator
    ? simulatorAccount(env)
    : readAccount(env, (place, problem) => problems.push(`${place}: ${problem}`))
  if (!account) return configurationError('lead', problems)

  try {
    const result = await createMarketo({ ...account, onKey: reportKey }).syncLead(parsed.lead)
    const { leadId, status, error } = result
    if (parsed.json) console.log(JSON.stringify(result))
    else console.log([status, leadId === null ? '' : `lead ${leadId}`, error ?? ''].filter(Boolean).join(' · '))
    if (!parsed.json && result.leadRecord) printRecord(result.leadRecord)
    return status === 'CREATED' || status === 'UPDATED' ? 0 : 1
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error
    if (parsed.json) console.log(JSON.stringify(error))
    else console.error(`form-sync lead: ${error.message}`)
    return error.problems.length > 0 ? 2 : 1
  }
}

function printRecord({ id, email, foreignSysPersonId, foreignSysType, attributes }: LeadRecord): void {
  const keys = [
    { name: 'Id', value: id },
    { name: 'Email', value: email },
    { name: 'ForeignSysPersonId', value: foreignSysPersonId },
    { name: 'ForeignSysType', value: foreignSysType },
  ].filter(({ value }) => value !== null)
  for (const { name, value } of [...keys, ...attributes]) console.log(`  ${name.padEnd(24)}${value ?? ''}`)
}

function reportKey(which: 'current' | 'next'): void {
  const name = which === 'current' ? 'MARKETO_SECRET_KEY' : 'MARKETO_NEXT_SECRET_KEY'
  console.error(`form-sync lead: Marketo accepted ${name}`)
}

function parse(words: string[]): { help: boolean; json: boolean; simulator: boolean; lead: SyncLead } {
  const { values, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      email: { type: 'string' },
      id: { type: 'string' },
      cookie: { type: 'string' },
      'foreign-id': { type: 'string' },
      'foreign-type': { type: 'string' },
      workspace: { type: 'string' },
      partition: { type: 'string' },
      lookup: { type: 'string' },
      simulator: { type: 'boolean', default: false },
      'return-lead': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const attributes = positionals.map((word) => {
    const at = word.indexOf('=')
    if (at < 1) throw new Error(`"${word}" is not an attribute; write <attribute>=<value>`)
    return { name: word.slice(0, at), value: word.slice(at + 1) }
  })
  return {
    help: values.help,
    json: values.json,
    simulator: values.simulator,
    lead: {
      ...(values.email !== undefined && { email: values.email }),
      ...(values.id !== undefined && { id: Number(values.id) }),
      ...(values.cookie !== undefined && { marketoCookie: values.cookie }),
      ...(values['foreign-id'] !== undefined && { foreignSysPersonId: values['foreign-id'] }),
      ...(values['foreign-type'] !== undefined && { foreignSysType: values['foreign-type'] as ForeignSysType }),
      ...(values.workspace !== undefined && { workspace: values.workspace }),
      ...(values.partition !== undefined && { partition: values.partition }),
      ...(values.lookup !== undefined && { lookup: values.lookup }),
      returnLead: values['return-lead'],
      attributes,
    },
  }
}
