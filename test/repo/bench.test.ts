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
  it('tells with --help what there is', async () => {
    const { code, out } = await bench('--help')

    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}soap /m)
  })

  it.each([
    ['none', [], 'Which bench?'],
    ['one that is not there', ['tea'], '"tea" is no bench.'],
    ['one that every object has', ['constructor'], '"constructor" is no bench.'],
    ['two', ['soap', 'tea'], '"soap tea" is no bench.'],
  ])('measures nothing for %s, and ends with 2', async (_what, words, complaint) => {
    const { code, out, err } = await bench(...words)

    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(complaint)
  })
})
