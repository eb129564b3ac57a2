/**
 * Runs the Worker in workerd itself, without wrangler's proxy and Miniflare in front of it: a reply is that of the relay or of
 * workerd's HTTP server. It has no static assets and no cron.
 */
import type { ChildProcess } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { spawnChild } from '../chaos/cleanup.ts'
import { WORKERD, withParent } from '../support/with-parent.ts'

const WRANGLER = readFileSync(join(import.meta.dirname, '../../wrangler.jsonc'), 'utf8')
const COMPATIBILITY_DATE = /"compatibility_date": "([\d-]+)"/.exec(WRANGLER)?.[1]

/**
 * Starts it. Resolves when it listens.
 *
 * @param script path of the Worker's built script, with the modules that it loads later in the same folder
 * @param folder for the configuration and the storage of the Durable Object
 * @param variables of the relay
 */
export async function startWorkerd(
  script: string,
  folder: string,
  variables: Record<string, string>,
): Promise<{ child: ChildProcess; port: number }> {
  const storage = join(folder, 'objects')
  mkdirSync(storage, { recursive: true })
  const file = join(folder, 'relay.capnp')
  writeFileSync(file, configuration(modulesOf(script, folder), storage, variables))
  const child = spawnChild(...withParent(WORKERD, ['serve', '--control-fd=3', file]), {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  return { child, port: await portOf(child) }
}

/** Lists the Worker's modules, the script first, each with its path from the folder of the configuration. */
function modulesOf(script: string, from: string): string[] {
  const folder = dirname(script)
  const later = globSync('**/*.js', { cwd: folder }).filter((name) => name !== basename(script))
  return [basename(script), ...later].map((name) => {
    const path = quote(relative(from, join(folder, name)))
    return `(name = ${quote(name)}, esModule = embed ${path})`
  })
}

/** Returns the configuration as text of Cap'n Proto, whose strings are those of JSON where they are ASCII. */
function configuration(modules: readonly string[], storage: string, variables: Record<string, string>): string {
  const bindings = Object.entries(variables).map(([name, value]) => `(name = ${quote(name)}, text = ${quote(value)})`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    (name = "objects", disk = (path = ${quote(storage)}, writable = true)),
    (name = "network", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "relay")],
);
const relay :Workerd.Worker = (
  compatibilityDate = ${quote(COMPATIBILITY_DATE ?? '')},
  modules = [${modules.join(', ')}],
  bindings = [(name = "OUTBOX", durableObjectNamespace = "LeadOutbox"), ${bindings.join(', ')}],
  durableObjectNamespaces = [(className = "LeadOutbox", uniqueKey = "outbox", enableSql = true)],
  durableObjectStorage = (localDisk = "objects"),
  globalOutbound = "network",
);
`
}

function quote(text: string): string {
  if (/[^\x20-\x7e]/.test(text)) throw new Error(`only ASCII is written into the configuration: ${text}`)
  return JSON.stringify(text)
}

/** Resolves with the port, which workerd writes to its control descriptor. */
function portOf(child: ChildProcess): Promise<number> {
  const control = child.stdio[3] as Readable
  let failure = ''
  child.stdout?.resume()
  child.stderr?.on('data', (chunk: Buffer) => (failure = (failure + chunk.toString()).slice(-2_000)))
  return new Promise((resolve, reject) => {
    let written = ''
    control.on('data', (chunk: Buffer) => {
      written += chunk.toString()
      const port = /"event":"listen","socket":"http","port":(\d+)/.exec(written)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`workerd ended with ${code}:\n${failure}`)))
  })
}
