/** `npm run test:flood`: visitors in a flood, and slow or pipelining senders. */
import { useMemoryFolder } from '../support/memory-folder.ts'
import { positiveNumber, runProgram, wholeNumber } from '../support/options.ts'
import { compareAnswers } from './answers.ts'
import { brokenBy, brokenByAnswers, brokenBySlow } from './checks.ts'
import { runFloods } from './run.ts'
import { holdSlowly } from './slow.ts'

const HELP = `Usage: npm run test:flood -- [--seconds <number>] [--slow-bodies <number>] [--visitors <number>]

Sends up to 5,000 posts a second from 200 sources to a relay on Node with a simulator of Marketo, then posts from 2,000
sources below their own rate, with visitors among them; discards what waits of another flood; and at the end opens slow and
pipelining connections to a relay with little memory. Compares the replies to leads that are new, known, held or dropped. docs/proof.md says what is checked.

  --seconds <number>      time of each flood; default: 20
  --visitors <number>     visitors in each; default: 50
  --slow-bodies <number>  connections whose bodies never come to their end; default: 10000
  --help, -h              prints this text

Exit codes: 0 when every check holds; 1 when one does not; 2 when the options are wrong.`

/** Posts of each kind whose replies are compared. */
const COMPARED = 200

// The disk is not what is measured.
Object.assign(process.env, useMemoryFolder())

const print = (line: string) => void process.stdout.write(`${line}\n`)

await runProgram({
  name: 'test:flood',
  help: HELP,
  options: { seconds: positiveNumber(20), visitors: wholeNumber(50, 1), 'slow-bodies': wholeNumber(10_000, 0) },
  async run({ 'slow-bodies': bodies, ...options }) {
    const broken = [
      ...brokenBy(await runFloods({ ...options, print })),
      ...brokenByAnswers(await compareAnswers(COMPARED, print)),
      ...(bodies > 0 ? brokenBySlow(await holdSlowly({ bodies, pipelines: 40, print })) : []),
    ]
    for (const each of broken) print(`BROKEN: ${each}`)
    print(broken.length === 0 ? 'Every check holds.' : `${broken.length} checks do not hold.`)
    return broken.length === 0 ? 0 : 1
  },
})
