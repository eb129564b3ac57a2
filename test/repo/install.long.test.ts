/** The package as npm installs it into an empty folder: its size, its types, and its first commands on several runtimes. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { pack } from '../../.ci/pack.ts'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import type { PersonView } from '../../demo/simulator/view.ts'
import { freePort } from '../support/process.ts'
import { diskFolder, requireRuntime, requireTool, RUNTIMES, runNpm } from '../support/runtimes.ts'
import { withParent, WORKERD_WITH_PARENT } from '../support/with-parent.ts'
import { compileIn, IN_BROWSERS, ON_NODE, RESOLUTIONS } from './package-programs.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The most that an installation may have, in MB. */
const MAX_MB = 40

const project = mkdtempSync(join(diskFolder(), 'form-sync-install-'))
const modules = join(project, 'node_modules')
const COMMAND = join(modules, 'form-sync/dist/node/form-sync.js')

beforeAll(() => {
  runNpm(project, ['install', pack(mkdtempSync(join(project, 'tarball-')))])
}, 180_000)

afterAll(() => rmSync(project, { recursive: true }))

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Starts a program in the folder of a project, and resolves when its output matches. The test ends it. */
async function start(folder: string, [program = '', ...args]: string[], ready: RegExp, env = {}) {
  const child = spawn(...withParent(program, args), {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += String(chunk)))
  const ended = once(child, 'exit') as Promise<[number | null]>
  onTestFinished(() => void child.kill('SIGKILL'))
  await vi.waitFor(() => expect(printed).toMatch(ready), { timeout: 30_000, interval: 20 })
  return {
    url: ready.exec(printed)?.[1] ?? '',
    async end() {
      child.kill('SIGTERM')
      const [code] = await ended
      return code
    },
  }
}

/** Creates a folder in the project, which finds the project's packages, with the files of `form-sync init`. */
function initProject(): string {
  const folder = mkdtempSync(join(project, 'app-'))
  execFileSync('npx', ['form-sync', 'init'], { cwd: folder, stdio: 'pipe' })
  return folder
}

async function post(relay: string, fields: Record<string, string> = {}): Promise<number> {
  const { status } = await fetch(`${relay}/f/contact`, {
    method: 'POST',
    headers: { accept: 'application/json', origin: 'http://localhost:8080' },
    body: new URLSearchParams({ Email: 'ana@acme.example', LastName: 'Ruiz', ...fields }),
  })
  return status
}

/** Resolves with whether a server listens at the port of the URL. */
function isListening(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Resolves when the lead of `post` has reached the simulator, and nobody else. */
async function expectAna(simulator: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const people = (await (await fetch(`${simulator}/sim/leads`)).json()) as PersonView[]
      expect(people).toMatchObject([{ email: 'ana@acme.example', attributes: { LastName: 'Ruiz' } }])
    },
    { timeout: 40_000, interval: 50 },
  )
}

/** Variables of the simulator's account for each API, at an address. */
const APIS = {
  REST: (url: string) => ({ MARKETO_REST_ENDPOINT: `${url}/rest` }),
  SOAP: (url: string) => ({
    MARKETO_TRANSPORT: 'soap',
    MARKETO_SOAP_ENDPOINT: `${url}/soap/mktows/3_1`,
    MARKETO_USER_ID: DEMO_ACCOUNT.userId,
    MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
  }),
}

/**
 * Runs `serve` while Marketo cannot be reached: posts are replied to, and SIGTERM ends the relay. Another one takes port and
 * folder, and delivers what the first has stored.
 */
async function runRelay(command: string[], folder: string, api: keyof typeof APIS = 'REST'): Promise<void> {
  const simulator = await start(folder, [process.execPath, COMMAND, 'simulator', '--port', '0'], /simulator (\S+)/)
  const id = '0190a8c2-7c1d-4c3e-9f5e-0123456789ab'
  const unreachable = { ...APIS[api](`http://127.0.0.1:${await freePort()}`), PORT: '0' }
  const relay = await start(folder, [...command, 'serve'], /listens at (\S+)/, unreachable)

  expect(await post(relay.url, { _id: id })).toBe(202)
  expect(await post(relay.url, { _id: id })).toBe(202)
  expect(await post(relay.url, { Email: 'no address' })).toBe(422)
  expect((await fetch(`${relay.url}/readyz`)).status).toBe(200)
  expect((await fetch(`${relay.url}/form-sync.js`)).status).toBe(200)
  expect(await relay.end()).toBe(0)
  expect(await isListening(relay.url)).toBe(false)
  const { port } = new URL(relay.url)
  const env = { ...APIS[api](simulator.url), PORT: port }
  const second = await start(folder, [...command, 'serve'], /listens at (\S+)/, env)
  await expectAna(simulator.url)
  expect(await second.end()).toBe(0)
}

/** Uses every entry that needs no page. `pg` is not installed. */
const USES_ENTRIES = `
import { createMarketo } from 'form-sync/marketo'
import { readConfig } from 'form-sync/relay'
import { ConfigError, openPostgres } from 'form-sync/relay/node'
import { createSimulator } from 'form-sync/simulator'
import schema from 'form-sync/forms.schema.json' with { type: 'json' }
import elements from 'form-sync/custom-elements.json' with { type: 'json' }

const reasonOf = (work) => Promise.resolve().then(work).then(() => '', (error) => error.name + ': ' + error.message)
const simulator = createSimulator({ account: { clientSecret: 's' } })
const marketo = createMarketo({ ...simulator.rest, fetch: simulator.fetch })
await marketo.syncLead({ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } })
console.log(JSON.stringify({
  people: (await simulator.people()).map(({ email }) => email),
  refused: await reasonOf(() => readConfig({}, '{}')),
  missing: await reasonOf(() => openPostgres('postgres://127.0.0.1:1/leads', {})),
  documents: [typeof schema.$schema, elements.modules.length, ConfigError.name],
}))
`

describe('the installed package', { timeout: 180_000 }, () => {
  it(`has no more than ${MAX_MB} MB with its dependencies, and no program but its own and those of its dependencies`, () => {
    const mb = sizeOf(modules) / 1e6
    process.stderr.write(`The installed package: ${mb.toFixed(1)} MB in ${readdirSync(modules).length} folders\n`)

    expect(mb).toBeLessThanOrEqual(MAX_MB)
    expect(readdirSync(join(modules, '.bin'))).toContain('form-sync')
    expect(readdirSync(join(modules, '.bin'))).not.toContain('node')
  })

  it.each(Object.keys(RESOLUTIONS) as (keyof typeof RESOLUTIONS)[])(
    'has entries that strict programs find with --moduleResolution %s',
    async (resolution) => {
      const types = join(modules, '@types/node')
      if (!existsSync(types)) {
        mkdirSync(dirname(types), { recursive: true })
        symlinkSync(join(ROOT, 'node_modules/@types/node'), types)
      }

      expect(await compileIn(project, IN_BROWSERS, '', resolution)).toBe('')
      expect(await compileIn(project, ON_NODE, 'node', resolution)).toBe('')
    },
  )

  it('has a manifest in which publint finds nothing', () => {
    const tools = requireTool('publint@0.3.25')

    const printed = execFileSync(join(tools, '.bin/publint'), [join(modules, 'form-sync'), '--strict'], {
      encoding: 'utf8',
    })

    expect(printed).toContain('All good!')
  })

  it('has types in which attw finds nothing', () => {
    const tools = requireTool('@arethetypeswrong/cli@0.18.5')
    const tarball = pack(mkdtempSync(join(project, 'tarball-')))

    const printed = execFileSync(join(tools, '.bin/attw'), [tarball, '--profile', 'esm-only', '--format', 'json'], {
      encoding: 'utf8',
    })

    const { problems } = JSON.parse(printed) as { problems: Record<string, { resolutionKind?: string }[]> }
    const ignored = new Set(['node10', 'node16-cjs'])
    expect(
      Object.values(problems)
        .flat()
        .filter(({ resolutionKind = '' }) => !ignored.has(resolutionKind)),
    ).toEqual([])
    expect(printed).toContain('"./relay/node"')
  })

  it('relays a form with the commands of init, simulator and serve, and ends cleanly at SIGTERM', async () => {
    await runRelay([process.execPath, COMMAND], initProject())
  })

  it('relays a form when npx starts it, and ends when npx gets SIGTERM', async () => {
    const folder = initProject()
    const env = { PORT: '0' }

    const relay = await start(folder, ['npx', 'form-sync', 'serve'], /listens at (\S+)/, env)
    const status = await post(relay.url)
    await relay.end()

    expect(status).toBe(202)
    await vi.waitFor(async () => expect(await isListening(relay.url)).toBe(false), { timeout: 20_000, interval: 20 })
  })

  it('has a Worker that wrangler bundles with the files of init --cloudflare', () => {
    const folder = mkdtempSync(join(project, 'app-'))
    symlinkSync(modules, join(folder, 'node_modules'))
    execFileSync('npx', ['form-sync', 'init', '--cloudflare'], { cwd: folder, stdio: 'pipe' })

    const wrangler = join(ROOT, 'node_modules/.bin/wrangler')
    const printed = execFileSync(wrangler, ['deploy', '--dry-run', '--outdir', 'out'], {
      cwd: folder,
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
      encoding: 'utf8',
      stdio: 'pipe',
    })

    expect(printed).toContain('env.OUTBOX (LeadOutbox)')
    expect(existsSync(join(folder, 'out/worker.js'))).toBe(true)
  })

  it('has a Worker that wrangler dev runs with the files of init --cloudflare, and that ends at SIGTERM', async () => {
    const folder = mkdtempSync(join(project, 'app-'))
    symlinkSync(modules, join(folder, 'node_modules'))
    const simulator = await start(folder, [process.execPath, COMMAND, 'simulator', '--port', '0'], /simulator (\S+)/)
    const account = ['--endpoint', `${simulator.url}/rest`, '--client-id', DEMO_ACCOUNT.clientId]
    execFileSync('npx', ['form-sync', 'init', '--cloudflare', ...account], {
      cwd: folder,
      env: { ...process.env, MARKETO_CLIENT_SECRET: DEMO_ACCOUNT.clientSecret },
      stdio: 'pipe',
    })
    const wrangler = join(ROOT, 'node_modules/.bin/wrangler')
    const quiet = { WRANGLER_SEND_METRICS: 'false', CI: 'true', ...WORKERD_WITH_PARENT }

    const words = [wrangler, 'dev', '--ip', '127.0.0.1', '--port', '0']
    const relay = await start(folder, words, /Ready on (http:\S+)/, quiet)

    expect((await fetch(`${relay.url}/readyz`)).status).toBe(200)
    expect((await fetch(`${relay.url}/form-sync.js`)).status).toBe(200)
    expect(await post(relay.url)).toBe(202)
    await expectAna(simulator.url)
    await relay.end()
    await vi.waitFor(async () => expect(await isListening(relay.url)).toBe(false), { timeout: 20_000, interval: 20 })
  })

  it.each(RUNTIMES.flatMap((runtime) => (['REST', 'SOAP'] as const).map((api) => ({ ...runtime, api }))))(
    'keeps its leads and delivers them by $api on $name',
    async ({ api, ...runtime }) => {
      await runRelay([requireRuntime(runtime), ...runtime.args, COMMAND], initProject(), api)
    },
  )

  it.each(RUNTIMES)('has entries that a program uses on $name, and says what to install for PostgreSQL', (runtime) => {
    const file = join(mkdtempSync(join(project, 'app-')), 'program.js')
    writeFileSync(file, USES_ENTRIES)

    const printed = execFileSync(requireRuntime(runtime), [...runtime.args, file], { cwd: project, encoding: 'utf8' })

    expect(JSON.parse(printed)).toEqual({
      people: ['ana@acme.example'],
      refused: expect.stringMatching(/^ConfigError: .*MARKETO_REST_ENDPOINT/s) as string,
      missing: 'Error: FORM_SYNC_DATABASE needs the package pg, which is not installed. Run "npm install pg@8".',
      documents: ['string', 1, 'ConfigError'],
    })
  })

  it.each([
    { words: ['--version'], code: 0 },
    { words: ['serve', '--prot', '1'], code: 2 },
    { words: ['unknown'], code: 2 },
    { words: ['serve', '--data', 'forms.json'], code: 1 },
  ])('npx form-sync exits with $code for $words', ({ words, code }) => {
    const { status } = spawnSync('npx', ['form-sync', ...words], { cwd: initProject(), stdio: 'pipe' })

    expect(status).toBe(code)
  })
})
