import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const TABLE = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| who |'))

it('SECURITY.md: each attack of the table names tests that exist', () => {
  const missing = TABLE.flatMap((line) => {
    const paths = Array.from((line.split(' | ').at(-1) ?? '').matchAll(/`(test\/[^`]+)`/g), ([, path = '']) => path)
    const isTested = (path: string) =>
      existsSync(join(ROOT, path)) &&
      (statSync(join(ROOT, path)).isFile() || globSync('**/*.test.ts', { cwd: join(ROOT, path) }).length > 0)
    return paths.length > 0 && paths.every(isTested) ? [] : [line]
  })

  expect(TABLE.length).toBeGreaterThan(10)
  expect(missing).toEqual([])
})
