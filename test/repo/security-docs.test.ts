import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { titlesIn } from '../support/test-titles.ts'

const ROOT = join(import.meta.dirname, '../..')
const TABLE = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| who |'))

/** Returns the tests that the last column of a row names, each as file and title. */
function testsOf(row: string): [file: string, title: string][] {
  const named = row.split(' | ').at(-1) ?? ''
  return Array.from(named.matchAll(/`(test\/[^`]+)`((?:[\s,]*“[^”]+”)+)/g), ([, file = '', titles = '']) =>
    Array.from(titles.matchAll(/“([^”]+)”/g), ([, title = '']): [string, string] => [file, title]),
  ).flat()
}

function exists([file, title]: [string, string]): boolean {
  const path = join(ROOT, file)
  return existsSync(path) && titlesIn(file, readFileSync(path, 'utf8')).includes(title)
}

describe('SECURITY.md', () => {
  it('names for each attack of the table a test that exists, by its file and title', () => {
    const missing = TABLE.flatMap((row) => {
      const tests = testsOf(row)
      return tests.length === 0 ? [`no test in: ${row}`] : tests.filter((test) => !exists(test)).map(String)
    })

    expect(TABLE.length).toBeGreaterThan(20)
    expect(missing).toEqual([])
  })

  it('names no file of tests without a title', () => {
    const bare = TABLE.flatMap((row) => {
      const named = new Set(testsOf(row).map(([file]) => file))
      return Array.from(row.matchAll(/`(test\/[^`]+)`/g), ([, file = '']) => file).filter((file) => !named.has(file))
    })

    expect(bare).toEqual([])
  })
})

describe('the titles in a file of tests', () => {
  it('are those of each test, also where it has cases, and not those of a suite', () => {
    const text = `describe('s', () => {
      it('one', () => {})
      it.each([[1]])('each %s', (n) => expect(n).toBe('not one'))
      it.runIf(x)(\`\${name}: templates\`, () => {})
    })`

    expect(titlesIn('a.test.ts', text)).toEqual(['one', 'each %s', '…: templates'])
  })
})
