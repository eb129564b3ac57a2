import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { build } from 'vite'
import { expect, it, onTestFinished, vi } from 'vitest'
import { buildWorker } from '../../demo/build-worker.ts'
import type * as Config from '../../relay/config/config.ts'
import { readXml } from '../../relay/marketo/soap/xml/reader.ts'
import { WORKER_ALIASES } from '../../vite.config.ts'
import { makeFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')

it('a Worker that was built for REST alone says so when the variables of SOAP are set', async () => {
  vi.stubEnv('MARKETO_TRANSPORT', 'rest')
  onTestFinished(() => void vi.unstubAllEnvs())
  const built = await buildWorker(makeFolder(), join(ROOT, 'relay/config/config.ts'))
  const { readConfig } = (await import(pathToFileURL(built).href)) as typeof Config
  const env = { MARKETO_SOAP_ENDPOINT: 'https://m.example/soap', MARKETO_USER_ID: 'u', MARKETO_SECRET_KEY: 'k' }

  expect(() => readConfig(env, { forms: {} })).toThrow(
    'MARKETO_SOAP_ENDPOINT, MARKETO_USER_ID, MARKETO_SECRET_KEY: cannot be used: this Worker was built for REST alone; build it without MARKETO_TRANSPORT=rest',
  )
})

it('the module that a Durable Object loads for operators has all of their methods', async () => {
  const own = await import('../../relay/runtime/cloudflare/maintenance.ts')

  expect(Object.keys(own).toSorted()).toEqual(
    Object.keys(await import('../../relay/outbox/sqlite/maintenance.ts')).toSorted(),
  )
})

it('the Worker is not built for a transport that there is not', async () => {
  vi.stubEnv('MARKETO_TRANSPORT', 'push')
  onTestFinished(() => void vi.unstubAllEnvs())

  await expect(buildWorker(makeFolder())).rejects.toThrow('MARKETO_TRANSPORT is push; use rest or soap')
})

const text = fc.stringMatching(/^[A-Za-z0-9 .äß😀\n\r\t>]{0,12}$/u)
const RESERVED = ['constructor', 'prototype', '__proto__', 'toString', 'valueOf', 'hasOwnProperty', '__lookupGetter__']
const name = fc.constantFrom('a', 'b:c', 'result', 'ns1:successSyncLead', 'br', ...RESERVED)
const attribute = fc
  .tuple(
    fc.oneof(fc.constantFrom('x', 'y', 'b:z', 'xmlns:q', 'xmlns', ...RESERVED), fc.constant('ns1:nil')),
    fc.oneof(text, fc.constantFrom('true', '/', '/>', '>', 'urn:b', '&quot;', '=', ' x = y ')),
    fc.constantFrom('"', "'"),
    fc.constantFrom('', ' ', '\n', '\t'),
  )
  .map(([key, value, quote, blank]) => ` ${blank}${key}${blank}=${blank}${quote}${value}${quote}`)
const { element } = fc.letrec<{ element: string; inner: string }>((tie) => ({
  inner: fc.oneof(
    { withCrossShrink: true },
    text,
    fc.constantFrom(
      '&amp;',
      '&lt;',
      '&#39;',
      '&#x1F600;',
      '0071',
      'true',
      '1e5',
      '"',
      "it's",
      '<!-- a > b -->',
      '<!--<a>-->',
    ),
    text.map((words) => `<![CDATA[${words} <&>]]>`),
    tie('element'),
  ),
  element: fc
    .tuple(
      name,
      fc.array(attribute, { maxLength: 2 }),
      fc.array(tie('inner'), { maxLength: 4 }),
      fc.constantFrom('', ' ', '\r\n'),
    )
    .map(([tag, attributes, inner, blank]) => {
      const start = `<${tag}${attributes.join('')}${blank}`
      return inner.length === 0 ? `${start}/>` : `${start}>${inner.join('')}</${tag}${blank}>`
    }),
}))
const PROLOGS = ['', '<?xml version="1.0" encoding="UTF-8"?>\r\n', '\n<!-- <e> -->\n']
const ENVELOPE = '<e xmlns:b="urn:b" xmlns:ns1="urn:ns1">'
const nested = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
const DOCTYPE = '<!DOCTYPE e [<!ENTITY x "y">]>'

it('the XML parser of the Worker returns the same as fast-xml-parser', async () => {
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

  expect(bundle).not.toContain('Unpaired tag')
  fc.assert(
    fc.property(fc.constantFrom(...PROLOGS), element, fc.boolean(), fc.nat(400), (prolog, document, whole, cut) => {
      const all = `${prolog}${ENVELOPE}${document}</e>\n<!-- end -->\n`
      const xml = whole ? all : all.slice(0, cut)
      expect(reduced.readXml(xml)).toEqual(readXml(xml))
    }),
    { numRuns: 2_000 },
  )
  for (const xml of [
    '',
    'no XML',
    `${DOCTYPE}<e>&x;</e>`,
    `<?xml version="1.0"?>${ENVELOPE}&x;</e>`,
    '<e>a</e><e/>',
    nested(32),
    nested(33),
  ]) {
    expect(reduced.readXml(xml)).toEqual(readXml(xml))
  }
}, 30_000)
