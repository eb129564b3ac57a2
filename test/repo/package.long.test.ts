/** The package as another project gets it: packed, and installed beside no more than the packages it depends on. */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { pack } from '../../.ci/pack.ts'
import { DEMO_ACCOUNT, serveSimulator } from '../../demo/simulator/serve.ts'
import type { PersonView } from '../../demo/simulator/view.ts'
import { makeFolder } from '../support/folder.ts'
import { askState, OPERATOR } from '../support/operator.ts'
import { startProgram } from '../support/process.ts'
import { compileIn, IN_BROWSERS, IN_TEMPLATES, ON_NODE } from './package-programs.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Packages of the other project's own. */
const OWN = ['@types/node', '@types/react', 'svelte', 'vitest', 'vue']

interface Manifest {
  version: string
  bin: Record<string, string>
  dependencies: Record<string, string>
  exports: Record<string, string | { types: string; default: string }>
  [field: string]: unknown
}

const project = mkdtempSync(join(tmpdir(), 'form-sync-project-'))
const installed = join(project, 'node_modules/form-sync')
let manifest: Manifest

beforeAll(() => {
  if (newest('{widget,relay,demo}/**/*.ts') > newest('dist/{node,types}/**/*')) {
    throw new Error('dist/ is older than the sources: run npm run build')
  }
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', pack(project), '-C', installed, '--strip-components', '1'])
  manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
  for (const name of [...Object.keys(manifest.dependencies), ...OWN]) {
    const link = join(project, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
}, 30_000)

afterAll(() => rmSync(project, { recursive: true }))

/** The time of the last change to any of these files, in epoch milliseconds. */
function newest(pattern: string): number {
  return Math.max(...globSync(pattern, { cwd: ROOT }).map((path) => statSync(join(ROOT, path)).mtimeMs))
}

/** Bundles a script of the other project as Vite does for its pages. Returns all chunks. */
async function bundle(entry: string): Promise<string> {
  const built = (await build({
    configFile: false,
    root: project,
    mode: 'production',
    logLevel: 'warn',
    build: { write: false, rolldownOptions: { input: join(project, entry) } },
  })) as unknown as { output: { code?: string }[] }
  return built.output.map(({ code }) => code ?? '').join('\n')
}

const OWN_RELAY = join(import.meta.dirname, 'own-relay/relay.ts')

describe('the package', () => {
  it('holds every file that its exports name', () => {
    const files = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : [target.types, target.default],
    )

    const missing = files.filter((file) => !statSync(join(installed, file), { throwIfNoEntry: false })?.isFile())

    expect(files.length).toBeGreaterThan(14)
    expect(missing).toEqual([])
  })

  it('holds builds and declarations, and no sources, tests or tools', () => {
    const files = globSync('**/*', { cwd: installed, withFileTypes: true }).filter((entry) => entry.isFile())
    const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))

    const others = paths
      .filter((path) => !/^dist\/(bundler|cloudflare|journeys|marketo|node|relay|types|widget)\//.test(path))
      .toSorted()

    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', 'relay/config/forms.schema.json'])
    expect(paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([])
  })

  it('installs the packages that its files import, and no runtime, driver or tool', () => {
    expect(Object.keys(manifest.dependencies)).toEqual([
      '@fastify/proxy-addr',
      '@hono/node-server',
      '@lit/reactive-element',
      'altcha-lib',
      'disposable-email-domains-js',
      'fast-xml-parser',
      'hono',
      'ipaddr.js',
      'jsonc-parser',
      'rate-limiter-flexible',
    ])
    expect(manifest).toMatchObject({
      peerDependencies: { pg: expect.stringMatching(/^\^8\./) },
      peerDependenciesMeta: { pg: { optional: true } },
    })
    for (const field of ['optionalDependencies', 'devDependencies', 'scripts', 'private', 'allowScripts', 'cloudflare'])
      expect(manifest).not.toHaveProperty(field)
  })

  it('has one command, in plain JavaScript, and no program named like one of another package', () => {
    const command = join(installed, manifest.bin['form-sync'] ?? '')

    expect(Object.keys(manifest.bin)).toEqual(['form-sync'])
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(execFileSync(process.execPath, [command, '--version'], { encoding: 'utf8' })).toBe(`${manifest.version}\n`)
  })

  it('has types that a strict program compiles with', async () => {
    expect(await compileIn(project, IN_BROWSERS)).toBe('')
  })

  it('has types that reject a field that syncLead does not know', async () => {
    const wrong = IN_BROWSERS.replace("{ email: 'ana@acme.example',", "{ mail: 'ana@acme.example',")

    expect(await compileIn(project, wrong)).toContain("'mail' does not exist")
  })

  it('has types of the relay that strict programs on Node compile with, without those of browsers', async () => {
    const programs = [readFileSync(OWN_RELAY, 'utf8'), ON_NODE]

    expect(await Promise.all(programs.map((program) => compileIn(project, program, 'node')))).toEqual(['', ''])
  })

  it.each([
    ['form-sync/marketo', 'MarketoError,createLeadMarketo,createMarketo'],
    [
      'form-sync/relay',
      expect.stringMatching(
        /createApp,createCapacity,createCheckMonitor,createDataKeys,createDispatcher,.*createPostgresOutbox,.*readConfig/,
      ),
    ],
    ['form-sync/relay/node', 'ConfigError,openPostgres,serve'],
    ['form-sync/simulator', 'STANDARD_FIELDS,createSimulator'],
  ])('loads %s by its name, in plain JavaScript', (name, exported) => {
    const code = `import('${name}').then((all) => console.log(Object.keys(all).sort().join()))`

    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: project,
      encoding: 'utf8',
    })

    expect(printed.trim()).toEqual(exported)
  })
})

describe('the element in the templates of React, Vue and Svelte', () => {
  it('has types of its attributes and events', async () => {
    expect(await compileIn(project, IN_TEMPLATES)).toBe('')
  })

  it('has no event and no theme of another name', async () => {
    const wrong = IN_TEMPLATES.replace("theme: 'plain'", "theme: 'plian'").replace('onFormSyncFailed', 'onFormSyncLost')

    const errors = await compileIn(project, wrong)

    expect(errors).toContain('"plian"')
    expect(errors).toContain('onFormSyncLost')
  })
})

describe('the manifest of custom elements', () => {
  it('lists what the class documents', () => {
    const file = join(installed, manifest.customElements as string)
    const { modules } = JSON.parse(readFileSync(file, 'utf8')) as Record<'modules', { declarations: object[] }[]>
    const [element] = modules[0]!.declarations as Record<string, { name: string; description: string }[]>[]
    const names = (key: string): string[] => element![key]!.map(({ name }) => name)

    expect(names('events')).toEqual(['form-sync-sending', 'form-sync-sent', 'form-sync-failed'])
    expect(names('attributes')).toEqual(expect.arrayContaining(['for', 'also', 'theme', 'munchkin-id']))
    expect(names('slots')).toEqual(expect.arrayContaining(['', 'sent', 'failed', 'retry']))
    expect(names('members')).toEqual(
      expect.arrayContaining(['state', 'messages', 'ready', 'form', 'values', 'set', 'submit', 'reset']),
    )
    expect(names('members').filter((name) => /^(globals|takeForm|handleEvent|update)$/.test(name))).toEqual([])
    const described = ['members', 'events', 'attributes'].flatMap((key) => element![key]!)
    expect(described.filter(({ description }) => description === '')).toEqual([])
  })
})

describe('a bundle of a page that imports the widget', () => {
  it('has the reactive element of Lit, and neither lit-html nor its Trusted Types policy', async () => {
    writeFileSync(join(project, 'page.js'), "import 'form-sync'")

    const code = await bundle('page.js')

    expect(code).toContain('reactiveElementVersions')
    expect(code).toContain('form-sync-sending')
    expect(code).not.toMatch(/litHtmlVersions|lit\$|createPolicy/)
  })
})

describe('the test suite of a stranger', () => {
  it('tests code of its own against the simulator in its own process, with its own fields', async () => {
    const suite = join(project, 'crm')
    cpSync(join(ROOT, 'test/strangers/crm'), suite, { recursive: true })
    const report = join(project, 'report.json')
    const words = ['run', '--reporter=json', `--outputFile=${report}`, '--root', suite]

    execFileSync(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...words], {
      env: { PATH: process.env['PATH'] },
    })

    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ success: true, numPassedTests: 3 })
  })
})

describe('a relay on a runtime of its own', () => {
  it('stores a lead that survives its end, and delivers it to Marketo', { timeout: 30_000 }, async () => {
    const folder = makeFolder()
    const forms = {
      contact: { origins: ['https://www.acme.example'], fields: { Email: { type: 'email', required: true } } },
    }
    writeFileSync(join(folder, 'forms.json'), JSON.stringify({ forms }))
    const program = join(project, 'relay.ts')
    copyFileSync(OWN_RELAY, program)
    const simulator = await serveSimulator({ port: 0 })
    onTestFinished(() => simulator.close())
    const start = async (marketo: string) => {
      const env = {
        MARKETO_SOAP_ENDPOINT: `${marketo}/soap/mktows/3_1`,
        MARKETO_USER_ID: DEMO_ACCOUNT.userId,
        MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
        // The lease of the killed relay's call ends soon.
        MARKETO_TIMEOUT: '1',
        ...OPERATOR,
        OUTBOX: join(folder, 'outbox.sqlite'),
        FORMS: join(folder, 'forms.json'),
        PORT: '0',
      }
      const relay = await startProgram([program], env, /listens at (\d+)/)
      onTestFinished(async () => void (await relay.end()))
      return { relay, url: `http://127.0.0.1:${relay.ready[1]}` }
    }

    // Nothing listens at port 9.
    const first = await start('http://127.0.0.1:9')
    const response = await fetch(`${first.url}/f/contact`, {
      method: 'POST',
      headers: { accept: 'application/json', origin: 'https://www.acme.example' },
      body: new URLSearchParams({ Email: 'ana@acme.example' }),
    })
    await first.relay.end('SIGKILL')
    const second = await start(simulator.url)

    expect(response.status).toBe(202)
    await vi.waitFor(
      async () => {
        const people = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]
        expect(people).toMatchObject([{ email: 'ana@acme.example' }])
        expect(await (await askState(second.url)).json()).toMatchObject({ backlog: 0, delivered: 1 })
      },
      { timeout: 20_000, interval: 100 },
    )
  })
})
