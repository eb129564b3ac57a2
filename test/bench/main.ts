/** `npm run bench -- <name>`: measures one part of the project and another thing side by side, in one run. */
import type { Api } from '../support/account-variables.ts'
import { acceptBench } from './accept.ts'
import { backlogBench } from './backlog.ts'
import { growthBench } from './growth.ts'
import { soapBench } from './soap.ts'
import { widgetBench } from './widget.ts'

interface Bench {
  about: string
  /** The APIs of Marketo that a second word may choose; the first one by default. */
  apis?: readonly Api[]
  /** Prints the ratios. Resolves with false when a floor was missed. */
  run: (print: (line: string) => void, api?: Api) => Promise<boolean>
}

const BENCHES: Readonly<Record<string, Bench>> = {
  accept: acceptBench,
  backlog: backlogBench,
  growth: growthBench,
  soap: soapBench,
  widget: widgetBench,
}

const HELP = `Usage: npm run bench -- <name>

${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

"backlog rest" delivers by REST in place of SOAP.
Each prints ratios of two things that were measured side by side, and PASS or FAIL for each floor.
Use a quiet machine: other work slows both sides, but not always alike.

Exit codes: 0 when every floor is reached, 1 when one is missed, 2 when the name is missing or unknown.`

const print = (line: string) => void process.stdout.write(`${line}\n`)

const [name = '', ...rest] = process.argv.slice(2)
if (name === '--help' || name === '-h') {
  print(HELP)
} else {
  const named = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
  const api = named?.apis?.find((each) => each === rest[0])
  const bench = rest.length === (api === undefined ? 0 : 1) ? named : undefined
  if (bench) {
    process.exitCode = (await bench.run(print, api)) ? 0 : 1
  } else {
    const given = [name, ...rest].join(' ')
    const names = Object.keys(BENCHES).join(', ')
    process.stderr.write(`${given ? `unknown bench: ${given}` : 'no bench is named'}; use one of ${names}\n\n${HELP}\n`)
    process.exitCode = 2
  }
}
