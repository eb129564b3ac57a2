/** `docs/soap-to-rest.md` names a test for each rule, and the tests are there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const [PAGE = ''] = readFileSync(join(ROOT, 'docs/soap-to-rest.md'), 'utf8').split(
  "## What Adobe's documents leave open",
)

/** The rows of the tables with a rule. */
const ROWS = PAGE.split('\n')
  .filter((line) => /^\|(?!-| rule)/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))

it('each rule of the page on REST has a test that exists', () => {
  const missing = ROWS.filter(([, , , test = '']) => {
    const [, path = '', title = ''] = /^`(test\/[^`]+)`: (.+)$/.exec(test) ?? []
    return !existsSync(join(ROOT, path)) || !readFileSync(join(ROOT, path), 'utf8').includes(`'${title}'`)
  })

  expect(ROWS.length).toBeGreaterThan(20)
  expect(missing.map(([, rule]) => rule)).toEqual([])
})
