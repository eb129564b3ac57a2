/** `npm run bench -- <name>`: measures one part against another's, side by side in one run. */
import { acceptBench } from './accept.ts'
import { backlogBench } from './backlog.ts'
import { growthBench } from './growth.ts'
import { soapBench } from './soap.ts'

interface Bench {
  about: string
  /** Prints what it measures; false when a floor was missed. */
  run: (print: (line: string) => void) => Promise<boolean>
}

const BENCHES: Readonly<Record<string, Bench>> = {
  accept: acceptBench,
  soap: soapBench,
  backlog: backlogBench,
  growth: growthBench,
}

const HELP = `npm run bench -- <name>

${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

Exit codes: 0 when every floor is reached, 1 when one is missed, 2 for a name that is none of these.
A busy machine slows both sides, not always alike: run it on a quiet one.`

const print = (line: string) => void process.stdout.write(`${line}\n`)

const [name = '', ...rest] = process.argv.slice(2)
if (name === '--help' || name === '-h') {
  print(HELP)
} else {
  const bench = Object.hasOwn(BENCHES, name) && rest.length === 0 ? BENCHES[name] : undefined
  if (bench) {
    process.exitCode = (await bench.run(print)) ? 0 : 1
  } else {
    const given = [name, ...rest].join(' ')
    process.stderr.write(`${given ? `"${given}" is no bench.` : 'Which bench?'}\n\n${HELP}\n`)
    process.exitCode = 2
  }
}
