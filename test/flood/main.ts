/** `npm run test:flood`: visitors in a flood, and slow or pipelining senders. */
import { parseArgs } from 'node:util'
import { useMemoryFolder } from '../support/memory-folder.ts'
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

function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seconds: { type: 'string', default: '20' },
        visitors: { type: 'string', default: '50' },
        'slow-bodies': { type: 'string', default: '10000' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const [seconds, visitors, slow] = [values.seconds, values.visitors, values['slow-bodies']].map(Number) as [
      number,
      number,
      number,
    ]
    if (!(seconds > 0)) return `--seconds takes a number above 0, not ${values.seconds}`
    if (!Number.isInteger(visitors) || visitors < 1)
      return `--visitors takes a whole number from 1, not ${values.visitors}`
    if (!Number.isInteger(slow) || slow < 0) return `--slow-bodies takes a whole number, not ${values['slow-bodies']}`
    return { help: values.help, seconds, visitors, slow }
  } catch (error) {
    return (error as Error).message
  }
}

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(`test:flood: ${options}\n`)
  process.exitCode = 2
} else if (options.help) print(HELP)
else {
  const broken = [
    ...brokenBy(await runFloods({ ...options, print })),
    ...brokenByAnswers(await compareAnswers(COMPARED, print)),
    ...(options.slow > 0 ? brokenBySlow(await holdSlowly({ bodies: options.slow, pipelines: 40, print })) : []),
  ]
  for (const each of broken) print(`BROKEN: ${each}`)
  print(broken.length === 0 ? 'Every check holds.' : `${broken.length} checks do not hold.`)
  process.exitCode = broken.length === 0 ? 0 : 1
}
