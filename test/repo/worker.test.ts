import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { build } from 'vite'
import { expect, it } from 'vitest'
import { readXml } from '../../relay/marketo/soap/xml/reader.ts'
import { WORKER_ALIASES } from '../../vite.config.ts'
import { makeFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')

it('the Worker can be deployed, and its script has at most 60 KB in gzip', () => {
  const out = makeFolder()

  execFileSync('npx', ['wrangler', 'deploy', '--dry-run', '--outdir', out], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
    stdio: 'pipe',
  })

  const script = readdirSync(out).find((name) => name.endsWith('.js')) ?? ''
  const bundle = readFileSync(join(out, script))
  expect(bundle.includes('LeadOutbox')).toBe(true)
  const size = gzipSync(bundle).byteLength
  process.stderr.write(`The Worker's script: ${(size / 1024).toFixed(1)} KB in gzip\n`)
  expect(size).toBeLessThanOrEqual(60 * 1024)
}, 30_000)

const text = fc.stringMatching(/^[A-Za-z0-9 .äß😀\n]{0,12}$/u)
const name = fc.constantFrom('a', 'b:c', 'result', 'ns1:successSyncLead', 'constructor', 'toString', 'br')
const { element } = fc.letrec<{ element: string; inner: string }>((tie) => ({
  inner: fc.oneof(
    { withCrossShrink: true },
    text,
    fc.constantFrom('&amp;', '&lt;', '&#39;', '&#x1F600;', '0071', 'true', '1e5', '<!-- a > b -->', '<?pi x?>'),
    text.map((words) => `<![CDATA[${words} <&>]]>`),
    tie('element'),
  ),
  element: fc
    .tuple(name, fc.array(text, { maxLength: 2 }), fc.array(tie('inner'), { maxLength: 4 }))
    .map(([tag, attributes, inner]) => {
      const written = attributes.map((value, at) => ` x${at}="${value}"`).join('')
      return inner.length === 0 ? `<${tag}${written}/>` : `<${tag}${written}>${inner.join('')}</${tag}>`
    }),
}))
const ENVELOPE = '<e xmlns:b="urn:b" xmlns:ns1="urn:ns1">'
const DOCTYPE = '<!DOCTYPE e [<!ENTITY x "y">]>'

it('the reduced XML parser of the Worker returns the same as fast-xml-parser', async () => {
  const outDir = makeFolder()
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'silent',
    resolve: {
      alias: Object.entries(WORKER_ALIASES).map(([find, file]) => ({ find, replacement: join(ROOT, file) })),
    },
    build: {
      outDir,
      lib: { entry: 'relay/marketo/soap/xml/reader.ts', formats: ['es'], fileName: () => 'tree.mjs' },
      rolldownOptions: { external: /^node:/ },
    },
  })
  const bundle = readFileSync(join(outDir, 'tree.mjs'), 'utf8')
  const reduced = (await import(pathToFileURL(join(outDir, 'tree.mjs')).href)) as { readXml: typeof readXml }

  // The reduced parser was built.
  expect(bundle).toContain('a part that is left out')
  fc.assert(
    fc.property(element, fc.boolean(), fc.nat(400), (document, whole, cut) => {
      const all = `${ENVELOPE}${document}</e>`
      const xml = whole ? all : all.slice(0, cut)
      expect(reduced.readXml(xml)).toEqual(readXml(xml))
    }),
  )
  for (const xml of ['', 'no XML', `${DOCTYPE}<e>&x;</e>`, `<?xml version="1.0"?>${ENVELOPE}&x;</e>`, '<e>a</e><e/>']) {
    expect(reduced.readXml(xml)).toEqual(readXml(xml))
  }
}, 30_000)
