/**
 * A PostgreSQL of a test file's own: started from what is installed, in a folder of its own, reached by a socket there,
 * ended with the file.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Client, type QueryResultRow } from 'pg'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'

export interface PostgresServer {
  /** The address of a schema that is empty; its name is in the search path. `query` is added to it: `&a=b`. */
  schema(query?: string): Promise<string>
  /** Runs a statement as the server's owner: in the schema of that address, or in none. */
  ask<R extends QueryResultRow>(statement: string, url?: string): Promise<R[]>
  /** Ends it, by a signal that `postgres` knows, and resolves when it is gone: SIGQUIT is what a power cut is to it. */
  stop(signal?: 'SIGQUIT' | 'SIGINT'): Promise<void>
  /** Starts it again on what it has; as a standby, if so. */
  start(standby?: boolean): Promise<void>
  /** The socket that it listens on. */
  socket(): string
}

/**
 * Tests that need a server, with these settings: it runs before the first and is gone after the last. Without one they
 * are skipped.
 */
export function withPostgres(
  settings: Readonly<Record<string, string>>,
  tests: (server: PostgresServer) => void,
): void {
  const programs = findPrograms()
  if (!programs) {
    // Where everything is to be tested, it must be there.
    if (process.env.CI) throw new Error('PostgreSQL is not installed: no initdb on PATH or in /usr/lib/postgresql')
    console.warn('PostgreSQL is not installed, and its tests are skipped: apt-get install postgresql')
    describe.skip('PostgreSQL', () => it('is not installed', () => {}))
    return
  }
  // On a busy machine a server may take its time.
  vi.setConfig({ testTimeout: 30_000 })
  const server = createServer(programs, settings)
  beforeAll(() => server.start(), 30_000)
  afterAll(() => server.remove())
  tests(server)
}

/** The folder of `initdb` and `postgres`: the newest that Debian has, else what stands on PATH. */
function findPrograms(): string | undefined {
  const debian = globSync('/usr/lib/postgresql/*/bin/').toSorted((a, b) => versionOf(b) - versionOf(a))
  const path = (process.env.PATH ?? '').split(delimiter)
  return [...debian, ...path].find((folder) => globSync(join(folder, '{initdb,postgres}')).length === 2)
}

function versionOf(folder: string): number {
  return Number(/\d+/.exec(folder)?.[0])
}

/** Neither program runs as root. */
function owner(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {}
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? ['', 65_534, 65_534]
  return { uid: Number(uid), gid: Number(gid) }
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
    const words = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-locale', '--no-sync']
    execFileSync(join(programs, 'initdb'), ['-D', join(folder, 'data'), ...words], {
      ...by,
      cwd: folder,
      stdio: 'pipe',
    })
  }

  async function start(standby = false): Promise<void> {
    if (folder === '') init()
    if (standby) writeFileSync(join(folder, 'data/standby.signal'), '')
    else rmSync(join(folder, 'data/standby.signal'), { force: true })
    const set = Object.entries({ listen_addresses: '', unix_socket_directories: folder, ...settings })
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', join(folder, 'data'), ...set.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { ...by, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    server = child
    process.once('exit', () => child.kill('SIGKILL'))
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (/ready to accept (read-only )?connections/.test(said)) resolve()
      })
      child.once('exit', (code) => reject(new Error(`postgres ended with ${code}:\n${said}`)))
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
