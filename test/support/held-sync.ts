/** A sync of the write-ahead log that ends when the test says so. */
import { setImmediate as turn } from 'node:timers/promises'
import type { SyncFile } from '../../relay/runtime/node/log-sync.ts'

/** A sync that has begun. */
export interface HeldSync {
  /** Descriptor of the file. */
  file: number
  /** Ends it, with an error where it has failed. */
  end: (error?: Error) => void
}

/** Returns a sync to inject, and the syncs that have begun so far. */
export function holdSyncs(): { syncFile: SyncFile; begun: HeldSync[] } {
  const begun: HeldSync[] = []
  return { begun, syncFile: (file, done) => void begun.push({ file, end: (error) => done(error ?? null) }) }
}

/** Returns whether a promise is settled after a few turns of the event loop, in which anything that it waits for but a sync ends. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => (settled = true)
  promise.then(settle, settle)
  for (let turns = 0; turns < 5; turns += 1) await turn()
  return settled
}
