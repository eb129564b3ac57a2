/**
 * A relay as its own process on a disk that fills up or fails, so that its writes fail for real. Linux only.
 *
 * Two ways. A limit on how far any file may reach (`prlimit`) needs no rights: the system refuses a write as it does on
 * a disk that has become read-only. A small file system of its own (`unshare`, `mount`) is really full, and needs the
 * right to make one.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { DEMO_ACCOUNT } from '../../demo/simulator/serve.ts'
import { makeFolder } from './folder.ts'
import { startProgram, type Program } from './process.ts'
import { ACME, FORMS } from './relay.ts'

interface DiskRelay {
  program: Program
  breakDisk: () => void
  mendDisk: () => void
  /** Posts a form as the widget does. */
  send: (name: string) => Promise<Response>
  /** What it says of itself. */
  readiness: () => Promise<{ status: number; body: Record<string, unknown> }>
  /** The events of this kind that it has logged so far. */
  events: (event: string) => Record<string, unknown>[]
}

/** A way to break a disk, and to mend it. */
export interface Disk {
  /** The shell line that becomes the relay. Its words are those of the program. */
  line: string
  /** The folder, as this process sees it. */
  seen: (pid: number, folder: string) => string
  breakIt: (pid: number, data: string) => void
  mendIt: (pid: number, data: string) => void
}

/** Says whether this user may make a file system of its own. */
export const MAY_MOUNT = spawnSync('/bin/sh', ['-c', 'unshare -rm mount -t tmpfs tmpfs /mnt']).status === 0

const BALLAST = 'ballast'
const LIMITED = { line: 'exec "$@"', seen: (_: number, folder: string) => folder }
const setLimit = (pid: number, bytes: number | 'unlimited') => run('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:`])

/** A file system of two megabytes. */
export const FULL: Disk = {
  line: `exec unshare -rm sh -c 'mount -t tmpfs -o size=2m tmpfs "$DATA" && exec "$@"' sh "$@"`,
  seen: (pid, folder) => join(`/proc/${pid}/root`, folder),
  breakIt(_, data) {
    // By the page, until not one more is left.
    writeFileSync(join(data, BALLAST), '')
    try {
      for (;;) appendFileSync(join(data, BALLAST), new Uint8Array(4_096))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  },
  mendIt: (_, data) => rmSync(join(data, BALLAST)),
}

/** Files may be written where they are, and become no longer. */
export const NO_GROWTH: Disk = {
  ...LIMITED,
  breakIt: (pid, data) => setLimit(pid, statSync(join(data, 'outbox.sqlite-wal')).size),
  mendIt: (pid) => setLimit(pid, 'unlimited'),
}

/** Not one byte can be written, as on a disk that the system has made read-only. */
export const NO_WRITE: Disk = {
  ...LIMITED,
  breakIt: (pid) => setLimit(pid, 0),
  mendIt: (pid) => setLimit(pid, 'unlimited'),
}

/** Any disk, which stays whole. */
const SOUND: Disk = { ...LIMITED, breakIt: () => {}, mendIt: () => {} }

interface DiskRelayOptions {
  disk?: Disk
  /** Where Marketo is; nowhere, if it is not given. */
  marketo?: string
  folder?: string
}

/** Starts it; it is killed when the test is over. */
export async function startOnDisk({
  disk = SOUND,
  marketo,
  folder = makeFolder(),
}: DiskRelayOptions = {}): Promise<DiskRelay> {
  const [words, env] = relayOn(folder, marketo)
  const program = await startProgram(
    ['--no-warnings', '--eval', BECOME, `echo "pid $$"; ${disk.line}`, ...words],
    env,
    /pid (\d+)[^]*listens at (\S+)/,
  )
  onTestFinished(async () => void (await program.end('SIGKILL')))
  const pid = Number(program.ready[1])
  const url = program.ready[2] ?? ''
  const data = disk.seen(pid, folder)

  return {
    program,
    breakDisk: () => disk.breakIt(pid, data),
    mendDisk: () => disk.mendIt(pid, data),
    send: (name) =>
      fetch(`${url}/f/plain`, {
        method: 'POST',
        body: new URLSearchParams({ Email: `${name}@harbour.example` }),
        headers: { accept: 'application/json', origin: ACME },
      }),
    async readiness() {
      const response = await fetch(`${url}/readyz`)
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    events: (event) =>
      program
        .printed()
        .split('\n')
        // Of the last line there may be only a part.
        .slice(0, -1)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((each) => each.event === event),
  }
}

/** Starts one that is expected not to come up: its exit code and what it said. `as` goes before the command. */
export function failToStart(folder: string, as: readonly string[] = []): { status: number | null; stderr: string } {
  const [words, env] = relayOn(folder)
  const [command = '', ...rest] = [...as, process.execPath, ...words]
  const { status, stderr } = spawnSync(command, rest, {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stderr }
}

/** Replaces the process of Node by one of the shell's, which keeps its id. */
const BECOME = `process.execve('/bin/sh', ['sh', '-c', process.argv[1], 'sh', process.execPath, ...process.argv.slice(2)], process.env)`

function relayOn(folder: string, marketo = 'http://127.0.0.1:9'): [words: string[], env: Record<string, string>] {
  const forms = join(makeFolder(), 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  return [
    ['relay/cli/form-sync.ts', 'serve', '--forms', forms, '--data', folder, '--port', '0', '--host', '127.0.0.1'],
    {
      DATA: folder,
      MARKETO_SOAP_ENDPOINT: `${marketo}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
    },
  ]
}

function run(command: string, words: string[]): void {
  const { status, error, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${words.join(' ')}: ${stderr}`)
}
