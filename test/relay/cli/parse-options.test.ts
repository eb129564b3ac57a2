import { expect, it } from 'vitest'
import { parseOptions } from '../../../relay/cli/parse-options.ts'

const options = { source: { type: 'string' }, yes: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

it.each([
  [['--source', '-6ZitO4UYyVKX2hxCNaC7A'], { source: '-6ZitO4UYyVKX2hxCNaC7A' }],
  [['--source=-6ZitO4UYyVKX2hxCNaC7A', '--yes'], { source: '-6ZitO4UYyVKX2hxCNaC7A', yes: true }],
  [['--yes', '-h'], { yes: true, help: true }],
])('the words %j give an option its value, also one that begins with a hyphen', (args, values) => {
  expect({ ...parseOptions({ args, options }).values }).toEqual(values)
})

it.each([[['--source', '--yes']], [['--source', '-h']], [['--source']]])(
  'the words %j leave an option without its value, which is an error',
  (args) => {
    expect(() => parseOptions({ args, options })).toThrow('--source')
  },
)

it('a word that looks like short options is refused after an option without a value', () => {
  expect(() => parseOptions({ args: ['--yes', '-abc'], options })).toThrow('unknown option: -a')
})

it.each([
  ['--sorce', 'unknown option: --sorce; did you mean --source? allowed are --source, --yes, --help'],
  ['--ye', 'unknown option: --ye; did you mean --yes? allowed are --source, --yes, --help'],
  ['--nothing', 'unknown option: --nothing; allowed are --source, --yes, --help'],
])('the option %s is refused with the one that was probably meant', (word, message) => {
  expect(() => parseOptions({ args: [word], options })).toThrow(message)
})
