/**
 * Detects two ways to lose a stored lead that SQLite does not notice: the files are no longer at their paths and will be
 * gone when the process ends; or the disk has space for a few bytes but not for a lead.
 */
import { statfsSync, statSync } from 'node:fs'
import type { Outbox } from '../../outbox/outbox.ts'
import { StorageError } from './storage-errors.ts'

/** Space that the largest lead needs in the log and in the file. */
const MIN_FREE_BYTES = 512 * 1024

export interface OutboxFiles {
  /** Returns the path of an open file that is no longer there, or undefined. */
  missing: () => string | undefined
  /** Returns the free space on the disk, in bytes. */
  freeBytes: () => number
}

/**
 * Returns the outbox's `add` with both checks: it also rejects if the written leads would be lost. It is meant for groups
 * of leads, since each group is checked once, after it was written; after a failed check also before the next write.
 */
export function withDurabilityChecks(
  outbox: Pick<Outbox, 'add' | 'status'>,
  { missing, freeBytes }: OutboxFiles,
): Outbox['add'] {
  let missingFile: string | undefined
  /** The error of the last write, until a write succeeds. */
  let lastFailure: { error: unknown } | undefined

  async function expectInPlace(now: number): Promise<void> {
    missingFile = missing()
    if (missingFile === undefined) return
    const { waiting, parked } = await outbox.status(now)
    throw new StorageError(
      new Error(`${missingFile} was moved away, deleted or replaced while the relay has it open`),
      `Move it back. If it is gone, do not stop the relay yet: it still sends the leads that wait in it (${waiting}), and the parked leads in it can still be read (${parked}).`,
    )
  }

  return async (leads, dueAt) => {
    if (missingFile !== undefined) await expectInPlace(dueAt)
    // A readiness check writes no lead, so it may succeed on a disk without space for one.
    if (leads.length === 0 && lastFailure && freeBytes() < MIN_FREE_BYTES) throw lastFailure.error
    try {
      await outbox.add(leads, dueAt)
    } catch (error) {
      if (leads.length > 0) lastFailure = { error }
      throw error
    }
    if (leads.length > 0) lastFailure = undefined
    await expectInPlace(dueAt)
  }
}

/** Observes open files. It compares device and inode, as SQLite itself does. */
export function observeFiles(folder: string, paths: readonly string[]): OutboxFiles {
  const own = paths.map(identityOf)
  return {
    missing: () => paths.find((path, at) => identityOf(path) !== own[at]),
    freeBytes() {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    },
  }
}

/** Returns device and inode of the file at `path`, if there is one. Some exceed the range of a number, hence `bigint`. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino}`
}
