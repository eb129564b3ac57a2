import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutate } from './mutate.ts'
import { MUTATIONS } from './mutations.ts'
import { applyChange, prepend, replace, replaceBody } from './symbols.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('the mutations of the relay', () => {
  it.each(
    Object.entries(MUTATIONS).flatMap(([platform, list]) =>
      list.map((mutation) => [`${platform}: ${mutation.name}`, mutation] as const),
    ),
  )('fit the source: %s', (_, mutation) => {
    const files = mutate(ROOT, mutation)

    expect([...files.keys()]).toEqual([...new Set(mutation.changes.map(({ file }) => file))])
  })

  it('name a file that does not exist', () => {
    const gone = { name: '', changes: [{ file: 'relay/gone.ts', symbol: 'add', change: replaceBody('') }] }

    expect(() => mutate(ROOT, gone)).toThrow('relay/gone.ts does not exist')
  })
})

const SOURCE = `
/** “Quoted” text, so that bytes and characters differ. */
const LIMIT = 2 * 3
export function add(lead: string): string {
  return 'INSERT ' + lead
}
export const open = (path: string) => {
  const other = () => 1
  return {
    add(lead: string) {
      return add(lead) + LIMIT
    },
    other,
    run: (sql: string) => add(sql),
  }
}
export class Outbox {
  readonly #add = (lead: string) => add(lead)
  constructor(readonly limit: number) {}
  add(lead: string) { return this.#add(lead) }
}
`

function change(symbol: string, how: ReturnType<typeof replace>): string {
  return applyChange(SOURCE, { file: 'outbox.ts', symbol, change: how })
}

describe('a change of a symbol', () => {
  it.each([
    ['a constant', 'LIMIT', replaceBody('0'), 'const LIMIT = 2 * 3', 'const LIMIT = 0'],
    ['a function', 'add', replaceBody("{ return '' }"), "{\n  return 'INSERT ' + lead\n}", "{ return '' }"],
    ['a method of an object', 'open.add', replace('+ LIMIT', ''), ' + LIMIT', ' '],
    ['a property that is a function', 'open.run', replaceBody('sql'), '=> add(sql)', '=> sql'],
    ['a function within another', 'open.other', replaceBody('2'), '() => 1', '() => 2'],
    ['a method', 'Outbox.add', replace('this.#add(lead)', 'lead'), 'return this.#add(lead)', 'return lead'],
    ['a private field', 'Outbox.#add', replaceBody('lead'), '=> add(lead)\n  con', '=> lead\n  con'],
    ['a constructor', 'Outbox.constructor', prepend('this.x()'), 'number) {}', 'number) {\nthis.x()\n}'],
  ])('changes %s, and nothing else', (_, symbol, how, before, after) => {
    expect(SOURCE.split(before)).toHaveLength(2)
    expect(change(symbol, how)).toBe(SOURCE.replace(before, after))
  })

  it('finds its text where lines are broken elsewhere', () => {
    expect(change('open.add', replace('return\n  add(lead)\n + LIMIT', 'return lead'))).toBe(
      SOURCE.replace('return add(lead) + LIMIT', 'return lead'),
    )
  })

  it.each([
    ['the symbol is not there', 'remove', replaceBody('0'), 'outbox.ts has no symbol remove'],
    ['the symbol is within another', 'run', replaceBody('0'), 'outbox.ts has no symbol run'],
    ['the symbol is not there within another', 'open.remove', replaceBody('0'), 'outbox.ts has no symbol open.remove'],
    [
      'its text is not there',
      'open.add',
      replace('INSERT', 'UPDATE'),
      'outbox.ts, open.add: “INSERT” is in the symbol 0 times; it must be there once',
    ],
    [
      'its text is there twice',
      'open.add',
      replace('lead', 'id'),
      'outbox.ts, open.add: “lead” is in the symbol 2 times; it must be there once',
    ],
    ['nothing changes', 'LIMIT', replaceBody('2 * 3'), 'outbox.ts, LIMIT: the change leaves the source as it is'],
    ['the result is not valid', 'LIMIT', replaceBody('2 *'), 'outbox.ts, LIMIT: the changed source is not valid'],
    ['there is no block', 'open.run', prepend('0'), 'outbox.ts, open.run: the symbol has no block'],
  ])('is refused where %s', (_, symbol, how, message) => {
    expect(() => change(symbol, how)).toThrow(message)
  })

  it('is refused where several symbols have its name', () => {
    const source = 'class A { add() {} }\nfunction f() { const add = 1; { const add = 2 } }'
    const both = { file: 'twice.ts', symbol: 'f.add', change: replaceBody('0') }

    expect(() => applyChange(source, both)).toThrow('twice.ts has 2 symbols f.add; name the one it is within')
  })
})
