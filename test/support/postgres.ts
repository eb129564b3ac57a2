/**
 * A PostgreSQL server for one test file. It runs the installed program in a temporary folder and listens on a socket there.
 * It is stopped after the tests of the file, and the system stops it when the test process ends.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import {
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Client, type QueryResultRow } from 'pg'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { withParent } from './with-parent.ts'

/** Where files are kept between runs. */
const CACHE = join(import.meta.dirname, '../../node_modules/.cache')

export interface PostgresServer {
  /** Creates an empty schema, and returns an address with it as search path. `query`, as in `&a=b`, is appended. */
  schema(query?: string): Promise<string>
  /** Runs a statement as the owner of the server, in the schema of `url` or in `public`. */
  ask<R extends QueryResultRow>(statement: string, url?: string): Promise<R[]>
  /** Stops the server, and resolves when it has ended. SIGQUIT, the default, has the effect of a power cut. */
  stop(signal?: 'SIGQUIT' | 'SIGINT'): Promise<void>
  /** Starts the server again on its data, optionally as a standby. */
  start(standby?: boolean): Promise<void>
  /** Returns the path of a client program such as `pg_dump`. */
  program(name: string): string
  /** Returns the path of the socket that the server listens on. */
  socket(): string
}

/** Defines tests that need a server with these settings. If PostgreSQL is not installed, they are skipped. */
export function withPostgres(
  settings: Readonly<Record<string, string>>,
  tests: (server: PostgresServer) => void,
): void {
  const programs = findPrograms()
  if (!programs) {
    // On CI the tests must not be skipped.
    if (process.env.CI) throw new Error('PostgreSQL is not installed: no initdb on PATH or in /usr/lib/postgresql')
    console.warn('PostgreSQL is not installed, and its tests are skipped: apt-get install postgresql')
    describe.skip('PostgreSQL', () => it('is not installed', () => {}))
    return
  }
  // A busy machine may take long to start a server, and to run some dozen transactions.
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
  const server = createServer(programs, settings)
  beforeAll(() => server.start(), 60_000)
  afterAll(() => server.remove(), 60_000)
  tests(server)
}

/** Returns true if tests can start a server. */
export function isPostgresInstalled(): boolean {
  return findPrograms() !== undefined
}

/** Finds the folder of `initdb` and `postgres`: Debian's newest version, else the first one on PATH. */
function findPrograms(): string | undefined {
  const debian = globSync('/usr/lib/postgresql/*/bin/').toSorted((a, b) => versionOf(b) - versionOf(a))
  const path = (process.env.PATH ?? '').split(delimiter)
  return [...debian, ...path].find((folder) => globSync(join(folder, '{initdb,postgres}')).length === 2)
}

function versionOf(folder: string): number {
  return Number(/\d+/.exec(folder)?.[0])
}

/** Returns the user that runs the programs, if this process is root: they refuse to run as root. */
function owner(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {}
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? ['', 65_534, 65_534]
  return { uid: Number(uid), gid: Number(gid) }
}

/** Returns the folder that keeps the files of a new server: a copy takes a tenth of the time that `initdb` takes. */
function templateOf(programs: string): string {
  const version = execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' })
  return join(CACHE, `postgres-${/\d[\d.]*/.exec(version)?.[0]}`)
}

/** Keeps a copy of the folder, which is complete as soon as it has its name. Another process may be first. */
function keepAs(template: string, data: string): void {
  const copy = `${template}.${process.pid}`
  mkdirSync(CACHE, { recursive: true })
  execFileSync('cp', ['-a', data, copy])
  try {
    renameSync(copy, template)
  } catch {
    rmSync(copy, { recursive: true })
  }
}

function createServer(
  programs: string,
  settings: Readonly<Record<string, string>>,
): PostgresServer & { remove(): Promise<void> } {
  let folder = ''
  let server: ChildProcess | undefined
  let schemas = 0
  const by = owner()

  function init(): void {
    folder = mkdtempSync(join(tmpdir(), 'form-sync-'))
    if (by.uid !== undefined) chownSync(folder, by.uid, by.gid)
    const data = join(folder, 'data')
    const template = templateOf(programs)
    if (existsSync(template)) {
      execFileSync('cp', ['-a', template, data])
      return
    }
    const options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-locale', '--no-sync']
    execFileSync(join(programs, 'initdb'), ['-D', data, ...options], { ...by, cwd: folder, stdio: 'pipe' })
    keepAs(template, data)
  }

  async function start(standby = false): Promise<void> {
    if (folder === '') init()
    if (standby) writeFileSync(join(folder, 'data/standby.signal'), '')
    else rmSync(join(folder, 'data/standby.signal'), { force: true })
    const all = Object.entries({ listen_addresses: '', unix_socket_directories: folder, ...settings })
    const options = ['-D', join(folder, 'data'), ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
    // SIGQUIT stops the server at once and frees its shared memory.
    const child = spawn(...withParent(join(programs, 'postgres'), options, 'SIGQUIT'), {
      ...by,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    server = child
    process.once('exit', () => child.kill('SIGQUIT'))
    let printed = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        if (/ready to accept (read-only )?connections/.test(printed)) resolve()
      })
      child.once('exit', (code) => reject(new Error(`postgres ended with ${code}:\n${printed}`)))
    })
  }

  async function stop(signal: 'SIGQUIT' | 'SIGINT' = 'SIGQUIT'): Promise<void> {
    const child = server
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  async function ask<R extends QueryResultRow>(statement: string, url = address('public')): Promise<R[]> {
    const client = new Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<R>(statement)).rows
    } finally {
      await client.end()
    }
  }

  function address(schema: string, query = ''): string {
    const path = encodeURIComponent(`-c search_path=${schema}`)
    return `postgres:///postgres?user=postgres&host=${encodeURIComponent(folder)}&options=${path}${query}`
  }

  return {
    start,
    stop,
    program: (name) => join(programs, name),
    socket: () => join(folder, '.s.PGSQL.5432'),
    ask,
    async schema(query) {
      const name = `test_${++schemas}`
      await ask(`CREATE SCHEMA ${name}`)
      return address(name, query)
    },
    async remove() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
