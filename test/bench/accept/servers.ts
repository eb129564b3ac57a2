/**
 * Servers of the bench, each a process of its own on the loopback, with its log in a file of its folder.
 *
 * workerd is started without wrangler's development server, which puts a second workerd in front of it. That one would
 * cost as much as the one that is measured.
 */
import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { buildWorker } from '../../../demo/build-worker.ts'
import { endChild, spawnChild } from '../../chaos/cleanup.ts'
import { WORKERD } from '../../support/with-parent.ts'

export interface Server {
  port: number
  /** Ends it by SIGKILL, and resolves when it has ended. */
  kill(): Promise<void>
}

/** Starts a server on Node. With a folder of an earlier one it has that one's leads. */
export async function startNode(kind: string, folder: string): Promise<Server> {
  mkdirSync(folder, { recursive: true })
  const log = openSync(join(folder, 'log'), 'a')
  const program = fileURLToPath(import.meta.resolve('./node-server.ts'))
  const child = spawnChild(process.execPath, [program, kind, folder], { stdio: ['ignore', log, 'inherit', 'ipc'] })
  closeSync(log)
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port))
    child.once('exit', () => reject(new Error(`the server "${kind}" on Node did not start`)))
  })
  return serverOf(child, port)
}

/** Bundles the bench's Worker into the folder as the relay's own is bundled, and resolves with the path of the file. */
export async function bundleWorker(folder: string): Promise<string> {
  return buildWorker(folder, fileURLToPath(new URL('../../workers/accept/worker.ts', import.meta.url)))
}

/** Starts a server in workerd. With a folder of an earlier one it has that one's leads. */
export async function startWorkerd(kind: string, folder: string, script: string): Promise<Server> {
  const disk = join(folder, 'disk')
  mkdirSync(disk, { recursive: true })
  const config = join(folder, 'workerd.capnp')
  writeFileSync(config, configOf(kind, disk, script))
  const log = openSync(join(folder, 'log'), 'a')
  const child = spawnChild(WORKERD, ['serve', '--experimental', '--control-fd=3', '--import-path=/', config], {
    stdio: ['ignore', log, log, 'pipe'],
  })
  closeSync(log)
  const port = await new Promise<number>((resolve, reject) => {
    let output = ''
    const control = child.stdio[3] as Readable
    control.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /"event":"listen".*?"port":(\d+)/.exec(output)
      if (found) resolve(Number(found[1]))
    })
    child.once('exit', () => reject(new Error(`the server "${kind}" in workerd did not start: see ${folder}/log`)))
  })
  return serverOf(child, port)
}

/** Returns the configuration in Cap'n Proto's text format, whose strings are written as in JSON. */
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

function serverOf(child: ChildProcess, port: number): Server {
  return { port, kill: () => endChild(child, 'SIGKILL') }
}
