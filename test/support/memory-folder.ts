/**
 * A folder in memory for the temporary files of a test run. Databases on a disk wait for it at each commit, which takes
 * a quarter of their tests' processor time. No test cuts the power: what a process has written outlives it in memory too.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from './processes.ts'

const MEMORY = '/dev/shm'

/** Space that a run must find, in bytes. Its PostgreSQL servers and browsers use about a quarter of it at once. */
const MIN_FREE = 2 * 1024 ** 3

/** Name of a run's folder, with the id of its process. */
const NAME = /^form-sync-run-(\d+)$/

/**
 * Creates the folder of this process, and removes those of processes that were killed.
 *
 * @returns the environment that makes it the folder for temporary files; empty if there is no such memory, if it has no
 *   room, as in a container by default, or if no program may run from it
 */
export function useMemoryFolder(): Readonly<Record<string, string>> {
  if (!isUsable()) return {}
  for (const name of readdirSync(MEMORY)) {
    const pid = Number(NAME.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) rmSync(join(MEMORY, name), { recursive: true, force: true })
  }
  const folder = join(MEMORY, `form-sync-run-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return { TMPDIR: folder }
}

function isUsable(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    const options = new RegExp(`^\\S+ ${MEMORY} tmpfs (\\S+)`, 'm').exec(readFileSync('/proc/mounts', 'utf8'))?.[1]
    return bavail * bsize >= MIN_FREE && options !== undefined && !options.split(',').includes('noexec')
  } catch {
    return false
  }
}
