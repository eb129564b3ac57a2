/** `npm run test:chaos`: sends, kills, waits, and asks whether anything was lost. */
import { parseArgs } from 'node:util'
import { runMutations } from './mutate.ts'
import { run, type PlatformName } from './run.ts'
import { longRun, mutantRun } from './runs.ts'

const HELP = `npm run test:chaos -- [--platform <name>] [--seed <number>] [--minutes <number>] [--clients <number>]
npm run test:chaos -- --mutations [--only <words>]

Sends thousands of forms to a relay that is killed all the time, and asks at the end, by Marketo's own log, whether
anything was lost. docs/proof.md says what is asked, and how.

  --platform <name>    node; or postgres, three relays on one database; or workerd
  --seed <number>      repeats who sends what, and what is to go wrong; else one is picked and printed
  --minutes <number>   how long people send; 2
  --clients <number>   how many send at once; 12
  --mutations          breaks copies of the relay on purpose, and says what gave each away

Exit codes: 0 when everything holds, 1 when something broke, 2 for words that are none of these.`

const print = (line: string) => void process.stdout.write(`${line}\n`)

function read(words: string[]) {
  return parseArgs({
    args: words,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      platform: { type: 'string', default: 'node' },
      minutes: { type: 'string', default: '2' },
      clients: { type: 'string', default: '12' },
      mutations: { type: 'boolean', default: false },
      mutant: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values
}

const { seed, platform, minutes, clients, mutations, mutant, only, help } = read(process.argv.slice(2))
if (help) print(HELP)
else if (mutations) process.exitCode = (await runMutations(print, only)) ? 0 : 1
else {
  print(`seed ${seed}`)
  const options = mutant
    ? mutantRun(Number(seed))
    : longRun({
        seed: Number(seed),
        platform: platform as PlatformName,
        minutes: Number(minutes),
        clients: Number(clients),
      })
  const { report, broken, folder } = await run(options)
  for (const line of report) print(line)
  if (folder !== undefined) print(`The evidence and the relay's log lie in ${folder}`)
  process.exitCode = broken.length === 0 ? 0 : 1
}
