/**
 * What SQLite does not notice when it keeps a lead, and what the lead would be lost by: that its files no longer lie
 * where they belong, and go with the process; and that a disk on which a few bytes still fit has no room for a lead.
 */
import { statfsSync, statSync } from 'node:fs'
import type { Outbox } from '../outbox/outbox.ts'
import { DiskError } from './node-disk.ts'

/** Room for the largest lead, in the log and in the file, in bytes. */
const ROOM = 512 * 1024

export interface Surroundings {
  /** Which open file no longer lies at its path, if one does not. */
  astray: () => string | undefined
  /** What is free on the disk, in bytes. */
  room: () => number
}

/**
 * The outbox's `add`, which rejects also when what it has written would be lost. For whole groups of leads: each is
 * looked after once, when it has been written, and before that only where something was wrong the last time.
 */
export function keepSafely(outbox: Pick<Outbox, 'add' | 'status'>, { astray, room }: Surroundings): Outbox['add'] {
  let missing: string | undefined
  /** Why the last leads were not kept; nothing once some were. */
  let refusal: { error: unknown } | undefined

  async function expectInPlace(now: number): Promise<void> {
    missing = astray()
    if (missing === undefined) return
    const { waiting, parked } = await outbox.status(now)
    throw new DiskError(
      new Error(`${missing} was moved away, deleted or replaced while the relay has it open`),
      `Move it back. If it is gone, do not end the relay yet: what waits in it is still sent (${waiting}), and what is parked in it can still be looked at (${parked}).`,
    )
  }

  return async (leads, dueAt) => {
    if (missing !== undefined) await expectInPlace(dueAt)
    // What is asked is whether a lead could be kept, and the question fits where no lead does.
    if (leads.length === 0 && refusal && room() < ROOM) throw refusal.error
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
export function surroundingsOf(folder: string, paths: readonly string[]): Surroundings {
  const own = paths.map(fileAt)
  return {
    astray: () => paths.find((path, at) => fileAt(path) !== own[at]),
    room() {
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
