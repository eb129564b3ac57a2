/** `form-sync lead`: one syncLead from a shell, past the outbox, answered with Marketo's own result. */
import { parseArgs } from 'node:util'
import { readSoapAccount } from '../config/config.ts'
import { createMarketo, MarketoError, type ForeignSysType, type LeadRecord, type SyncLead } from '../marketo/index.ts'

const HELP = `Usage: form-sync lead [keys] [options] [Attribute=value …]

Creates or updates one person in Marketo and prints what it answers.

  form-sync lead --email t@t.com FirstName=George LastName='of the Jungle'

Keys, at least one:
  --email <address>   --id <Marketo id>   --cookie <Munchkin cookie>
  --foreign-id <id> --foreign-type CUSTOM|SFDC|NETSUITE

Options:
  --workspace <name>  Marketo's targetWorkspace
  --return-lead       ask for the whole record
  --json              print the answer as one JSON object

Where Marketo is and who you are there, by environment:
  MARKETO_SOAP_ENDPOINT, MARKETO_USER_ID, MARKETO_SECRET_KEY, MARKETO_NEXT_SECRET_KEY

Exit codes: 0 created or updated, 1 Marketo did not take it, 2 the words or the variables are wrong.`

/** Runs the command and resolves with its exit code. */
export async function leadCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    console.error(`form-sync lead: ${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  if (parsed.help) {
    console.log(HELP)
    return 0
  }
  const problems: string[] = []
  const account = readSoapAccount(env, (place, problem) => problems.push(`${place}: ${problem}`))
  if (!account) {
    console.error(`form-sync lead cannot call Marketo:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    return 2
  }

  try {
    const result = await createMarketo({ ...account, onKey: tell }).syncLead(parsed.lead)
    const { leadId, status, error } = result
    if (parsed.json) console.log(JSON.stringify(result))
    else console.log([status, leadId === null ? '' : `lead ${leadId}`, error ?? ''].filter(Boolean).join(' · '))
    if (!parsed.json && result.leadRecord) printRecord(result.leadRecord)
    return status === 'CREATED' || status === 'UPDATED' ? 0 : 1
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error
    if (parsed.json) console.log(JSON.stringify(error))
    else console.error(`form-sync lead: ${error.message}`)
    return error.code === 'input' ? 2 : 1
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

function tell(which: 'current' | 'next'): void {
  console.error(
    `form-sync lead: the key in ${which === 'current' ? 'MARKETO_SECRET_KEY' : 'MARKETO_NEXT_SECRET_KEY'} works`,
  )
}

function parse(words: string[]): { help: boolean; json: boolean; lead: SyncLead } {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      email: { type: 'string' },
      id: { type: 'string' },
      cookie: { type: 'string' },
      'foreign-id': { type: 'string' },
      'foreign-type': { type: 'string' },
      workspace: { type: 'string' },
      'return-lead': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const attributes = positionals.map((word) => {
    const at = word.indexOf('=')
    if (at < 1) throw new Error(`"${word}" is no attribute; write Name=value`)
    return { name: word.slice(0, at), value: word.slice(at + 1) }
  })
  return {
    help: values.help,
    json: values.json,
    lead: {
      ...(values.email !== undefined && { email: values.email }),
      ...(values.id !== undefined && { id: Number(values.id) }),
      ...(values.cookie !== undefined && { marketoCookie: values.cookie }),
      ...(values['foreign-id'] !== undefined && { foreignSysPersonId: values['foreign-id'] }),
      ...(values['foreign-type'] !== undefined && { foreignSysType: values['foreign-type'] as ForeignSysType }),
      ...(values.workspace !== undefined && { workspace: values.workspace }),
      returnLead: values['return-lead'],
      attributes,
    },
  }
}
