/** Runs `form-sync hold`: holds all new leads of a form, ends that, or lists the forms. Stored leads stay as they are. */
import { existsSync } from 'node:fs'
import type { FormHolds, HoldResult } from '../admin/form-holds.ts'
import type { FormHold } from '../outbox/held-forms.ts'
import { AdminError } from './admin-source.ts'
import { readFormSettings } from './form-settings.ts'
import { openAdmin, STORE_HELP, STORE_OPTIONS, withAdmin } from './open-admin.ts'
import { ownName } from './own-name.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, printable, timeOf } from './terminal.ts'

const HELP = `Usage: form-sync hold [<form> (--reason <text> | --off)] [options]

Holds all new leads of a form from now on, such as during a flood. Visitors see
no difference, and no lead is lost: each is stored, and waits for your decision.
It works at once, in every relay on the store and in every account, without a
restart. Leads that are stored already stay as they are.

Without a form it lists the forms whose new leads are held.

Options:
  --reason <text>       Why they are held: up to 200 characters, without
                        personal data. Required, unless --off is given
  --off                 Deliver new leads of the form again. Those that were
                        held stay held
  --forms <file>        The forms file, in which the form is looked up, for
                        --data. Default: FORM_SYNC_FORMS, or ./forms.json
  --json                Print one JSON object
  -h, --help            Show this help

${STORE_HELP}

Examples:
  form-sync hold contact --reason "a flood" --relay https://forms.acme.example
  form-sync hold contact --off --relay https://forms.acme.example
  form-sync hold --data /var/lib/form-sync

Exit codes:
  0  The leads are held, or are not any more, or the forms were listed
  1  The source cannot be used
  2  The options or variables are wrong, or there is no such form`

/** Runs the command and resolves with its exit code. */
export async function holdCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('hold', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { form, hold, json, source } = parsed
  const formsFile = parsed.forms ?? (env.FORM_SYNC_FORMS || 'forms.json')
  return withAdmin(
    'hold',
    () => {
      // A relay at a URL knows its forms.
      if (form !== undefined && hold && source.relay === undefined)
        checkForm(form, formsFile, parsed.forms !== undefined)
      return openAdmin(source, env)
    },
    async ({ formHolds }) => {
      if (form === undefined) return printList(formHolds, json)
      const result = await formHolds.set(form, hold)
      console.log(json ? JSON.stringify(result) : describe(result))
      return 0
    },
  )
}

/** Maximum length of a reason, in characters: it is stored with each lead. */
const MAX_REASON_LENGTH = 200

function parse(words: string[]) {
  const { values, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      reason: { type: 'string' },
      off: { type: 'boolean', default: false },
      forms: { type: 'string' },
      json: { type: 'boolean', default: false },
      ...STORE_OPTIONS,
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { reason = '', off, forms, json, help, relay, data } = values
  if (help) return { help }
  if (positionals.length > 1) throw new Error('one form at a time can be named')
  const [form] = positionals
  if (forms !== undefined && relay !== undefined) throw new Error('--forms does not work with --relay')
  if (form === undefined && (off || reason !== '')) throw new Error('no form is named; give its name first')
  if (off && reason !== '') throw new Error('use either --reason or --off, not both')
  if (form !== undefined && !off && reason === '') throw new Error('--reason is required, unless --off is given')
  if (reason.length > MAX_REASON_LENGTH || /\S@\S/.test(reason)) {
    throw new Error(`--reason must be text of up to ${MAX_REASON_LENGTH} characters, without an e-mail address`)
  }
  const hold: FormHold | undefined = off ? undefined : { by: ownName(), reason }
  return { form, hold, forms, json, source: { relay, data } }
}

/** @throws {AdminError} if the forms file has no such form: a misspelt name would hold nothing */
function checkForm(form: string, path: string, isNamed: boolean): void {
  if (!isNamed && !existsSync(path)) {
    console.error(
      `The name of the form was not checked, because there is no ${path}. Name the forms file with --forms.`,
    )
    return
  }
  const names = Object.keys(readFormSettings(path))
  if (!names.includes(form)) {
    throw new AdminError(2, `there is no form named "${form}" in ${path}; allowed are ${names.join(', ')}`)
  }
}

async function printList(formHolds: FormHolds, json: boolean): Promise<number> {
  const list = await formHolds.list()
  const lines = list.forms.map(
    ({ form, by, reason, since }) =>
      `${printable(form)}: all new leads are held since ${timeOf(since, 'minute')} (${printable(by)}: ${printable(reason)})`,
  )
  console.log(json ? JSON.stringify(list) : lines.join('\n') || 'No form is held.')
  return 0
}

function describe({ form, on, changed, held }: HoldResult): string {
  const name = printable(form)
  const now = `${counted(held, 'lead')} of ${name} ${held === 1 ? 'is' : 'are'} held now.`
  if (on) {
    return [`All new leads of ${name} are held from now on. ${now}`, `To end it: form-sync hold ${name} --off`].join(
      '\n',
    )
  }
  return [
    changed ? `New leads of ${name} are delivered again. ${now}` : `New leads of ${name} were not held. ${now}`,
    ...(held > 0
      ? [
          `They stay held until you decide. To see them: form-sync held --form ${name}`,
          `To send them: form-sync held --release --form ${name}`,
        ]
      : []),
  ].join('\n')
}
