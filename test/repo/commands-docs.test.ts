/** docs/commands.md lists every command with its help, as the command prints it. `vitest run -u` writes the page anew. */
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { GROUPS } from '../../relay/cli/commands.ts'

const PAGE = join(import.meta.dirname, '../../docs/commands.md')
const INTRODUCTION = `# Commands

\`npx form-sync <command>\` in a folder with the package; in a checkout \`node relay/cli/form-sync.ts <command>\`. Commands read
variables that the environment does not have from \`.env\` in the working folder. The exit code is 0 when a command did its work, 1
when it failed, and 2 when its words, its options or the configuration are wrong. With \`--json\` standard output is JSON alone.
`

/** Returns what a command prints for \`--help\`. */
async function helpOf(load: () => Promise<(words: string[]) => Promise<number>>): Promise<string> {
  const printed: string[] = []
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: unknown) => void printed.push(String(text))),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
  ]
  try {
    expect(await (await load())(['--help'])).toBe(0)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return printed.join('\n').trim()
}

it('docs/commands.md lists every command with its summary and its help', async () => {
  const table: string[] = []
  const helps: string[] = []
  for (const [group, commands] of Object.entries(GROUPS)) {
    table.push(`| **${group}** | |`)
    for (const [name, { summary, load }] of Object.entries(commands)) {
      table.push(`| [\`${name}\`](#${name}) | ${summary} |`)
      helps.push(`## ${name}\n\n\`\`\`text\n${await helpOf(load)}\n\`\`\`\n`)
    }
  }

  const page = [INTRODUCTION, '| command | effect |\n|---|---|', ...table, '', ...helps].join('\n')

  await expect(page).toMatchFileSnapshot(PAGE)
})
