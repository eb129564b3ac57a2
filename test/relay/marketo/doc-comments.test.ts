import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { makeFolder } from '../../support/folder.ts'

const ROOT = join(import.meta.dirname, '../../..')
const ENTRY = join(ROOT, 'relay/marketo/index.ts')
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

/** Sources of the package entry. The transport is the relay's own. */
const SOURCES = globSync('relay/marketo/**/*.ts', { cwd: ROOT })
  .filter((file) => !file.endsWith('soap/transport.ts'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))

const EXPORTS = parseSync(ENTRY, readFileSync(ENTRY, 'utf8')).module.staticExports.flatMap(({ entries }) =>
  entries.flatMap(({ exportName }) => exportName.name ?? []),
)

/** Returns the doc comment of an exported declaration, or ''. */
function docCommentOf(name: string): string {
  const declaration = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\nexport (?:function|class|interface|type) ${name}\\b`)
  return SOURCES.flatMap((source) => declaration.exec(source)?.[1] ?? []).join('')
}

/** Returns the code of all examples in doc comments. */
function examples(): string[] {
  return SOURCES.flatMap((source) =>
    [...source.matchAll(/\* @example\n *\*\n *\* ```ts\n((?: *\* .*\n)*?) *\* ```/g)].map(([, code = '']) =>
      code.replaceAll(/^ *\* /gm, ''),
    ),
  )
}

describe('the doc comments of form-sync/marketo', () => {
  it.each(EXPORTS)('have an example for %s', (name) => {
    expect(docCommentOf(name)).toContain('@example')
  })

  it('have examples that compile', () => {
    const folder = makeFolder()
    const imports = `import { ${EXPORTS.join(', ')} } from '${ENTRY}'\n`
    const files = examples().map((code, at) => {
      const client = code.includes('const marketo =') ? '' : 'declare const marketo: Marketo\n'
      writeFileSync(join(folder, `example-${at}.ts`), imports + client + code)
      return `example-${at}.ts`
    })
    const options = '--noEmit --strict --target es2024 --module esnext --moduleResolution bundler'.split(' ')

    const { stdout } = spawnSync(
      process.execPath,
      [TSC, ...options, '--allowImportingTsExtensions', '--types', '', ...files],
      { cwd: folder, encoding: 'utf8' },
    )

    expect(stdout).toBe('')
    expect(files).toHaveLength(SOURCES.flatMap((source) => source.match(/\* @example$/gm) ?? []).length)
    expect(files.length).toBeGreaterThan(EXPORTS.length)
  })
})
