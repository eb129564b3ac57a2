/** The package as npm installs it into an empty folder: its size, its types, and its first commands on several runtimes. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { pack } from '../../.ci/pack.ts'
import type { PersonView } from '../../demo/simulator/view.ts'
import { diskFolder, requireRuntime, requireTool, RUNTIMES, runNpm } from '../support/runtimes.ts'
import { withParent } from '../support/with-parent.ts'
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

async function post(relay: string): Promise<number> {
  const { status } = await fetch(`${relay}/f/contact`, {
    method: 'POST',
    headers: { accept: 'application/json', origin: 'http://localhost:8080' },
    body: new URLSearchParams({ Email: 'ana@acme.example', LastName: 'Ruiz' }),
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

/** Runs `serve` beside a simulator: a post arrives, SIGTERM ends the relay, and another one takes port and folder. */
async function runRelay(command: string[], folder: string): Promise<void> {
  const simulator = await start(folder, [process.execPath, COMMAND, 'simulator', '--port', '0'], /simulator (\S+)/)
  const env = { MARKETO_REST_ENDPOINT: `${simulator.url}/rest`, PORT: '0' }
  const relay = await start(folder, [...command, 'serve'], /listens at (\S+)/, env)

  expect(await post(relay.url)).toBe(202)
  await vi.waitFor(
    async () => {
      const people = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]
      expect(people).toMatchObject([{ email: 'ana@acme.example', attributes: { LastName: 'Ruiz' } }])
    },
    { timeout: 20_000, interval: 50 },
  )
  expect(await relay.end()).toBe(0)
  expect(await isListening(relay.url)).toBe(false)
  const { port } = new URL(relay.url)
  const second = await start(folder, [...command, 'serve'], /listens at (\S+)/, { ...env, PORT: port })
  expect(await second.end()).toBe(0)
}

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

  it.each(RUNTIMES)('relays a form on $name', async (runtime) => {
    await runRelay([requireRuntime(runtime), ...runtime.args, COMMAND], initProject())
  })
})
