import { copyFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLogEmptier } from '../../../../relay/runtime/node/log-emptier.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import { open } from '../../../support/outbox-file.ts'
import { startReader } from '../../../support/reader.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

const MB = 1024 ** 2
const HOUR = 3_600_000
/** The relay's promise in docs/storage.md. */
const TEN_SECONDS = 10_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  return () => vi.useRealTimers()
})

function sizeOfLog(path: string): number {
  return statSync(`${path}-wal`).size
}

/** Opens an outbox with one lead, and with a clock that the test sets. */
async function startOutbox() {
  const path = join(makeFolder(), 'outbox.sqlite')
  const clock = { now: T }
  const errors: unknown[] = []
  const opened = await open(path, { now: () => clock.now, onLogError: (error) => errors.push(error) })
  onTestFinished(async () => {
    await opened.stop()
    opened.sql.close()
  })
  await opened.outbox.add([lead('first')], T)
  return { ...opened, path, clock, errors }
}

/** Opens a database with a table of large values and an emptier, and returns what writes to it. */
function startDatabase() {
  const path = join(makeFolder(), 'outbox.sqlite')
  const sql = openSqlite(path)
  const errors: unknown[] = []
  sql.run('CREATE TABLE t (a)')
  const log = createLogEmptier({ path, sql, now: () => T, onError: (error) => errors.push(error) })
  // The log grows as if a reader had just ended.
  sql.run('PRAGMA wal_autocheckpoint = 0')
  onTestFinished(async () => {
    await log.stop()
    sql.close()
  })
  const write = (megabytes: number) => {
    for (let n = 0; n < megabytes; n += 1) sql.transaction(() => sql.run('INSERT INTO t VALUES (zeroblob(?))', MB))
  }
  return { path, sql, log, errors, write }
}

describe('the log of an open outbox', () => {
  it('is emptied ten seconds after a write, not before', async () => {
    const { path, issues } = await startOutbox()

    await vi.advanceTimersByTimeAsync(TEN_SECONDS - 1)
    const before = sizeOfLog(path)
    await vi.advanceTimersByTimeAsync(1)

    expect(before).toBeGreaterThan(0)
    expect(sizeOfLog(path)).toBe(0)
    expect(issues()).toEqual([])
  })

  it('is kept while another process reads the file, and emptied within ten seconds when that has ended', async () => {
    const { path, outbox } = await startOutbox()
    const reader = await startReader(path)
    await outbox.add([lead('second')], T)

    await vi.advanceTimersByTimeAsync(3 * TEN_SECONDS)
    const kept = sizeOfLog(path)
    await reader.end('SIGKILL')
    await vi.advanceTimersByTimeAsync(TEN_SECONDS)

    expect(kept).toBeGreaterThan(0)
    expect(sizeOfLog(path)).toBe(0)
    expect(await outbox.status(T)).toMatchObject({ waiting: 2 })
  })

  it('is an issue after a reader has kept it for an hour, until that reader ends', async () => {
    const { path, outbox, clock, issues } = await startOutbox()
    const reader = await startReader(path)
    await outbox.add([lead('second')], T)
    await vi.advanceTimersByTimeAsync(TEN_SECONDS)

    clock.now = T + HOUR - 1
    const before = issues()
    clock.now = T + HOUR
    const after = issues()
    await reader.end('SIGKILL')
    await vi.advanceTimersByTimeAsync(TEN_SECONDS)

    expect(before).toEqual([])
    expect(after).toMatchObject([{ kind: 'reader', count: 1, ageSeconds: 3_600 }])
    expect(after[0]?.reason).toContain(`another process has read ${path} since 2023-11-14T22:13:20.000Z`)
    expect(after[0]?.reason).toContain('End that process')
    expect(issues()).toEqual([])
  })

  it('is left alone when the outbox is closed', async () => {
    const { path, stop, errors } = await startOutbox()

    await stop()
    await vi.advanceTimersByTimeAsync(10 * TEN_SECONDS)

    expect(sizeOfLog(path)).toBeGreaterThan(0)
    expect(errors).toEqual([])
  })
})

describe('the checkpoints of SQLite’s own, which are part of a commit', () => {
  it('are off while a reader keeps the log, and on again when that has ended', async () => {
    const { path, sql, outbox } = await startOutbox()
    const own = () => sql.run('PRAGMA wal_autocheckpoint')
    const before = own()
    const reader = await startReader(path)
    await outbox.add([lead('second')], T)

    await vi.advanceTimersByTimeAsync(TEN_SECONDS)
    const whileRead = own()
    await reader.end('SIGKILL')
    await vi.advanceTimersByTimeAsync(TEN_SECONDS)

    expect([before, whileRead, own()]).toMatchObject([1_000, 0, 1_000].map((pages) => [{ wal_autocheckpoint: pages }]))
  })
})

describe('a log that grows fast', () => {
  it('is emptied as soon as it has 16 MB', async () => {
    const { path, log, write } = startDatabase()

    write(15)
    log.written()
    await new Promise(setImmediate)
    const below = sizeOfLog(path)
    write(2)
    log.written()
    await new Promise(setImmediate)

    expect(below).toBeGreaterThan(15 * MB)
    expect(sizeOfLog(path)).toBe(0)
  })

  it('is copied by a thread when it has more than 64 MB, while transactions go on, and then emptied', async () => {
    const { path, sql, log, errors, write } = startDatabase()
    const checkpoint = vi.spyOn(sql, 'checkpoint')
    write(70)

    log.written()
    await new Promise(setImmediate)
    const copying = checkpoint.mock.calls.length
    write(1)
    await vi.waitFor(() => expect(sizeOfLog(path)).toBe(0), { timeout: 20_000, interval: 10 })

    expect(copying).toBe(0)
    expect(errors).toEqual([])
    expect(sql.run('SELECT count(*) AS n FROM t')).toMatchObject([{ n: 71 }])
  })

  it('keeps its size in sight while a reader keeps it: the event loop does not try to copy it', async () => {
    const { path, sql, log, errors, write } = startDatabase()
    await startReader(path)
    const checkpoint = vi.spyOn(sql, 'checkpoint')
    write(70)

    log.written()
    await vi.waitFor(() => expect(log.kept()).toBeDefined(), { timeout: 20_000, interval: 10 })

    expect(log.kept()).toEqual({ since: T, bytes: sizeOfLog(path) })
    expect(sizeOfLog(path)).toBeGreaterThan(70 * MB)
    expect(checkpoint).not.toHaveBeenCalled()
    expect(errors).toEqual([])
  })

  it('creates no new file when the database was moved away', async () => {
    const { path, log, errors, write } = startDatabase()
    write(70)
    renameSync(path, `${path}.bak`)
    onTestFinished(() => copyFileSync(`${path}.bak`, path))

    log.written()
    await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 20_000, interval: 10 })

    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
    expect(log.kept()).toBeUndefined()
    expect(errors).toMatchObject([{ message: 'unable to open database file' }])
  })
})
