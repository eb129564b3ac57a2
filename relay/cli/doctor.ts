/** Runs `form-sync doctor`: examines the Marketo account, and prints what is wrong and what to do. */
import type { Diagnosis, Examination } from '../check/doctor/diagnosis.ts'
import { examineAccount } from '../check/doctor/doctor.ts'
import {
  ACCOUNT_HELP,
  ACCOUNT_OPTION,
  CONFIGURATION_HELP,
  configurationError,
  FORMS_OPTION,
  formsPath,
  readAccountOnly,
} from './configuration.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, entry, printable, terminalOf, type Terminal } from './terminal.ts'

const HELP = `Usage: form-sync doctor [options]

Examines the Marketo account of the relay: address and TLS, the clock, the
credentials, the rights of the API user, the calls of today, partitions, and the
Munchkin id. Prints what is wrong and what to do. It changes nothing without
--lead.

At the end it lists questions about Marketo that no source answers. If your
account shows an answer, please tell us.

Options:
  --lead <address>      Create or update this person, and print the id. Delete
                        it in Marketo afterwards if it was a test
${CONFIGURATION_HELP}.
                        Its Marketo forms are examined, if it can be read
${ACCOUNT_HELP}
  --json                Print one JSON object
  -h, --help            Show this help

Environment variables: those of the Marketo account, as for form-sync serve.

Examples:
  form-sync doctor
  form-sync doctor --lead test@acme.example

Exit codes:
  0  Nothing is wrong. There may be warnings
  1  Something is wrong
  2  The options or the variables of the account are wrong`

/** Runs the command and resolves with its exit code. */
export async function doctorCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parseOptions({
      args: words,
      options: {
        ...FORMS_OPTION,
        ...ACCOUNT_OPTION,
        lead: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
    if (options.lead !== undefined && !/^[^\s@]+@[^\s@]+$/.test(options.lead)) {
      throw new Error('--lead must be an e-mail address')
    }
  } catch (error) {
    return usageError('doctor', (error as Error).message)
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const read = readAccountOnly(formsPath(options.forms, env), env, options.account)
  if ('problems' in read) return configurationError('doctor', read.problems)
  const { account, limits, munchkinId, forms } = read
  const diagnosis = await examineAccount(account, {
    fetch,
    now: Date.now,
    timeout: limits.timeout,
    callsPerDay: limits.callsPerDay,
    munchkinId,
    marketoForms: [...new Set(forms.map(({ marketoForm }) => marketoForm).filter((id) => id !== undefined))],
    lead: options.lead,
  })
  console.log(options.json ? JSON.stringify(diagnosis) : describe(terminalOf(process.stdout), diagnosis))
  return diagnosis.examinations.some(({ result }) => result === 'error') ? 1 : 0
}

function describe(terminal: Terminal, { transport, examinations, pleaseTellUs }: Diagnosis): string {
  const count = (result: Examination['result']) => examinations.filter((each) => each.result === result).length
  const summary = `${counted(count('error'), 'error')}, ${counted(count('warning'), 'warning')} over ${transport.toUpperCase()}.`
  const questions = pleaseTellUs.flatMap(({ question, seen }) => [
    entry(terminal, '  -', printable(question)),
    ...(seen === undefined ? [] : [entry(terminal, '', terminal.dim(printable(seen)))]),
  ])
  return [
    examinations.map((each) => describeExamination(terminal, each)).join('\n'),
    ...(questions.length > 0
      ? [['Please tell us what your Marketo does, at docs/marketo.md:', ...questions].join('\n')]
      : []),
    summary,
  ].join('\n\n')
}

function describeExamination(terminal: Terminal, { name, result, seen, advice }: Examination): string {
  const style = result === 'error' ? terminal.error : result === 'warning' ? terminal.warning : (text: string) => text
  const first = entry(terminal, result, printable(`${name}: ${seen}`))
  return [
    `${style(result)}${first.slice(result.length)}`,
    ...(advice === undefined ? [] : [entry(terminal, '', printable(advice))]),
  ].join('\n')
}
