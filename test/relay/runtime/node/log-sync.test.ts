import { fstatSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openLogSync } from '../../../../relay/runtime/node/log-sync.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import { holdSyncs, isSettled } from '../../../support/held-sync.ts'

/** Opens a database with one table, and its log, whose syncs the test ends. */
function opened({ mode = 'WAL' } = {}) {
  const path = join(makeFolder(), 'outbox.sqlite')
  const sql = openSqlite(path)
  onTestFinished(() => sql.close())
  sql.run(`PRAGMA journal_mode = ${mode}`)
  sql.run('CREATE TABLE t (a)')
  const { syncFile, begun } = holdSyncs()
  const failures: string[] = []
  const log = openLogSync(path, sql, () => failures.push('failed'), syncFile)
  onTestFinished(() => log.close())
  return {
    path,
    sql,
    log,
    begun,
    failures,
    commit(statement = 'INSERT INTO t VALUES (1)') {
      sql.transaction(() => sql.run(statement))
      log.written()
    },
  }
}

describe('the sync of the write-ahead log', () => {
  it('takes over from SQLite, which forces no commit to the disk any more', () => {
    const { sql } = opened()

    // NORMAL: https://www.sqlite.org/pragma.html#pragma_synchronous
    expect(sql.run('PRAGMA synchronous')).toEqual([{ synchronous: 1 }])
  })

  it('has ended before a flush resolves', async () => {
    const { log, begun, commit } = opened()
    commit()

    const flushed = log.flush()
    const before = await isSettled(flushed)
    begun[0]!.end()

    expect(before).toBe(false)
    await expect(flushed).resolves.toBeUndefined()
  })

  it('does not count for a commit that came after it had begun', async () => {
    const { log, begun, commit } = opened()
    commit()
    const first = log.flush()
    commit()

    const second = log.flush()
    begun[0]!.end()
    await first
    const before = await isSettled(second)
    begun[1]!.end()

    expect(before).toBe(false)
    await expect(second).resolves.toBeUndefined()
  })

  it('that has ended does not count for a commit that came meanwhile, and whose flush begins later', async () => {
    const { log, begun, commit } = opened()
    commit()
    const first = log.flush()
    commit()
    begun[0]!.end()
    await first

    const second = log.flush()
    const before = await isSettled(second)
    begun[1]!.end()

    expect(before).toBe(false)
    await expect(second).resolves.toBeUndefined()
  })

  it('is shared by all that wait for the next one', async () => {
    const { log, begun, commit } = opened()
    commit()
    const first = log.flush()
    const others = [1, 2, 3].map(() => {
      commit()
      return log.flush()
    })

    begun[0]!.end()
    await first
    await isSettled(others[0]!)
    begun[1]!.end()

    await Promise.all(others)
    expect(begun).toHaveLength(2)
  })

  it('that is under way is enough for a flush that nothing was committed before', async () => {
    const { log, begun, commit } = opened()
    commit()
    const flushes = [log.flush(), log.flush()]

    begun[0]!.end()
    await Promise.all(flushes)

    expect(begun).toHaveLength(1)
  })

  it('is left out when nothing was written since the last one', async () => {
    const { log, begun, commit } = opened()
    commit()
    const first = log.flush()
    begun[0]!.end()
    await first

    commit('UPDATE t SET a = 2 WHERE a = 3')
    await log.flush()

    expect(begun).toHaveLength(1)
  })

  it('rejects all that wait when it fails, and everything after that', async () => {
    const { log, begun, failures, commit } = opened()
    commit()
    const first = log.flush()
    commit()
    const second = log.flush()
    const outcomes = Promise.allSettled([first, second])

    begun[0]!.end(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))

    const reason = /^EIO: i\/o error, fdatasync\. The write-ahead log could not be forced .* until it is restarted/
    const error = expect.objectContaining({ name: 'StorageError', message: expect.stringMatching(reason) as string })
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ])
    await expect(log.flush()).rejects.toThrow(reason)
    expect(() => log.expectSound()).toThrow(reason)
    expect(begun).toHaveLength(1)
    expect(failures).toEqual(['failed'])
  })

  it('lets a write go on at once while there is none under way, and else when it has ended', async () => {
    const { log, begun, commit } = opened()
    const order: string[] = []
    log.whenIdle(() => order.push('at once'))
    commit()
    const flushed = log.flush().then(() => order.push('flushed'))

    log.whenIdle(() => order.push('later'))
    order.push('before the end')
    begun[0]!.end()
    await flushed

    expect(order).toEqual(['at once', 'before the end', 'later', 'flushed'])
  })

  it('is of the file that SQLite writes, also when another one has its name', async () => {
    const { path, log, begun, commit } = opened()
    renameSync(`${path}-wal`, `${path}-moved`)
    writeFileSync(`${path}-wal`, '')

    commit()
    const flushed = log.flush()

    expect(fstatSync(begun[0]!.file).ino).toBe(statSync(`${path}-moved`).ino)
    expect(statSync(`${path}-wal`).size).toBe(0)
    begun[0]!.end()
    await flushed
  })

  it('is of the file that SQLite writes after the log was emptied', async () => {
    const { path, sql, log, begun, commit } = opened()
    const isEmpty = sql.checkpoint() && statSync(`${path}-wal`).size === 0

    commit()
    const flushed = log.flush()

    expect(isEmpty).toBe(true)
    expect(fstatSync(begun[0]!.file).ino).toBe(statSync(`${path}-wal`).ino)
    expect(fstatSync(begun[0]!.file).size).toBeGreaterThan(0)
    begun[0]!.end()
    await flushed
  })

  it('has its file open until it has ended, also when the log is closed meanwhile', async () => {
    const { log, begun, commit } = opened()
    commit()
    const flushed = log.flush()

    log.close()
    const during = fstatSync(begun[0]!.file).isFile()
    begun[0]!.end()
    await flushed

    expect(during).toBe(true)
    expect(() => fstatSync(begun[0]!.file)).toThrow('EBADF')
  })

  it('is left to SQLite where there is no log', async () => {
    const { sql, log, begun, commit } = opened({ mode: 'DELETE' })

    commit()
    await log.flush()

    expect(begun).toEqual([])
    expect(sql.run('PRAGMA synchronous')).toEqual([{ synchronous: 2 }])
  })
})
