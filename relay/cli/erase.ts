/**
 * Runs `form-sync erase`: erases what is stored about a person, or says what would be erased.
 *
 * It erases in steps, each of them atomic. If it is interrupted, repeat it.
 */
import type { EraseResult, Persons } from '../admin/persons.ts'
import { readAddress } from '../intake/address.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { ownName } from './own-name.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, createProgress } from './terminal.ts'

const HELP = `Usage: form-sync erase <e-mail> [--yes] [options]

Erases what is stored about a person. Leads that wait, are held or are parked
are never sent, and their data is wiped. Cookies that are still to be associated
are removed. Receipts lose what tells the person, and remain until their time is
over. Without --yes it only counts the rows. A lead for which a call is under way
stays: run the command again two minutes later.

It erases nothing in Marketo. A person who sends a form afterwards is stored anew.

Options:
  --yes                 Erase the rows. There is no way back.
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync erase zoe@acme.example --data /var/lib/form-sync
  form-sync erase zoe@acme.example --yes --relay https://forms.acme.example

Exit codes:
  0  The rows were erased, or counted, or there are none
  1  Some stay because a call for them is under way, or the source failed
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function eraseCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('erase', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { email, dryRun, json, source } = parsed
  const by = ownName()
  return withAdmin(
    'erase',
    () => openAdmin(source, env),
    async ({ persons, remainsNote }) => {
      const result = await eraseAll(persons, email, by, dryRun)
      const receipt = { ...result, by, at: new Date().toISOString() }
      console.log(json ? JSON.stringify(receipt) : describe(receipt, remainsNote))
      return result.underWay > 0 && !dryRun ? 1 : 0
    },
  )
}

function parse(words: string[]) {
  const { values, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      yes: { type: 'boolean', default: false },
      ...SOURCE_OPTIONS,
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { yes, json, help, ...source } = values
  if (help) return { help }
  const [email, more] = positionals
  if (email === undefined || more !== undefined) throw new Error('give one address')
  if (readAddress(email) === undefined) throw new Error(`the address must look like name@example.com, not "${email}"`)
  return { email, dryRun: !yes, json, source }
}

async function eraseAll(persons: Persons, email: string, by: string, dryRun: boolean): Promise<EraseResult> {
  const total = { dryRun, waiting: 0, held: 0, parked: 0, receipts: 0, owedCookies: 0, underWay: 0 }
  const progress = createProgress(process.stderr, Date.now)
  for (let more = true; more;) {
    const result = await persons.erase({ email, by, dryRun })
    total.waiting += result.waiting
    total.held += result.held
    total.parked += result.parked
    total.receipts += result.receipts
    total.owedCookies += result.owedCookies
    total.underWay = result.underWay
    more = result.more ?? false
    progress.update(`${counted(total.waiting + total.held + total.parked + total.receipts, 'row')} done`)
  }
  progress.end()
  return total
}

/** Describes the result: it names no person, so that it can be kept. */
function describe(result: EraseResult & { by: string; at: string }, remainsNote: string): string {
  const { dryRun, waiting, held, parked, receipts, owedCookies, underWay, by, at } = result
  const rows = waiting + held + parked + receipts
  const stay = `${counted(underWay, 'row')} ${dryRun ? 'would stay' : 'stayed'}: a call is under way. Run it again in two minutes.`
  return [
    `${dryRun ? 'Would erase' : 'Erased'} ${counted(rows, 'row')}: ${waiting} waiting, ${held} held, ${parked} parked, ${counted(receipts, 'receipt')}, and ${counted(owedCookies, 'owed cookie')}.`,
    ...(underWay > 0 ? [stay] : []),
    ...(dryRun
      ? ['Nothing was changed.', ...(rows > 0 ? ['To erase them: the same command with --yes'] : [])]
      : [`By ${by} at ${at}. ${remainsNote}`]),
  ].join('\n')
}
