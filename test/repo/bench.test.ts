import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const main = join(import.meta.dirname, '../bench/main.ts')

function bench(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

describe('npm run bench', () => {
  it('lists the benches with --help', async () => {
    const { code, out } = await bench('--help')

    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}soap /m)
  })

  it.each([
    ['no name', [], 'no bench is named; use one of accept, backlog, growth, soap, widget'],
    ['an unknown name', ['tea'], 'unknown bench: tea; use one of accept'],
    ['a name that every object has', ['constructor'], 'unknown bench: constructor; use one of accept'],
    ['an API that a bench has no part in', ['growth', 'rest'], 'unknown bench: growth rest; use one of accept'],
    ['two names', ['soap', 'tea'], 'unknown bench: soap tea; use one of accept'],
  ])('measures nothing for %s, and ends with 2', async (_what, words, message) => {
    const { code, out, err } = await bench(...words)

    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(message)
  })
})
