/** A PostgreSQL for a run: started from what is installed, in a folder of its own, reached by a socket there. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface PostgresServer {
  url: string
  /** Ends it as a power cut would, and starts it again on what it has. */
  crash: () => Promise<void>
  end: () => Promise<void>
}

/** Starts it. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPrograms()
  const by = owner()
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-chaos-postgres-'))
  if (by.uid !== undefined) chownSync(folder, by.uid, by.gid)
  const data = join(folder, 'data')
  const words = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-locale', '--no-sync']
  execFileSync(join(programs, 'initdb'), ['-D', data, ...words], { ...by, cwd: folder, stdio: 'pipe' })

  function start(): Promise<ChildProcess> {
    const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'max_connections=50']
    const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...by,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    return new Promise((resolve, reject) => {
      server.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('ready to accept connections')) resolve(server)
      })
      server.once('exit', (code) => reject(new Error(`postgres ended with ${code}:\n${said}`)))
    })
  }

  function stop(server: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      if (server.exitCode !== null || server.signalCode !== null) return resolve()
      server.once('exit', () => resolve())
      // It ends its own processes, and leaves what it has as a power cut would.
      server.kill('SIGQUIT')
    })
  }

  let server = await start()
  let starting: Promise<void> | undefined
  return {
    url: `postgres:///postgres?user=postgres&host=${encodeURIComponent(folder)}`,
    async crash() {
      await stop(server)
      starting = start().then((started) => void (server = started))
      await starting
    },
    async end() {
      await starting
      await stop(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The folder of `initdb` and `postgres`: the newest that Debian has, else what stands on PATH. */
function findPrograms(): string {
  const debian = globSync('/usr/lib/postgresql/*/bin/').toSorted((a, b) => versionOf(b) - versionOf(a))
  const path = (process.env.PATH ?? '').split(delimiter)
  const found = [...debian, ...path].find((folder) => globSync(join(folder, '{initdb,postgres}')).length === 2)
  if (found === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  return found
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
