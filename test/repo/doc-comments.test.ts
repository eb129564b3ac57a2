import { describe, expect, it } from 'vitest'
import { checkLanguage, readDiscarded, readOpenings } from '../support/doc-comments.ts'

const wrongIn = (source: string) => readOpenings('relay/x.ts', source).wrong

describe('the opening of a doc comment', () => {
  it.each([
    'What stands where.',
    'Whoever died with calls in his hands keeps them.',
    'How long it lasts, in ms.',
    'So long it must last before it is told.',
    'One that rings a little early does no harm.',
    'All that is wrong.',
    'The same, but for servers.',
    'None where there is no such time.',
    'Without a key it admits nobody.',
    'Longer than this nobody is kept waiting.',
    'Told when a damaged outbox was set aside.',
    'Is this a server that may call?',
    'It failed, and is due again.',
  ])('has no subject: %s', (text) => {
    expect(wrongIn(`/** ${text} */\nconst x = 1`)).toEqual([{ file: 'relay/x.ts', line: 1, text }])
  })

  it.each([
    'Returns the whole body.',
    'Does the same for servers.',
    'Maximum wait for a call slot, in ms.',
    'The outbox on SQLite.',
    'The same outbox for several accounts.',
    'Wholesale price.',
    'Called when a lead was added.',
    'True when no byte was sent.',
    '`POST /v1/leads`: the whole of syncLead for servers.',
    '0 picks a free port.',
    '@param now epoch milliseconds',
  ])('is a verb or a noun phrase: %s', (text) => {
    expect(wrongIn(`/** ${text} */\nconst x = 1`)).toEqual([])
  })

  it('is read across lines and from the members of types, and not from other comments', () => {
    const source = `/**
 * What this file
 * is about.
 */
// What a line says.
/* What a block says. */
export interface X {
  /** Where it lies. */
  file: string
}`

    expect(readOpenings('relay/x.ts', source)).toEqual({
      total: 2,
      wrong: [
        { file: 'relay/x.ts', line: 1, text: 'What this file is about.' },
        { file: 'relay/x.ts', line: 8, text: 'Where it lies.' },
      ],
    })
  })
})

describe('a declared name', () => {
  it.each([
    ['const PATIENCE = 5_000', 'PATIENCE'],
    ['const RECEIPT_PATIENCE_MS = 5_000', 'RECEIPT_PATIENCE_MS'],
    ['const PROBES = 3', 'PROBES'],
    ['export function readHalt() {}', 'readHalt'],
    ['export const f = (otherwise: number) => otherwise', 'otherwise'],
    ['const { a: tally, ...rest } = f()', 'tally'],
    ['const [{ opensAt = 1 }] = f()', 'opensAt'],
    ['class Mending {}', 'Mending'],
    ['class X { #setAside = 1 }', '#setAside'],
    ['class X { moveDesk() {} }', 'moveDesk'],
    ['interface DeskRow {}', 'DeskRow'],
    ['interface X { sociable: boolean }', 'sociable'],
    ['interface X { reseat(): void }', 'reseat'],
    ['type X = { f: (complain: () => void) => void }', 'complain'],
    ['type Trouble = string', 'Trouble'],
    ['const x = { allowance: 1 }', 'allowance'],
    ['try {} catch (trouble) {}', 'trouble'],
  ])('holds a discarded word: %s', (source, name) => {
    const text = name.replace('#', '')

    expect(readDiscarded('relay/x.ts', `\n${source}`)).toEqual([{ file: 'relay/x.ts', line: 2, text }])
  })

  it.each([
    "const event = 'set-aside'",
    'const { desk: control } = f()',
    'f(row.allowance, { [halt]: 1 })',
    "import { tally } from 'other'",
    'const helpdesk = 1, mention = 2, probes = 3, almost = 4, paperSize = 5',
    '// the desk is a discarded word\nconst x = 1',
  ])('holds none: %s', (source) => {
    expect(readDiscarded('relay/x.ts', source)).toEqual([])
  })

  it('may keep a discarded word where old tables are read', () => {
    const source = 'type Row = { allowance: string; halt: string; desk: string }'

    const names = readDiscarded('relay/outbox/postgres/schema.ts', source).map(({ text }) => text)

    expect(names).toEqual(['desk'])
  })
})

describe('the check of all files', () => {
  const right = (count: number) => '/** Returns it. */\n'.repeat(count)

  it('lets less than 5 % of the comments of a folder open without a subject', () => {
    const { problems, shares } = checkLanguage({ 'relay/a.ts': right(20), 'relay/b.ts': '/** What it is. */' })

    expect(problems).toEqual([])
    expect(shares[0]).toBe('relay/ 1 of 21 (4.8 %)')
  })

  it('reports each of them with file and line from 5 % on', () => {
    const { problems } = checkLanguage({
      'relay/a.ts': right(100),
      'widget/a.ts': right(18),
      'widget/b.ts': `\n\n/** What it is. */`,
    })

    expect(problems).toEqual(['widget/b.ts:3: opens without a subject: What it is.'])
  })

  it('reports every discarded name', () => {
    const { problems } = checkLanguage({ 'demo/a.ts': 'const weather = 1\n\nconst fateOf = 2' })

    expect(problems).toEqual([
      'demo/a.ts:1: rename weather: the project has discarded the word',
      'demo/a.ts:3: rename fateOf: the project has discarded the word',
    ])
  })
})
