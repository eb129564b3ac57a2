/** `npm run test:fuzz`: sends malformed requests to a relay, or to broken copies of it. */
import { useMemoryFolder } from '../support/memory-folder.ts'
import { flag, oneOf, positiveNumber, runProgram, seed, wholeNumber } from '../support/options.ts'
import { inMB } from './memory.ts'
import { fuzz, type FuzzReport } from './run.ts'
import { runFuzzMutations } from './mutations.ts'
import { PLATFORMS } from './target.ts'

const HELP = `Usage: npm run test:fuzz -- [--platform <name>] [--seed <number>] [--requests <number>] [--minutes <number>]
       npm run test:fuzz -- --mutations

Sends malformed requests over all routes, methods, encodings and framings to a relay with a simulator of Marketo, and
checks each reply, what reaches Marketo, memory, and that a visitor is served afterwards. docs/proof.md says what is
checked.

  --platform <name>    node (default) or workerd
  --seed <number>      repeats the requests; default: a random one, which is printed
  --requests <number>  how many are sent; default: 200000
  --minutes <number>   stops earlier, after this time; default: 30
  --mutations          breaks copies of the relay on purpose, and prints what the fuzzer finds in each
  --help, -h           prints this text

Exit codes: 0 when nothing is wrong (with --mutations: when every mutation is detected); 1 when something is; 2 when the
options are wrong.`

/** Maximum time of a reply, in ms. */
const HANG_MS = 2_000

// A disk that others keep busy would look like a relay that hangs.
Object.assign(process.env, useMemoryFolder())

const print = (line: string) => void process.stdout.write(`${line}\n`)

function printReport({ sent, replies, faults, people, memory }: FuzzReport): void {
  print(
    `${sent} requests; replies ${JSON.stringify(replies)}; ${people} people at Marketo; memory ${memory.map(inMB).join(', then ')}`,
  )
  for (const [name, { times, request, bytes }] of faults)
    print(`${times} times: ${name}\n  first with request ${request}: ${JSON.stringify(bytes)}`)
  print(faults.size === 0 ? 'Nothing is wrong.' : `${faults.size} kinds of faults.`)
}

await runProgram({
  name: 'test:fuzz',
  help: HELP,
  options: {
    platform: oneOf('platform', PLATFORMS, 'node'),
    seed: seed(),
    requests: wholeNumber(200_000, 1),
    minutes: positiveNumber(30),
    mutations: flag,
  },
  async run({ minutes, mutations, ...options }) {
    if (mutations) return (await runFuzzMutations(print)) ? 0 : 1
    print(`platform ${options.platform}, seed ${options.seed}`)
    const report = await fuzz({ ...options, maxMs: minutes * 60_000, hangMs: HANG_MS, print })
    printReport(report)
    return report.faults.size === 0 ? 0 : 1
  },
})
