/** `npm run test:chaos`: makes a run and checks it, or breaks copies of the relay and makes a run of each. */
import { parseArgs } from 'node:util'
import { APIS } from '../support/account-variables.ts'
import { isApi } from './api.ts'
import { runMutations, type MutantResult } from './mutate.ts'
import { isPlatform, PLATFORM_NAMES, run } from './run.ts'
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

/** Reads the options, or returns the message that says what is wrong with them. */
function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        platform: { type: 'string', default: 'node' },
        api: { type: 'string', default: 'soap' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
        minutes: { type: 'string', default: '2' },
        clients: { type: 'string', default: '12' },
        cookies: { type: 'string', default: '0' },
        mutations: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        // For `--mutations`, which starts this program in each copy and receives the result over IPC.
        mutant: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const { platform, api } = values
    const [seed, minutes, clients, cookies] = [values.seed, values.minutes, values.clients, values.cookies].map(
      Number,
    ) as [number, number, number, number]
    if (!isPlatform(platform)) return `unknown platform: ${platform}; use one of ${PLATFORM_NAMES.join(', ')}`
    if (!isApi(api)) return `unknown API: ${api}; use one of ${APIS.join(', ')}`
    if (!Number.isInteger(seed)) return `--seed takes a whole number, not ${values.seed}`
    if (!(minutes > 0)) return `--minutes takes a number above 0, not ${values.minutes}`
    if (!Number.isInteger(clients) || clients < 1) return `--clients takes a whole number from 1, not ${values.clients}`
    if (!Number.isInteger(cookies) || cookies < 0) return `--cookies takes a whole number, not ${values.cookies}`
    return { ...values, platform, api, seed, minutes, clients, cookies }
  } catch (error) {
    return (error as Error).message
  }
}

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(`${options}\n\n${HELP}\n`)
  process.exitCode = 2
} else if (options.help) print(HELP)
else if (options.mutations) process.exitCode = (await runMutations(print, options)) ? 0 : 1
else if (options.mutant) {
  // The process that started this one is gone.
  process.once('disconnect', () => process.exit(1))
  const { checks, evidence } = await run(mutantRun(options))
  requireOutcome(evidence)
  const broken = checks.filter(({ violations }) => violations.length > 0)
  const result: MutantResult = { broken: broken.map(({ rule, violations }) => ({ rule, times: violations.length })) }
  process.send?.(result)
  process.disconnect()
} else if (options.cookies > 0) {
  const { seed, cookies } = options
  print(`seed ${seed}`)
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
  process.exitCode = repeated.length === 0 && checks.every(({ violations }) => violations.length === 0) ? 0 : 1
} else {
  print(`seed ${options.seed}`)
  const { report, checks, idleParts, folder } = await run(longRun(options))
  for (const line of report) print(line)
  if (folder !== undefined) print(`The evidence and the relay's log are in ${folder}`)
  for (const part of idleParts)
    print(`NOT TESTED: Marketo was not called in the part “${part}”; let the run last longer`)
  process.exitCode = idleParts.length === 0 && checks.every(({ violations }) => violations.length === 0) ? 0 : 1
}
