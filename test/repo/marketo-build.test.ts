/** The SOAP client as it is published, built by the test itself. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as Client from '../../relay/marketo/index.ts'

const root = join(import.meta.dirname, '../..')
// In the checkout, where the built file finds its one dependency.
const folder = mkdtempSync(join(root, 'node_modules/.form-sync-marketo-'))

beforeAll(() => {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--mode', 'marketo', '--outDir', folder], { cwd: root, stdio: 'pipe' })
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true }))

describe('the built client for programs', () => {
  it('is one file that imports fast-xml-parser and nothing else', () => {
    const { module, errors } = parseSync('index.js', readFileSync(join(folder, 'index.js'), 'utf8'))

    expect(readdirSync(folder)).toEqual(['index.js'])
    expect(errors).toEqual([])
    expect(module.staticImports.map(({ moduleRequest }) => moduleRequest.value)).toEqual(['fast-xml-parser'])
    expect(module.dynamicImports).toEqual([])
  })

  it('names no global of a runtime', () => {
    const code = readFileSync(join(folder, 'index.js'), 'utf8')

    for (const word of ['process.', 'Buffer', 'require(', 'node:', 'Deno', 'Bun']) expect(code).not.toContain(word)
  })

  it('reports an HTML page as a MarketoError', async () => {
    const { createMarketo, MarketoError } = (await import(/* @vite-ignore */ join(folder, 'index.js'))) as typeof Client
    const marketo = createMarketo({
      endpoint: 'https://mktoapi.example/',
      userId: 'u',
      secretKey: 'k',
      fetch: async () => new Response('<html>'),
    })

    const error: unknown = await marketo.listMObjects().catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(MarketoError)
    expect(String(error)).toBe('MarketoError: listMObjects: HTTP 200 from mktoapi.example: an HTML page')
  })

  it('is the file that form-sync/marketo exports', () => {
    const { exports, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, { default: string }>
      scripts: Record<string, string>
    }

    expect(exports['./marketo']?.default).toBe('./dist/marketo/index.js')
    expect(scripts['build']).toContain('vite build --mode marketo')
  })
})
