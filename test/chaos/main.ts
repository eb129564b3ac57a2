/** `npm run test:chaos`: makes a run and checks it, or breaks copies of the relay and makes a run of each. */
import { APIS } from '../support/account-variables.ts'
import { flag, oneOf, positiveNumber, runProgram, seed, text, wholeNumber } from '../support/options.ts'
import { runMutations, type MutantResult } from './mutate.ts'
import { PLATFORM_NAMES, run } from './run.ts'
import { cookieRun, longRun, mutantRun } from './runs.ts'
import { repeatedValues, requireOutcome } from './verdicts/evidence.ts'

const HELP = `Usage: npm run test:chaos -- [--platform <name>] [--api <name>] [--seed <number>] [--minutes <number>] [--clients <number>]
       npm run test:chaos -- --cookies <number> [--seed <number>]
       npm run test:chaos -- --mutations [--platform <name>] [--only <text>]

Sends thousands of forms to a relay that crashes all the time. At the end it checks by Marketo's own log that no lead
was lost, merged or sent out of order. docs/proof.md says what is checked, and how.

  --platform <name>    node: one relay on a file (default)
                       postgres: three relays on one database
                       workerd: one Durable Object; workerd-sharded: three
  --api <name>         soap (default) or rest: the way to Marketo
  --seed <number>      repeats what is sent and which faults happen; default: a random one, which is printed
  --minutes <number>   how long forms are sent; default: 2
  --clients <number>   visitors at once; default: 12
  --cookies <number>   by REST, ends a relay so many times between the call for a lead and that for its cookie, or
                       before the outcome of the latter is stored; five seconds each
  --mutations          breaks copies of the relay on purpose, and prints which checks detect each
  --only <text>        runs only the mutations with this text in their name
  --help, -h           prints this text

Exit codes: 0 when every check holds (with --mutations: when every mutation is detected); 1 when one does not, or when
Marketo was not called in a part of the run; 2 when the options are wrong.`

const print = (line: string) => void process.stdout.write(`${line}\n`)

await runProgram({
  name: 'test:chaos',
  help: HELP,
  options: {
    platform: oneOf('platform', PLATFORM_NAMES, 'node'),
    api: oneOf('API', APIS, 'soap'),
    seed: seed(),
    minutes: positiveNumber(2),
    clients: wholeNumber(12, 1),
    cookies: wholeNumber(0, 0),
    mutations: flag,
    only: text,
    // For `--mutations`, which starts this program in each copy and receives the result over IPC.
    mutant: flag,
  },
  async run(options) {
    if (options.mutations) return (await runMutations(print, options)) ? 0 : 1
    if (options.mutant) return runAsMutant(options)
    print(`seed ${options.seed}`)
    return options.cookies > 0 ? runCookies(options) : runWhole(options)
  },
})

/** Makes a run in a broken copy, and sends its result to the process that started this one. */
async function runAsMutant(options: Parameters<typeof mutantRun>[0]): Promise<number> {
  // The process that started this one is gone.
  process.once('disconnect', () => process.exit(1))
  const { checks, evidence } = await run(mutantRun(options))
  requireOutcome(evidence)
  const broken = checks.filter(({ violations }) => violations.length > 0)
  const result: MutantResult = { broken: broken.map(({ rule, violations }) => ({ rule, times: violations.length })) }
  process.send?.(result)
  process.disconnect()
  return 0
}

async function runCookies(options: { seed: number; cookies: number }): Promise<number> {
  const { seed, cookies } = options
  // Three submissions for each crash, of which about half have a cookie.
  const { report, checks, evidence, log } = await run(
    cookieRun({ seed, submissions: 3 * cookies, relayStarts: cookies }),
  )
  for (const line of report) print(line)
  const { written, repeated } = repeatedValues(evidence.calls)
  const crashes = ['associate-before', 'associate-after'].map((step) => log.endings.get(step) ?? 0)
  print(`crashes before the call for a cookie: ${crashes[0]}; before its outcome was stored: ${crashes[1]}`)
  print(`values written: ${written}; written more than once: ${repeated.length}`)
  for (const value of repeated) print(`  ${value}`)
  return repeated.length === 0 && checks.every(({ violations }) => violations.length === 0) ? 0 : 1
}

async function runWhole(options: Parameters<typeof longRun>[0]): Promise<number> {
  const { report, checks, idleParts, folder } = await run(longRun(options))
  for (const line of report) print(line)
  if (folder !== undefined) print(`The evidence and the relay's log are in ${folder}`)
  for (const part of idleParts)
    print(`NOT TESTED: Marketo was not called in the part “${part}”; let the run last longer`)
  return idleParts.length === 0 && checks.every(({ violations }) => violations.length === 0) ? 0 : 1
}
