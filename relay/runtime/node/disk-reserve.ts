/** Keeps a reserve of the disk free, so that deliveries, which write too, go on when leads come faster than they go. */
import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Maximum age of a reading, in ms. */
const MAX_AGE_MS = 1_000
const MB = 1024 ** 2

/**
 * Returns a function that says why the disk counts as full; undefined while it does not.
 *
 * @param path path of the outbox file
 * @param reserve space that must stay free, in bytes
 * @param now returns epoch milliseconds
 */
export function watchDisk(
  path: string,
  reserve: number,
  now: () => number,
  freeBytes: () => number = () => freeOn(dirname(path)),
): () => string | undefined {
  let last: { at: number; full: string | undefined } | undefined
  return () => {
    const at = now()
    if (last && Math.abs(at - last.at) < MAX_AGE_MS) return last.full
    const free = freeBytes()
    last = { at, full: free < reserve ? describe(path, free, reserve) : undefined }
    return last.full
  }
}

function describe(path: string, free: number, reserve: number): string {
  const used = sizeOf(path) + sizeOf(`${path}-wal`)
  return `the disk has ${inMB(free)} MB left, less than the ${inMB(reserve)} of FORM_SYNC_DISK_RESERVE_MB, and new leads are refused: make room. ${path} and its log have ${inMB(used)} MB`
}

function freeOn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function inMB(bytes: number): number {
  return Math.round(bytes / MB)
}
