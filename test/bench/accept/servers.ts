/**
 * The servers of the bench, each a process of its own on the loopback, its log in a file of its folder.
 *
 * workerd is started by itself: wrangler's development server puts a second one in front, which would cost as much as
 * what is measured.
 */
import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { WORKERD, withParent } from '../../support/with-parent.ts'

export interface Server {
  port: number
  /** Ends it as a power cut would, and resolves when it is gone. */
  kill(): Promise<void>
}

const ROOT = join(import.meta.dirname, '../../..')

/** Starts a server on Node; the same folder again has what was kept in it. */
export async function startNode(kind: string, folder: string): Promise<Server> {
  mkdirSync(folder, { recursive: true })
  const log = openSync(join(folder, 'log'), 'a')
  const child = fork(new URL('./node-server.ts', import.meta.url), [kind, folder], {
    stdio: ['ignore', log, 'inherit', 'ipc'],
  })
  closeSync(log)
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port))
    child.once('exit', () => reject(new Error(`the server "${kind}" on Node did not start`)))
  })
  return { port, kill: () => kill(child) }
}

/** Bundles the bench's Worker into the folder, as the product's own is bundled, and returns the file's path. */
export function bundleWorker(folder: string): string {
  const script = fileURLToPath(new URL('../../workers/accept/worker.ts', import.meta.url))
  execFileSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/wrangler/bin/wrangler.js'),
      'deploy',
      script,
      '--dry-run',
      '--outdir',
      folder,
      '--config',
      join(ROOT, 'wrangler.jsonc'),
    ],
    { cwd: ROOT, env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' }, stdio: 'pipe' },
  )
  return join(folder, 'worker.js')
}

/** Starts a server in workerd; the same folder again has what was kept in it. */
export async function startWorkerd(kind: string, folder: string, script: string): Promise<Server> {
  const disk = join(folder, 'disk')
  mkdirSync(disk, { recursive: true })
  const config = join(folder, 'workerd.capnp')
  writeFileSync(config, configOf(kind, disk, script))
  const log = openSync(join(folder, 'log'), 'a')
  const args = ['serve', '--experimental', '--control-fd=3', `--import-path=/`, config]
  const child = spawn(...withParent(WORKERD, args), { stdio: ['ignore', log, log, 'pipe'] })
  closeSync(log)
  const orphan = () => child.kill('SIGKILL')
  process.once('exit', orphan)
  child.once('exit', () => process.off('exit', orphan))
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    const control = child.stdio[3] as Readable
    control.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /"event":"listen".*?"port":(\d+)/.exec(said)
      if (found) resolve(Number(found[1]))
    })
    child.once('exit', () => reject(new Error(`the server "${kind}" in workerd did not start: see ${folder}/log`)))
  })
  return { port, kill: () => kill(child) }
}

/** Cap'n Proto's text: strings as in JSON. */
function configOf(kind: string, disk: string, script: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    (name = "disk", disk = (path = ${JSON.stringify(disk)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "relay")],
);
const relay :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${JSON.stringify(script)})],
  compatibilityDate = "2026-11-01",
  bindings = [
    (name = "KIND", text = ${JSON.stringify(kind)}),
    (name = "OUTBOX", durableObjectNamespace = "LeadOutbox"),
    (name = "ONE_BY_ONE", durableObjectNamespace = "OneByOne"),
  ],
  durableObjectNamespaces = [
    (className = "LeadOutbox", uniqueKey = "outbox", enableSql = true),
    (className = "OneByOne", uniqueKey = "one-by-one", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "disk"),
);
`
}

function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
  child.kill('SIGKILL')
  return gone
}
