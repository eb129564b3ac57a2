/**
 * What SQLite does not notice when it keeps a lead, and what the lead would be lost by: that its files no longer lie
 * where they belong, and go with the process; and that a disk on which a few bytes still fit has no room for a lead.
 */
import { statfsSync, statSync } from 'node:fs'
import type { Outbox } from '../../outbox/outbox.ts'
import { StorageError } from './storage-errors.ts'

/** Room for the largest lead, in the log and in the file, in bytes. */
const MIN_FREE_BYTES = 512 * 1024

export interface OutboxFiles {
  /** Which open file no longer lies at its path, if one does not. */
  missing: () => string | undefined
  /** What is free on the disk, in bytes. */
  freeBytes: () => number
}

/**
 * The outbox's `add`, which rejects also when what it has written would be lost. For whole groups of leads: each is
 * looked after once, when it has been written, and before that only where something was wrong the last time.
 */
export function withDurabilityChecks(
  outbox: Pick<Outbox, 'add' | 'status'>,
  { missing, freeBytes }: OutboxFiles,
): Outbox['add'] {
  let missingFile: string | undefined
  /** Why the last leads were not kept; nothing once some were. */
  let refusal: { error: unknown } | undefined

  async function expectInPlace(now: number): Promise<void> {
    missingFile = missing()
    if (missingFile === undefined) return
    const { waiting, parked } = await outbox.status(now)
    throw new StorageError(
      new Error(`${missingFile} was moved away, deleted or replaced while the relay has it open`),
      `Move it back. If it is gone, do not end the relay yet: what waits in it is still sent (${waiting}), and what is parked in it can still be looked at (${parked}).`,
    )
  }

  return async (leads, dueAt) => {
    if (missingFile !== undefined) await expectInPlace(dueAt)
    // What is asked is whether a lead could be kept, and the question fits where no lead does.
    if (leads.length === 0 && refusal && freeBytes() < MIN_FREE_BYTES) throw refusal.error
    try {
      await outbox.add(leads, dueAt)
    } catch (error) {
      if (leads.length > 0) refusal = { error }
      throw error
    }
    if (leads.length > 0) refusal = undefined
    await expectInPlace(dueAt)
  }
}

/** The surroundings of open files. By number and disk, as SQLite itself tells them apart. */
export function watchFiles(folder: string, paths: readonly string[]): OutboxFiles {
  const own = paths.map(fileAt)
  return {
    missing: () => paths.find((path, at) => fileAt(path) !== own[at]),
    freeBytes() {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    },
  }
}

/** What lies there, if anything does. As a bigint: the numbers of some file systems are larger than a number holds. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino}`
}
