import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqlite, type SqliteFile } from '../../../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import { overwritePages } from '../../../support/outbox-file.ts'

function open(path: string): SqliteFile {
  const sql = openSqlite(path)
  onTestFinished(() => sql.close())
  return sql
}

describe('a SQLite file on Node', () => {
  it('is created with its folder, readable by the own user only', () => {
    const folder = join(makeFolder(), 'a/b')
    const path = join(folder, 'outbox.sqlite')

    open(path).run('CREATE TABLE t (a)')

    const modes = [folder, path, `${path}-wal`].map((each) => (statSync(each).mode & 0o777).toString(8))
    expect(modes).toStrictEqual(['700', '600', '600'])
  })

  it.each([
    ['journal_mode', 'wal'],
    ['synchronous', 2], // FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    ['secure_delete', 1],
    ['busy_timeout', 5_000],
  ])('has the pragma %s set to %s', (pragma, value) => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))

    const [row] = sql.run(`PRAGMA ${pragma}`)

    expect(Object.values(row ?? {})).toStrictEqual([value])
  })

  it('stores a transaction completely or not at all', () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    sql.run('CREATE TABLE t (a)')

    sql.transaction(() => sql.run('INSERT INTO t VALUES (?)', 'kept'))
    const failing = () =>
      sql.transaction(() => {
        sql.run('INSERT INTO t VALUES (?)', 'lost')
        throw new Error('failed halfway')
      })

    expect(failing).toThrow('failed halfway')
    expect(sql.run('SELECT a FROM t')).toMatchObject([{ a: 'kept' }])
  })

  it('has its content when it is opened again', () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const first = openSqlite(path)
    first.run('CREATE TABLE t (a)')
    first.run('INSERT INTO t VALUES (?)', 'kept')
    first.close()

    const again = open(path)

    expect(again.run('SELECT a FROM t')).toMatchObject([{ a: 'kept' }])
  })

  it('is rejected and left unchanged when another program has written it', () => {
    const path = join(makeFolder(), 'other.sqlite')
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE theirs (a)')
    other.close()
    const before = readFileSync(path)

    expect(() => openSqlite(path)).toThrow(
      `${path} cannot be opened as an outbox: it is a SQLite file of another program`,
    )
    expect(readFileSync(path)).toStrictEqual(before)
  })

  it('is rejected and left unchanged when it is not a SQLite file', () => {
    const path = join(makeFolder(), 'notes.txt')
    writeFileSync(path, 'not a database '.repeat(100))

    expect(() => openSqlite(path)).toThrow(`${path} cannot be opened as an outbox: file is not a database`)
    expect(readFileSync(path, 'utf8')).toBe('not a database '.repeat(100))
  })

  it('is rejected with its path when the path is a folder', () => {
    const folder = makeFolder()

    expect(() => openSqlite(folder)).toThrow(`${folder} cannot be opened as an outbox: unable to open database file`)
  })

  it('rejects writes while the disk is full, keeps its content, and accepts writes again when there is space', () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    const add = (value: string) => sql.transaction(() => sql.run('INSERT INTO t VALUES (?)', value))
    sql.run('CREATE TABLE t (a)')
    add('kept')

    sql.run('PRAGMA max_page_count = 2')
    const refused = () => add('x'.repeat(100_000))
    expect(refused).toThrow('database or disk is full. Free some space on the disk.')
    expect(refused).toThrow(expect.objectContaining({ name: 'StorageError' }))
    sql.run('PRAGMA max_page_count = 1000')
    add('after')

    expect(sql.run('SELECT a FROM t')).toMatchObject([{ a: 'kept' }, { a: 'after' }])
  })

  it('says what to do when it is read-only', () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    sql.run('CREATE TABLE t (a)')

    sql.run('PRAGMA query_only = ON')

    expect(() => sql.transaction(() => sql.run('INSERT INTO t VALUES (1)'))).toThrow(
      /^attempt to write a readonly database\. Give the user .*\(uid \d+\) the right to read and write the folder/,
    )
  })

  it('is no longer written to after a read has found corruption', () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const first = openSqlite(path)
    first.run('CREATE TABLE intact (a)')
    first.run('CREATE TABLE t (a)')
    first.close()
    overwritePages(path, 3)
    const sql = open(path)
    const write = () => sql.transaction(() => sql.run('INSERT INTO intact VALUES (1)'))

    write()
    expect(() => sql.run('SELECT a FROM t')).toThrow('database disk image is malformed. The file is damaged. Restart')

    expect(write).toThrow('database disk image is malformed. The file is damaged. Restart')
    expect(() => sql.checkpoint()).toThrow('database disk image is malformed')
    expect(sql.run('SELECT a FROM intact')).toMatchObject([{ a: 1 }])
  })

  it('has its log emptied without a wait: at once, or not at all while another connection reads', () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const sql = open(path)
    sql.run('CREATE TABLE t (a)')
    const reader = new DatabaseSync(path)
    reader.exec('BEGIN')
    reader.prepare('SELECT a FROM t').all()
    sql.run('INSERT INTO t VALUES (1)')

    const [whileRead, kept] = [sql.checkpoint(), statSync(`${path}-wal`).size]
    reader.close()
    const [after, left] = [sql.checkpoint(), statSync(`${path}-wal`).size]

    expect([whileRead, after]).toEqual([false, true])
    expect(kept).toBeGreaterThan(0)
    expect(left).toBe(0)
    expect(sql.run('PRAGMA busy_timeout')).toMatchObject([{ timeout: 5_000 }])
  })

  it('throws SQLite’s own error when the disk is not the cause', () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    sql.run('CREATE TABLE t (a UNIQUE)')
    const add = () => sql.transaction(() => sql.run('INSERT INTO t VALUES (1)'))
    add()

    expect(add).toThrow(/^UNIQUE constraint failed: t\.a$/)
    expect(sql.run('SELECT a FROM t')).toHaveLength(1)
  })
})
