/** A newcomer's run: each command of README.md and docs/, as typed, with the package from its tarball, in an empty folder. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { pack } from '../../.ci/pack.ts'
import { commandBlocks, type CommandBlock } from '../support/documented-commands.ts'
import { createPrivateNetwork, HAS_PRIVATE_NETWORK, type PrivateNetwork } from '../support/private-network.ts'
import { withParent } from '../support/with-parent.ts'
import { Reader, SERVERS, type Misses } from './newcomer/reader.ts'

const ROOT = join(import.meta.dirname, '../..')
const HOST = 'forms.acme.example'
const REGISTRY_PORT = 4873

/** The command of docs/deploy.md that shows a single lead, of which the reader has none. */
const MISSES: Misses = {
  'npx form-sync parked 0193573a-': 'no parked lead has the id',
  'npx form-sync show 0193573a-': 'no lead has the id',
  'npx form-sync edit 0193573a-': 'no lead has this id',
}

/** Commands of an operator and of a person who sets the relay up. */
const WITH_JSON = [
  'lead --email t@t.com',
  'doctor',
  'check',
  'parked',
  'held',
  'hold',
  'waiting',
  'find t@t.com',
  'status',
  'audit',
  'migrate',
]

const home = mkdtempSync(join(tmpdir(), 'form-sync-newcomer-'))
let network: PrivateNetwork
let reader: Reader

function emailsIn(people: string): string[] {
  return (JSON.parse(people) as { email: string }[]).map(({ email }) => email).toSorted()
}

function blocksOf(page: string): CommandBlock[] {
  const blocks = commandBlocks(page, readFileSync(join(ROOT, page), 'utf8'))
  return blocks.filter(({ reason }) => reason === undefined)
}

/** Starts a program of this test in the network, and resolves when it has printed its first line. */
async function startInside(file: string, words: string[]): Promise<void> {
  const [program, args] = network.inside(
    home,
    ...withParent(process.execPath, [join(import.meta.dirname, 'newcomer', file), ...words]),
  )
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
}

/** Makes the certificate of the relay's host, which curl trusts by a variable. */
function makeCertificate(): void {
  const subject = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`]
  const files = ['-keyout', join(home, 'key.pem'), '-out', join(home, 'cert.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], {
    stdio: 'pipe',
  })
}

function environment(): Record<string, string> {
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.endsWith('node_modules/.bin'))
  return {
    PATH: [dirname(process.execPath), ...path].join(':'),
    HOME: home,
    CI: 'true',
    CURL_CA_BUNDLE: join(home, 'cert.pem'),
    NODE_EXTRA_CA_CERTS: join(home, 'cert.pem'),
    npm_config_registry: `http://127.0.0.1:${REGISTRY_PORT}/`,
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
    // As docs/deploy.md has them in its examples.
    FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters',
    FORM_SYNC_API_KEYS: 'a-key-of-twenty-characters',
  }
}

beforeAll(async () => {
  const unpacked = join(home, 'unpacked')
  mkdirSync(unpacked)
  execFileSync('tar', ['-xzf', pack(home), '-C', unpacked, '--strip-components', '1'])
  // A reply of 400 or more is a failure of the command.
  writeFileSync(join(home, '.curlrc'), 'fail-with-body\nsilent\nshow-error\n')
  makeCertificate()
  if (!HAS_PRIVATE_NETWORK) return
  network = await createPrivateNetwork(home, [HOST])
  await startInside('registry.ts', [String(REGISTRY_PORT), unpacked])
  await startInside('tls.ts', [home])
}, 60_000)

afterAll(() => {
  network?.end()
  rmSync(home, { recursive: true, force: true })
})

describe.skipIf(!HAS_PRIVATE_NETWORK)('a newcomer types the commands', { timeout: 300_000 }, () => {
  beforeEach(() => {
    reader = new Reader(network, home, environment())
  })

  afterEach(async () => {
    for (const server of SERVERS) await reader.end(server)
  }, 60_000)

  it('of README.md from top to bottom, and a form and a command have made a person each', async () => {
    expect(await failuresOf(blocksOf('README.md'))).toEqual([])

    const fields = '-d Email=ana@acme.example -d LastName=Ruiz'
    await reader.run('the form', `curl http://localhost:8787/f/contact -H 'origin: http://localhost:8080' ${fields}`)
    await vi.waitFor(async () => {
      const people = await reader.run('the simulator', 'curl http://localhost:8090/sim/leads')
      expect(emailsIn(people)).toEqual(['ana@acme.example', 't@t.com'])
    }, 30_000)
    expect(await reader.run('the page', 'curl http://localhost:8080')).toContain('<form-sync')
  })

  it.each(globSync('docs/**/*.md', { cwd: ROOT }).filter((page) => blocksOf(page).length > 0))(
    'of %s, after those of README.md that start everything',
    async (page) => {
      const start = blocksOf('README.md').slice(0, 2)

      expect(await failuresOf([...start, ...blocksOf(page)])).toEqual([])
    },
  )

  it('and SIGTERM to npx frees the ports of its servers and the folder of the relay, so that all start again', async () => {
    const [install, start] = blocksOf('README.md')
    await failuresOf([install!, start!])

    for (const server of SERVERS) await reader.end(server)

    expect(await failuresOf([start!])).toEqual([])
  })

  it('and those that take --json print to the output one JSON value, or one a line, alone', async () => {
    await failuresOf(blocksOf('README.md').slice(0, 2))

    for (const command of WITH_JSON) {
      const printed = await reader.run('--json', `npx form-sync ${command} --json 2>/dev/null`)
      expect(isJson(printed) || printed.trimEnd().split('\n').every(isJson), `${command}: ${printed}`).toBe(true)
    }
  })
})

/** True for one JSON value, and for an empty list of lines. */
function isJson(text: string): boolean {
  try {
    return text === '' || JSON.parse(text) !== undefined
  } catch {
    return false
  }
}

/** Types the blocks in their order. Resolves with what has failed. */
async function failuresOf(blocks: readonly CommandBlock[]): Promise<string[]> {
  const failures: string[] = []
  for (const block of blocks) {
    await reader.type(block, MISSES).catch((error: unknown) => failures.push(String(error)))
  }
  return failures
}
