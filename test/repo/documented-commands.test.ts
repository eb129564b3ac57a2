/** Each block of commands in the documents is one that a test runs, or says why not, in one of a few ways. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandBlocks, REASONS } from '../support/documented-commands.ts'

const ROOT = join(import.meta.dirname, '../..')
const fenced = (text: string, language = 'sh') => `# Page\n\n\`\`\`${language}\n${text}\n\`\`\`\n`

describe('the commands of the documents', () => {
  it('are all in blocks that a test runs, or that give a reason; and each reason is used', () => {
    const pages = globSync('{README.md,docs/**/*.md}', { cwd: ROOT })

    const blocks = pages.flatMap((page) => commandBlocks(page, readFileSync(join(ROOT, page), 'utf8')))

    const run = blocks.filter(({ reason }) => reason === undefined)
    expect(run.length).toBeGreaterThan(40)
    expect([...new Set(blocks.flatMap(({ reason = [] }) => reason))].toSorted()).toEqual(REASONS.toSorted())
  })

  it('are read with the place of the block and without its indentation', () => {
    const page = '1. Start:\n\n   ```sh\n   npm start\n     --now\n   ```\n'

    expect(commandBlocks('docs/a.md', page)).toEqual([{ place: 'docs/a.md:3', text: 'npm start\n  --now\n' }])
  })

  it('are not run where the first line is a reason', () => {
    expect(commandBlocks('docs/a.md', fenced('# Takes minutes\nnpm test'))).toMatchObject([{ reason: 'Takes minutes' }])
  })

  it.each([
    { text: '# Needs a holiday\nnpm test', named: 'docs/a.md:3: "# Needs a holiday" is no reason' },
    { text: '# takes minutes\nnpm test', named: 'allowed are: Needs a Cloudflare account, ' },
    { text: 'npm test', language: 'bash', named: 'docs/a.md:3: the language of commands is sh, not bash' },
  ])('are refused with their place and what is allowed: $text', ({ text, language, named }) => {
    expect(() => commandBlocks('docs/a.md', fenced(text, language))).toThrow(named)
  })
})
