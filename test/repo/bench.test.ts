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
  it('lists the benchmarks with --help', async () => {
    const { code, out } = await bench('--help')

    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}soap /m)
  })

  it.each([
    ['no name', [], 'Which bench?'],
    ['an unknown name', ['tea'], '"tea" is no bench.'],
    ['a name that every object has', ['constructor'], '"constructor" is no bench.'],
    ['two names', ['soap', 'tea'], '"soap tea" is no bench.'],
  ])('exits with code 2 and a message for %s', async (_, words, message) => {
    const { code, out, err } = await bench(...words)

    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(message)
  })
})
