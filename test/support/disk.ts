/**
 * Runs a relay as its own process on a disk that fills up or fails, so that its writes really fail. Linux only.
 *
 * There are two ways. A limit on the size of files (`prlimit`) needs no privileges: the system rejects a write as on a disk
 * that has become read-only. A small file system (`unshare`, `mount`) really fills up, and needs the right to mount one.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { DEMO_ACCOUNT } from '../../demo/simulator/serve.ts'
import { makeFolder } from './folder.ts'
import { startProgram, type Program } from './process.ts'
import { ACME, FORMS } from './relay.ts'
import { withParent } from './with-parent.ts'
import { askState, OPERATOR } from './operator.ts'

interface DiskRelay {
  program: Program
  breakDisk: () => void
  repairDisk: () => void
  /** Posts a form as the widget does. */
  send: (name: string) => Promise<Response>
  /** Reads `/readyz`. */
  readiness: () => Promise<{ status: number; body: Record<string, unknown> }>
  /** Returns the events of this name that the relay has logged so far. */
  events: (event: string) => Record<string, unknown>[]
}

/** A disk that can be broken and repaired. `data` is the relay's folder as this process sees it. */
export interface Disk {
  /** Shell command that replaces itself by the relay, whose command line is in its arguments. */
  command: string
  /** Returns the path by which this process reaches the relay's folder. */
  pathOf: (pid: number, folder: string) => string
  breakIt: (pid: number, data: string) => void
  repair: (pid: number, data: string) => void
}

/** True if this user may mount a file system. */
export const MAY_MOUNT = spawnSync('/bin/sh', ['-c', 'unshare -rm mount -t tmpfs tmpfs /mnt']).status === 0

const BALLAST = 'ballast'
const SAME_FILE_SYSTEM = { command: 'exec "$@"', pathOf: (_: number, folder: string) => folder }
const setLimit = (pid: number, bytes: number | 'unlimited') => run('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:`])

/** A file system of two megabytes. */
export const FULL: Disk = {
  command: `exec unshare -rm sh -c 'mount -t tmpfs -o size=2m tmpfs "$DATA" && exec "$@"' sh "$@"`,
  pathOf: (pid, folder) => join(`/proc/${pid}/root`, folder),
  breakIt(_, data) {
    // Page by page, until no page is left.
    writeFileSync(join(data, BALLAST), '')
    try {
      for (;;) appendFileSync(join(data, BALLAST), new Uint8Array(4_096))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  },
  repair: (_, data) => rmSync(join(data, BALLAST)),
}

/** Existing bytes can be overwritten, but no file can grow. */
export const NO_GROWTH: Disk = {
  ...SAME_FILE_SYSTEM,
  breakIt: (pid, data) => setLimit(pid, statSync(join(data, 'outbox.sqlite-wal')).size),
  repair: (pid) => setLimit(pid, 'unlimited'),
}

/** No byte can be written, as on a disk that the system has made read-only. */
export const NO_WRITE: Disk = {
  ...SAME_FILE_SYSTEM,
  breakIt: (pid) => setLimit(pid, 0),
  repair: (pid) => setLimit(pid, 'unlimited'),
}

/** A disk that works. */
const WORKING: Disk = { ...SAME_FILE_SYSTEM, breakIt: () => {}, repair: () => {} }

interface DiskRelayOptions {
  disk?: Disk
  /** Address of Marketo. By default nothing listens at the address. */
  marketo?: string
  folder?: string
}

/** Starts a relay that is killed when the test has finished. */
export async function startOnDisk({
  disk = WORKING,
  marketo,
  folder = makeFolder(),
}: DiskRelayOptions = {}): Promise<DiskRelay> {
  const [args, env] = relayOn(folder, marketo)
  const program = await startProgram(
    ['--no-warnings', '--eval', RUN_IN_SHELL, `echo "pid $$"; ${disk.command}`, ...args],
    env,
    /pid (\d+)[^]*listens at (\S+)/,
  )
  onTestFinished(async () => void (await program.end('SIGKILL')))
  const pid = Number(program.ready[1])
  const url = program.ready[2] ?? ''
  const data = disk.pathOf(pid, folder)

  return {
    program,
    breakDisk: () => disk.breakIt(pid, data),
    repairDisk: () => disk.repair(pid, data),
    send: (name) =>
      fetch(`${url}/f/plain`, {
        method: 'POST',
        body: new URLSearchParams({ Email: `${name}@harbour.example` }),
        headers: { accept: 'application/json', origin: ACME },
      }),
    async readiness() {
      const response = await askState(url)
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    events: (event) =>
      program
        .printed()
        .split('\n')
        // The last line may be incomplete.
        .slice(0, -1)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((each) => each.event === event),
  }
}

/** Starts a relay that is expected to fail. `as` is a command that runs the relay, such as `setpriv`. */
export function failToStart(folder: string, as: readonly string[] = []): { status: number | null; stderr: string } {
  const [args, env] = relayOn(folder)
  const [command = '', ...rest] = [...as, process.execPath, ...args]
  const { status, stderr } = spawnSync(...withParent(command, rest), {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stderr }
}

/** Program that replaces its Node process by the shell, which keeps the process id. */
const RUN_IN_SHELL = `process.execve('/bin/sh', ['sh', '-c', process.argv[1], 'sh', process.execPath, ...process.argv.slice(2)], process.env)`

function relayOn(folder: string, marketo = 'http://127.0.0.1:9'): [args: string[], env: Record<string, string>] {
  const forms = join(makeFolder(), 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  return [
    ['relay/cli/form-sync.ts', 'serve', '--forms', forms, '--data', folder, '--port', '0', '--host', '127.0.0.1'],
    {
      DATA: folder,
      // The disks of the tests are small.
      FORM_SYNC_DISK_RESERVE_MB: '0',
      MARKETO_SOAP_ENDPOINT: `${marketo}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
      ...OPERATOR,
    },
  ]
}

function run(command: string, args: string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
