/**
 * A thread that copies the log of a database into its file, on a connection of its own.
 *
 * It neither waits for readers nor makes writers wait: a passive checkpoint copies what no reader still needs.
 */
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

// The file is not created if it was moved away.
const db = new DatabaseSync(new URL('?mode=rw', pathToFileURL(workerData as string)))
try {
  const { log, checkpointed } = db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() ?? {}
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage({ log, checkpointed })
} finally {
  db.close()
}
