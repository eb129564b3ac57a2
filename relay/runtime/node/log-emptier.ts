/**
 * Empties the write-ahead log (`-wal`) of an outbox, so that it stays small and no wiped data stays in it.
 *
 * An attempt never waits for another process: it ends at once when one reads the file, and is repeated later. A large log
 * is first copied into the file by a thread, so that the event loop does not wait for the disk. It decides when the log is
 * emptied; `sqlite-file.ts` and `log-thread.ts` do it.
 */
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { LOG_THREAD } from './built-files.ts'
import type { SqliteFile } from './sqlite-file.ts'

/** Maximum time from a write to the next attempt to empty the log, in ms. Wiped data stays in the log for so long. */
const EMPTY_INTERVAL_MS = 10_000

/** Size of the log that starts an attempt at once, in bytes. SQLite's own checkpoints keep it below, without a reader. */
const MAX_LOG_BYTES = 16 * 1024 ** 2

/** Maximum part of the log that the event loop copies itself, in bytes: some 50 ms. */
const MAX_OWN_BYTES = 64 * 1024 ** 2

/** Bytes of the log for each page: the page and its header. */
const FRAME_BYTES = 4_096 + 24

/** Length of the log at which SQLite copies it into the file by itself, in pages. SQLite's default. */
const OWN_CHECKPOINT_PAGES = 1_000

/** A log that another process keeps from being emptied. */
export interface KeptLog {
  /** Time of the first attempt that failed, in epoch milliseconds. */
  since: number
  /** Size of the log. */
  bytes: number
}

export interface LogEmptier {
  /** Tells that a transaction was committed. */
  written(): void
  /** Returns the log if the last attempt could not empty it. */
  kept(): KeptLog | undefined
  /** Makes no further attempt. Resolves when the thread has ended. */
  stop(): Promise<void>
}

export interface LogEmptierOptions {
  /** Path of the database. */
  path: string
  sql: Pick<SqliteFile, 'checkpoint' | 'run'>
  /** Returns epoch milliseconds. */
  now: () => number
  /** Called when an attempt failed for another reason than a reader. It is repeated all the same. */
  onError: (error: unknown) => void
}

/** Report of SQLite on a checkpoint: pages in the log, and pages that were copied. */
interface CheckpointResult {
  log: number
  checkpointed: number
}

/**
 * Creates an emptier for an open database.
 *
 * SQLite's own checkpoints stay on while no reader keeps the log: they wait for nobody, and reuse the log without making
 * it grow again, which would cost time at each fsync. While a reader keeps the log they are off, because each commit
 * would sort the pages of the whole log in vain.
 */
export function createLogEmptier({ path, sql, now, onError }: LogEmptierOptions): LogEmptier {
  const log = `${path}-wal`
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let thread: Worker | undefined
  let since: number | undefined
  let stopped = false

  async function attempt(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    try {
      const isEmpty = (sizeOf(log) <= MAX_OWN_BYTES || (await copyInThread())) && !stopped && sql.checkpoint()
      if (isEmpty === (since !== undefined))
        sql.run(`PRAGMA wal_autocheckpoint = ${isEmpty ? OWN_CHECKPOINT_PAGES : 0}`)
      since = isEmpty ? undefined : (since ?? now())
    } catch (error) {
      onError(error)
    }
    if (sizeOf(log) > 0) schedule()
  }

  /** Copies the log into the file. Resolves with true if nearly all of it is copied; rejects if the thread fails. */
  async function copyInThread(): Promise<boolean> {
    const worker = new Worker(LOG_THREAD, { workerData: path })
    thread = worker
    let copied = false
    worker.once('message', ({ log, checkpointed }: CheckpointResult) => {
      copied = (log - checkpointed) * FRAME_BYTES <= MAX_OWN_BYTES
    })
    try {
      await once(worker, 'exit')
    } finally {
      thread = undefined
    }
    return copied
  }

  function start(): void {
    if (!stopped) running ??= attempt().finally(() => (running = undefined))
  }

  function schedule(): void {
    if (!stopped) timer ??= setTimeout(start, EMPTY_INTERVAL_MS).unref()
  }

  return {
    written() {
      schedule()
      // While a reader keeps the log, an attempt for each write would fail as the last one did.
      if (!running && since === undefined && sizeOf(log) >= MAX_LOG_BYTES) setImmediate(start)
    },
    kept: () => (since === undefined ? undefined : { since, bytes: sizeOf(log) }),
    async stop() {
      stopped = true
      clearTimeout(timer)
      await thread?.terminate()
    },
  }
}

/** Returns the size of a file in bytes; 0 for a missing file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
