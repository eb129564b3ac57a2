/** A PostgreSQL for a run: the installed programs, a folder of its own, reached by a socket in that folder. */
import { execFileSync, type ChildProcess } from 'node:child_process'
import { chownSync, globSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { endChild, makeTempFolder, spawnChild, waitForOutput } from './cleanup.ts'

/** Maximum time that `initdb` may take, in ms. */
const INIT_TIMEOUT_MS = 120_000

export interface PostgresServer {
  url: string
  /** Ends it as a power cut would, and starts it again on its data. */
  crash: () => Promise<void>
  end: () => Promise<void>
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPrograms()
  const owner = findOwner()
  const folder = makeTempFolder('chaos-postgres')
  if (owner.uid !== undefined) chownSync(folder.path, owner.uid, owner.gid)
  const data = join(folder.path, 'data')
  const initArgs = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-locale', '--no-sync']
  execFileSync(join(programs, 'initdb'), ['-D', data, ...initArgs], {
    ...owner,
    cwd: folder.path,
    stdio: 'pipe',
    timeout: INIT_TIMEOUT_MS,
  })

  async function start(): Promise<ChildProcess> {
    const settings = ['listen_addresses=', `unix_socket_directories=${folder.path}`, 'max_connections=50']
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
    const server = spawnChild(join(programs, 'postgres'), args, {
      ...owner,
      cwd: folder.path,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await waitForOutput(server, /ready to accept connections/)
    return server
  }

  let server = await start()
  let starting: Promise<void> | undefined
  return {
    url: `postgres:///postgres?user=postgres&host=${encodeURIComponent(folder.path)}`,
    async crash() {
      // It ends its own processes at once, and leaves its data as a power cut would.
      await endChild(server, 'SIGQUIT')
      starting = start().then((started) => void (server = started))
      await starting
    },
    async end() {
      await starting
      await endChild(server, 'SIGQUIT')
      folder.remove()
    },
  }
}

/** Finds the folder of `initdb` and `postgres`: the newest that Debian installs, else the first on PATH. */
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

/** Finds the user that the programs run as, because neither runs as root. */
function findOwner(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {}
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? ['', 65_534, 65_534]
  return { uid: Number(uid), gid: Number(gid) }
}
