/**
 * Child processes and temporary folders that do not outlive this process, however it ends.
 *
 * Both are registered with a cleanup process. It reads its stdin, which closes when this process is gone, even after
 * SIGKILL; then it kills the registered processes that still run and removes the registered folders.
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Entry } from './cleanup-process.ts'

/** Maximum number of folders that are kept for a person to look at. The oldest is removed first. */
const MAX_KEPT_FOLDERS = 5

const KEPT_PREFIX = 'form-sync-kept-'

let registry: Writable | undefined

/**
 * Starts a program that is killed when this process ends.
 *
 * @param options with `detached` the whole process group is killed
 */
export function spawnChild(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options)
  const { pid } = child
  if (pid === undefined) return child
  const entry = { pid, group: options.detached === true }
  register(entry)
  child.once('exit', () => register({ ...entry, done: true }))
  return child
}

/** Resolves with the first match in the output of a child; rejects when the child ends before. */
export function waitForOutput(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const found = pattern.exec(output)
      if (found) resolve(found)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}:\n${output}`)))
  })
}

/** Sends a signal, unless the child has ended, and resolves when it has. */
export function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
  child.kill(signal)
  return ended
}

export interface TempFolder {
  path: string
  remove: () => void
  /** Keeps the folder for a person to look at, and returns its new path. At most five folders are kept in all. */
  keep: () => string
}

/** Makes a folder in the system's temporary folder. It is removed when this process ends, if not before. */
export function makeTempFolder(name: string): TempFolder {
  const path = mkdtempSync(join(tmpdir(), `form-sync-${name}-`))
  register({ folder: path })
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
      register({ folder: path, done: true })
    },
    keep() {
      const kept = join(tmpdir(), KEPT_PREFIX + basename(path).slice('form-sync-'.length))
      renameSync(path, kept)
      register({ folder: path, done: true })
      removeOldest()
      return kept
    },
  }
}

function removeOldest(): void {
  const kept = readdirSync(tmpdir())
    .filter((name) => name.startsWith(KEPT_PREFIX))
    .map((name) => join(tmpdir(), name))
  const newestFirst = kept.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const folder of newestFirst.slice(MAX_KEPT_FOLDERS)) rmSync(folder, { recursive: true, force: true })
}

function register(entry: Entry): void {
  registry ??= startCleanup()
  registry.write(`${JSON.stringify(entry)}\n`)
}

function startCleanup(): Writable {
  const program = fileURLToPath(import.meta.resolve('./cleanup-process.ts'))
  const cleanup = spawn(process.execPath, [program], {
    // A group of its own: Ctrl-C in a terminal does not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  // It must not keep this process running.
  cleanup.unref()
  const { stdin } = cleanup
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  stdin.on('error', () => {})
  return stdin
}
