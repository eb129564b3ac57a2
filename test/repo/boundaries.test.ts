import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findViolations, readSources } from '../support/boundaries.ts'
import { makeFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('the module boundaries', () => {
  it('are kept by every file of the product', () => {
    const sources = readSources(ROOT)

    const violations = findViolations(sources)

    expect(Object.keys(sources).length).toBeGreaterThan(30)
    expect(violations).toEqual([])
  })

  it.each([
    [
      'the widget runs code of the relay',
      'widget/submit/send.ts',
      "import { clean } from '../../relay/intake/sanitize.ts'",
      'widget/submit/send.ts:1: imports relay/intake/sanitize.ts, which widget/ may not',
    ],
    [
      'the widget imports the protocol for more than its types',
      'widget/submit/send.ts',
      "import { Problem } from '../../relay/protocol.ts'",
      'widget/submit/send.ts:1: imports relay/protocol.ts, which it may import for its types alone',
    ],
    [
      'the outbox reaches into Marketo',
      'relay/outbox/sqlite/outbox.ts',
      "\nconst soap = await import('../../marketo/soap/sign.ts')",
      'relay/outbox/sqlite/outbox.ts:2: imports relay/marketo/soap/sign.ts, which relay/outbox/ may not',
    ],
    [
      'the app names a runtime',
      'relay/http/app.ts',
      "export { serve } from '../runtime/node/serve.ts'",
      'relay/http/app.ts:1: imports relay/runtime/node/serve.ts, which relay/http/ may not',
    ],
    [
      'a module outside of the Node runtime imports a Node module',
      'relay/marketo/soap/sign.ts',
      "import { createHmac } from 'node:crypto'",
      'relay/marketo/soap/sign.ts:1: imports node:crypto, which relay/marketo/soap/ may not',
    ],
    [
      'one runtime imports a file of another',
      'relay/runtime/cloudflare/worker.ts',
      "import { openSqlite } from '../node/sqlite-file.ts'",
      'relay/runtime/cloudflare/worker.ts:1: imports relay/runtime/node/sqlite-file.ts, which relay/runtime/cloudflare/ may not',
    ],
    [
      'REST imports a file of SOAP',
      'relay/marketo/rest/call.ts',
      "import { readReply } from '../soap/reply.ts'",
      'relay/marketo/rest/call.ts:1: imports relay/marketo/soap/reply.ts, which relay/marketo/rest/ may not',
    ],
    [
      'SOAP imports a file of REST',
      'relay/marketo/soap/call.ts',
      "import { exchange } from '../rest/exchange.ts'",
      'relay/marketo/soap/call.ts:1: imports relay/marketo/rest/exchange.ts, which relay/marketo/soap/ may not',
    ],
    [
      'what both share imports one of them',
      'relay/marketo/names.ts',
      "import { exchange } from './rest/exchange.ts'",
      'relay/marketo/names.ts:1: imports relay/marketo/rest/exchange.ts, which relay/marketo/ may not',
    ],
    [
      'the simulator borrows the relay’s signature',
      'demo/simulator/account.ts',
      "import { sign } from '../../relay/marketo/soap/sign.ts'",
      'demo/simulator/account.ts:1: imports relay/marketo/soap/sign.ts, which demo/simulator/ may not',
    ],
    ['a file belongs to no module', 'stray/file.ts', '', 'stray/file.ts: belongs to no module'],
  ])('report a forbidden import: %s', (_, file, source, message) => {
    const violations = findViolations({ [file]: source })

    expect(violations).toEqual([message])
  })

  it('let the widget import the types of the protocol', () => {
    const violations = findViolations({
      'widget/submit/send.ts': "import type { Problem } from '../../relay/protocol.ts'",
    })

    expect(violations).toEqual([])
  })

  it.each([
    'document',
    'window',
    'navigator',
    'localStorage',
    'process',
    'Buffer',
    'setImmediate',
    'caches',
    'console',
    'performance',
    'fetch',
    'globalThis',
    'Function',
    'setTimeout',
    'Date.now',
    'Math.random',
    'crypto.getRandomValues',
    'crypto.randomUUID',
    'import.meta.dirname',
  ])('report %s in the relay’s core', (use) => {
    const violations = findViolations({ 'relay/outbox/batching.ts': `\nexport const planted = () => ${use}` })

    expect(violations).toEqual([`relay/outbox/batching.ts:2: uses the global ${use}, which relay/outbox/ may not`])
  })

  it.each([
    ['new Date()', 'new Date()'],
    ['new Date', 'new Date()'],
    ['new Date(...[])', 'new Date()'],
    ['Date()', 'Date()'],
    ["Date['now']()", 'Date.now'],
    ['[Date].map((clock) => clock.now())', 'Date'],
    ['(({ now }) => now())(Date)', 'Date'],
    ['Math[name]()', 'Math'],
    ['((random = Math.random) => random())()', 'Math.random'],
    ['globalThis.process.env', 'globalThis.process'],
    ['typeof process', 'process'],
    ['({ process })', 'process'],
    ['`${process.pid}`', 'process.pid'],
    ['new (class extends EventTarget {})()', 'EventTarget'],
  ])('see through another way to write it: %s', (code, use) => {
    const violations = findViolations({ 'relay/admin/x.ts': `const name = ''; export const planted = () => ${code}` })

    expect(violations).toEqual([`relay/admin/x.ts:1: uses the global ${use}, which relay/admin/ may not`])
  })

  it.each([
    ['an ambient declaration', 'declare const process: { pid: number }\nexport const planted = process.pid'],
    [
      'a namesake in another function',
      'export const f = (process: string) => process\nexport const g = () => process.pid',
    ],
    [
      'a namesake in a block',
      'if (f()) { const process = 1; f(process) }\nf(process.pid); function f(..._: number[]) {}',
    ],
    ['a namesake among the types', 'type process = string\nexport const planted = process.pid'],
  ])('are not deceived by %s', (_, source) => {
    const violations = findViolations({ 'relay/admin/x.ts': source })

    expect(violations).toEqual(['relay/admin/x.ts:2: uses the global process.pid, which relay/admin/ may not'])
  })

  it('let the relay’s core use the language, web standards and names of its own', () => {
    const source = `
      import { process } from './process.ts'
      export type Planted = Document | typeof globalThis | { window: Window }
      export { process as fetch }
      export class Clock { performance = 1; document(window: Date) { return window instanceof Date } }
      export const pure = (now: number, { fetch, location: [caches] }: any) => [new Date(now), Date.parse(''), Math.max(1)]
      export async function web() {
        label: for (const window of [new URL('x:y')]) { if (window.host) continue label }
        try { await crypto.subtle.digest('SHA-1', new TextEncoder().encode('')) } catch (document) { throw document }
        return Response.json({ process, console: arguments.length }, { headers: new Headers() })
      }`

    const violations = findViolations({ 'relay/http/x.ts': source.replaceAll('./process.ts', './responses.ts') })

    expect(violations).toEqual([])
  })

  it.each([
    ['the widget', 'widget/submit/send.ts', 'process.env', 'widget/'],
    ['the simulator’s page', 'demo/simulator/ui/index.ts', 'Buffer.from', 'demo/simulator/ui/'],
    ['the simulator', 'demo/simulator/calls.ts', 'document.title', 'demo/simulator/'],
    ['the site', 'demo/site/page.ts', 'localStorage', 'demo/site/'],
    ['the relay on Node', 'relay/runtime/node/serve.ts', 'caches.default', 'relay/runtime/node/'],
    ['the relay in workerd', 'relay/runtime/cloudflare/sql.ts', 'process.env', 'relay/runtime/cloudflare/'],
    ['the command line', 'relay/cli/serve.ts', 'window.name', 'relay/cli/'],
    ['the client for programs', 'relay/marketo/index.ts', 'Math.random', 'relay/marketo/index.ts'],
    ['a file beside it', 'relay/marketo/soap/call.ts', 'globalThis.fetch', 'relay/marketo/soap/'],
  ])('report a global of another runtime in %s', (_, file, use, module) => {
    const violations = findViolations({ [file]: `export const planted = ${use}` })

    expect(violations).toEqual([`${file}:1: uses the global ${use}, which ${module} may not`])
  })

  it.each([
    ['the widget', 'widget/submit/send.ts', '[document.title, Date.now(), crypto.randomUUID()]'],
    ['the relay on Node', 'relay/runtime/node/serve.ts', '[process.env, Date.now(), Math.random(), new Date()]'],
    [
      'the relay in workerd',
      'relay/runtime/cloudflare/sql.ts',
      '[Date.now(), crypto.getRandomValues(new Uint8Array(1))]',
    ],
    ['the client for programs', 'relay/marketo/index.ts', '[globalThis.fetch, Date.now]'],
  ])('let %s use the globals of its runtime', (_, file, code) => {
    const violations = findViolations({ [file]: `export const planted = () => ${code}` })

    expect(violations).toEqual([])
  })
})

/** Type-checks a planted file as a part of the project; resolves with what the compiler reports. */
function compile(project: string, source: string, ...declarations: string[]): Promise<string[]> {
  const folder = makeFolder()
  writeFileSync(join(folder, 'planted.ts'), source)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(ROOT, project),
      include: ['planted.ts', ...declarations.map((file) => join(ROOT, file))],
      exclude: [],
    }),
  )
  return new Promise((resolve) => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    execFile(process.execPath, [tsc, '-p', folder], { cwd: folder }, (_, out) => resolve(out.trim().split('\n')))
  })
}

describe('the types that a module sees', () => {
  it('are those of no runtime in the relay’s core', async () => {
    const errors = await compile(
      'tsconfig.core.json',
      'export const a = [document.title,\nprocess.env.HOME,\ncaches]\nexport let b: HTMLElement,\nc: DurableObjectState',
      'relay/web-standard.d.ts',
    )

    expect(errors).toEqual([
      expect.stringMatching(/^planted\.ts\(1,.*'document'/),
      expect.stringMatching(/^planted\.ts\(2,.*'process'/),
      expect.stringMatching(/^planted\.ts\(3,.*'caches'/),
      expect.stringMatching(/^planted\.ts\(4,.*'HTMLElement'/),
      expect.stringMatching(/^planted\.ts\(5,.*'DurableObjectState'/),
    ])
  })

  it('are those of browsers in the widget', async () => {
    const errors = await compile('tsconfig.browser.json', 'export const a = [document.title,\nprocess.env.HOME]')

    expect(errors).toEqual([expect.stringMatching(/^planted\.ts\(2,.*'process'/)])
  })
})
