/** `npm run test:chaos`: sends, kills, waits, and asks whether anything was lost. */
import { parseArgs } from 'node:util'
import { runMutations } from './mutate.ts'
import { isPlatform, run } from './run.ts'
import { longRun, mutantRun } from './runs.ts'

const HELP = `npm run test:chaos -- [--platform <name>] [--seed <number>] [--minutes <number>] [--clients <number>]
npm run test:chaos -- --mutations [--platform <name>] [--only <words>]

Sends thousands of forms to a relay that is killed all the time, and asks at the end, by Marketo's own log, whether
anything was lost. docs/proof.md says what is asked, and how.

  --platform <name>    node; postgres, three relays on one database; workerd, one object; or workerd-sharded, three
  --seed <number>      repeats who sends what, and what is to go wrong; else one is picked and printed
  --minutes <number>   how long people send; 2
  --clients <number>   how many send at once; 12
  --mutations          breaks copies of the relay on purpose, and says what gave each away

Exit codes: 0 when everything holds, 1 when something broke, 2 for words that are none of these.`

const print = (line: string) => void process.stdout.write(`${line}\n`)

/** The words as they are meant, or what is wrong with them. */
function read(words: string[]) {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        platform: { type: 'string', default: 'node' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
        minutes: { type: 'string', default: '2' },
        clients: { type: 'string', default: '12' },
        mutations: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        // What `--mutations` runs in each copy.
        mutant: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const { platform } = values
    const [seed, minutes, clients] = [values.seed, values.minutes, values.clients].map(Number) as [
      number,
      number,
      number,
    ]
    if (!isPlatform(platform)) return `"${platform}" is no platform`
    if (!Number.isInteger(seed)) return `"${values.seed}" is no seed: it takes a whole number`
    if (!(minutes > 0) || !(clients >= 1)) return 'minutes and clients must be above 0'
    return { ...values, platform, seed, minutes, clients }
  } catch (error) {
    return (error as Error).message
  }
}

const words = read(process.argv.slice(2))
if (typeof words === 'string') {
  process.stderr.write(`${words}\n\n${HELP}\n`)
  process.exitCode = 2
} else if (words.help) print(HELP)
else if (words.mutations) process.exitCode = (await runMutations(print, words)) ? 0 : 1
else {
  print(`seed ${words.seed}`)
  const { report, broken, folder } = await run(words.mutant ? mutantRun(words) : longRun(words))
  for (const line of report) print(line)
  if (folder !== undefined) print(`The evidence and the relay's log lie in ${folder}`)
  process.exitCode = broken.length === 0 ? 0 : 1
}
