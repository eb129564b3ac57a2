/** `docs/proof.md` names what is checked, and the tests that it names are there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SIMULATED_MUTATIONS } from './mutations.ts'
import { runChecks } from './verdicts/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/proof.md'), 'utf8')

const RULES = runChecks({ submissions: [], jobs: [], calls: [], people: [], periods: [] }).map(({ rule }) => rule)

/** The page has one row for the three rules of limits. */
const LIMITS = / stayed within the limit$/

describe('the page on what is proven', () => {
  it.each(RULES.filter((rule) => !LIMITS.test(rule)))('has a row for the rule: %s', (rule) => {
    expect(PAGE).toContain(`| ${rule} |`)
  })

  it.each(Object.values(SIMULATED_MUTATIONS).map(({ name }) => name))('has a row for the mutation: %s', (name) => {
    expect(PAGE).toContain(`| ${name} |`)
  })

  it('names tests that exist', () => {
    const paths = [...PAGE.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)

    expect(paths.length).toBeGreaterThan(5)
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })
})
