/** The disk under the outboxes: its file system, and the time that it takes to make a page of a database durable. */
import { closeSync, fsyncSync, openSync, readFileSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const PAGE = Buffer.alloc(4_096, 1)
const TIMES = 200

/** Returns the median time of an fsync after a page was appended to a file, in ms. */
export function measureFsync(folder: string): number {
  const file = openSync(join(folder, 'fsync'), 'a')
  const times = Array.from({ length: TIMES }, () => {
    writeSync(file, PAGE)
    const from = performance.now()
    fsyncSync(file)
    return performance.now() - from
  })
  closeSync(file)
  return times.toSorted((a, b) => a - b)[TIMES / 2] ?? Number.NaN
}

/** Linux's numbers of file systems that are in memory, where nothing is durable. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6])

/**
 * Returns the name of the file system that holds the folder, such as `ext4`.
 *
 * @throws for one in memory
 */
export function fileSystemOf(folder: string): string {
  if (IN_MEMORY.has(statfsSync(folder).type)) {
    throw new Error(`${folder} is in memory: set TMPDIR to a folder on a disk`)
  }
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '']) => folder === at || folder.startsWith(at.endsWith('/') ? at : `${at}/`))
  const innermost = mounts.toSorted(([, a = ''], [, b = '']) => b.length - a.length)[0]
  return innermost?.[2] ?? 'unknown'
}
