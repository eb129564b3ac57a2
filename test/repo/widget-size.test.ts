/** The widget as it is published, built by the test itself: its size and its parts. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { Script } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'form-sync-build-'))

beforeAll(() => {
  for (const mode of ['widget', 'bundler']) {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    execFileSync(process.execPath, [vite, 'build', '--mode', mode, '--outDir', join(folder, mode), '--sourcemap'], {
      cwd: root,
      stdio: 'pipe',
      // Vitest's own NODE_ENV would put Lit's development code into the build.
      env: { ...process.env, NODE_ENV: 'production' },
    })
  }
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true }))

const CLASSIC = 'form-sync-classic.js'

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

const scriptsOf = (mode: string): string[] => readdirSync(join(folder, mode)).filter((name) => name.endsWith('.js'))

/** Returns the size of a script of the widget in brotli, without the address of its source map. */
function sizeOf(name: string): number {
  return brotliCompressSync(read(`widget/${name}`).replace(/\n\/\/# sourceMappingURL=.*/, '')).byteLength
}

/** Returns the sources of a build, as paths from the repository's root. */
function sourcesOf(mode: string): string[] {
  return readdirSync(join(folder, mode))
    .filter((name) => name.endsWith('.map'))
    .flatMap((name) => (JSON.parse(read(`${mode}/${name}`)) as { sources: string[] }).sources)
    .map((source) => relative(root, resolve(folder, mode, source)))
}

describe('the single file for pages', () => {
  it('has with its parts the sizes that the README states, and no other part', () => {
    const rows = readFileSync(join(root, 'README.md'), 'utf8').matchAll(
      /^\| `(form-sync[\w.-]*\.js)` \|.*\| (\d+) \|$/gm,
    )
    const limits = Object.fromEntries(Array.from(rows, ([, name, limit]) => [name, Number(limit)]))
    const published = scriptsOf('widget').filter((name) => !/\.[\da-f]{8}\.js$/.test(name))

    const sizes = Object.fromEntries(published.map((name) => [name, sizeOf(name)]))

    expect(limits['form-sync.js']).toBe(7500)
    expect(Object.keys(limits).toSorted()).toEqual(published.toSorted())
    expect(published.filter((name) => sizes[name]! > limits[name]!)).toEqual([])
    // A limit that is far above the size says nothing.
    expect(published.filter((name) => sizes[name]! < limits[name]! * 0.75)).toEqual([])
  })

  it('contains the widget alone', () => {
    const { sources } = JSON.parse(read('widget/form-sync.js.map')) as { sources: string[] }
    const paths = sources.map((source) => relative(root, resolve(folder, 'widget', source)))

    expect(paths.length).toBeGreaterThan(10)
    expect(paths.filter((path) => !path.startsWith('widget/'))).toEqual([])
    expect(paths.filter((path) => /^widget\/(attach|challenge|consent|debug|diagnosis)\//.test(path))).toEqual([])
  })

  it('has a part for challenges without a worker and without eval', () => {
    expect(read('widget/form-sync-challenge.js')).not.toMatch(/Worker|eval|Function\(|blob:/)
  })

  it.each([
    'mktows',
    'requestSignature',
    'syncLead',
    'MARKETO_',
    'SecretKey',
    'hono',
    'outbox',
    'createHmac',
    'importKey',
  ])('does not contain %s', (word) => {
    expect(read('widget/form-sync.js').toLowerCase().includes(word.toLowerCase())).toBe(false)
  })

  it('imports no other file but the parts on demand, which import none', () => {
    const parts = scriptsOf('widget').filter((name) => name.startsWith('form-sync-') && name !== CLASSIC)
    const imported = Array.from(
      read('widget/form-sync.js').matchAll(/\bimport\b\(?(?:[`'"]([^`'"]*))?/g),
      ([, from]) => from,
    )

    expect(new Set(imported)).toEqual(new Set(parts.map((name) => `./${name}`)))
    expect(parts).toEqual([
      'form-sync-attach.js',
      'form-sync-challenge.js',
      'form-sync-consent.js',
      'form-sync-debug.js',
      'form-sync-diagnosis.js',
    ])
    expect(parts.filter((name) => /\bimport\b/.test(read(`widget/${name}`)))).toEqual([])
  })

  it('has a copy that is named after its content, with a digest to pin it by', () => {
    const { script, integrity } = JSON.parse(read('widget/form-sync.json')) as { script: string; integrity: string }
    const digest = createHash('sha384')
      .update(read(`widget${script}`))
      .digest('base64')

    expect(integrity).toBe(`sha384-${digest}`)
    expect(read(`widget${script}`)).toBe(read('widget/form-sync.js'))
    expect(read('widget/_headers')).toContain(`${script}\n  Cache-Control: public, max-age=31536000, immutable`)
  })
})

describe('the script for pages that load no module', () => {
  it('is the same code, which is no module and leaves no name on the page', () => {
    const script = read(`widget/${CLASSIC}`)
    // The code of such a script has no `export` and no `import … from`.
    const parse = (): unknown => new Script(script)
    const module = read('widget/form-sync.js').replace(/export\s*\{[^}]*\};?\s*(\/\/.*\s*)?$/, '')

    expect(parse).not.toThrow()
    expect(script.startsWith(`(()=>{${module.slice(0, 1000)}`)).toBe(true)
    expect(script.trimEnd().endsWith('})()')).toBe(true)
  })
})

describe('the files for bundlers', () => {
  it('contain no part of Lit', () => {
    const sources = sourcesOf('bundler')

    expect(sources.length).toBeGreaterThan(10)
    expect(sources.filter((source) => !source.startsWith('widget/'))).toEqual([])
    expect(scriptsOf('bundler').some((name) => read(`bundler/${name}`).includes('from"@lit/reactive-element"'))).toBe(
      true,
    )
  })

  it('register the element in one file only, so that the class can be imported without it', () => {
    const registering = scriptsOf('bundler').filter((name) => read(`bundler/${name}`).includes('customElements.define'))

    expect(registering).toEqual(['index.js'])
  })
})
