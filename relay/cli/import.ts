/** Runs `form-sync import`: prints the entry of the forms file and the HTML for a Marketo form. It changes nothing. */
import { convertForm, type ImportedForm } from '../import/convert.ts'
import { nameFor, writeEntry } from '../import/forms-entry.ts'
import { writeHtml } from '../import/html.ts'
import { readMarketoForm } from '../import/read-form.ts'
import { FIRST_ACCOUNT } from '../account-name.ts'
import { ACCOUNT_HELP, ACCOUNT_OPTION, configurationError, readAccountOnly } from './configuration.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { printable } from './terminal.ts'

const HELP = `Usage: form-sync import --form <id> [options]

Reads a Marketo form over REST, and prints the entry of the forms file and the
HTML to paste into your page: fields with labels, types, options, lengths and
which are required. Hidden fields become constants or captured parameters. What
cannot be carried over is listed on standard error. It changes nothing.

Options:
  --form <id>           Id of the Marketo form, such as 1029
  --name <name>         Name of the form here. Default: from Marketo's name
  --origin <url>        Origin whose pages may post the form; may be repeated.
                        Default: https://www.acme.example, to be replaced
  --relay <url>         Address of the relay, for the HTML. Default:
                        https://forms.acme.example, to be replaced
${ACCOUNT_HELP}
  --json                Print one JSON object: name, form, html, warnings
  -h, --help            Show this help

Environment variables: MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID,
MARKETO_CLIENT_SECRET. The API user needs the right "Read-Only Asset".

Examples:
  form-sync import --form 1029
  form-sync import --form 1029 --name contact --origin https://www.acme.example

Exit codes:
  0  The form was printed. There may be warnings
  1  The form cannot be read
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function importCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parse(words)
  } catch (error) {
    return usageError('import', (error as Error).message)
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const read = readAccountOnly('', env, options.account)
  if ('problems' in read) return configurationError('import', read.problems)
  const { account, limits } = read
  if (account.transport !== 'rest') {
    return configurationError('import', ['the variables of REST are not set; SOAP has no Marketo forms'])
  }
  const found = await readMarketoForm(account, options.form, { fetch, now: Date.now, timeout: limits.timeout })
  if (typeof found === 'string') {
    console.error(`form-sync import: ${printable(found)}`)
    return 1
  }
  const form = convertForm(found)
  const name = options.name ?? nameFor(found.name, found.id)
  let entry
  try {
    entry = writeEntry(form, {
      name,
      origins: options.origins,
      marketoForm: found.id,
      ...(options.account !== FIRST_ACCOUNT && { account: options.account }),
    })
  } catch (error) {
    console.error(`form-sync import: the form cannot be written: ${printable((error as Error).message)}`)
    return 1
  }
  print(options.json, { name, entry, html: writeHtml(form, name, options.relay), form })
  return 0
}

function print(
  json: boolean,
  { name, entry, html, form }: { name: string; entry: object; html: string; form: ImportedForm },
) {
  const { warnings } = form
  if (json) console.log(JSON.stringify({ name, form: entry, html, warnings }))
  else {
    console.log(`In the forms file, under "forms":\n\n${JSON.stringify({ [name]: entry }, null, 2).slice(2, -2)}\n`)
    console.log(`In the page:\n\n${html}`)
    for (const warning of warnings) console.error(`form-sync import: ${printable(warning)}`)
  }
}

function parse(words: string[]) {
  const { values } = parseOptions({
    args: words,
    options: {
      form: { type: 'string' },
      name: { type: 'string' },
      origin: { type: 'string', multiple: true, default: ['https://www.acme.example'] },
      relay: { type: 'string', default: 'https://forms.acme.example' },
      ...ACCOUNT_OPTION,
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { form = '', origin, help, relay, ...rest } = values
  if (!help && !/^[1-9]\d{0,8}$/.test(form)) throw new Error('--form must be the id of a Marketo form, such as 1029')
  if (!/^https?:\/\//.test(relay) || !URL.canParse(relay)) throw new Error('--relay must be a URL')
  return { ...rest, help, relay, form: Number(form), origins: origin }
}
