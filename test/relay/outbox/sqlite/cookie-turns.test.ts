/** The turns of cookies in a SQLite database. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'
import type { SqliteFile } from '../../../../relay/runtime/node/sqlite-file.ts'
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import { makeFolder } from '../../../support/folder.ts'
import { SECOND, T } from '../../../suites/outbox/leads.ts'
import { openFile } from './open-file.ts'

const LEASE = 100 * SECOND
const DAY = 86_400 * SECOND

const open = (sql: SqliteFile, account = 'default') =>
  createSqliteOutbox(sql, { batchKeys: TEST_BATCH_KEYS, crypto: NODE_CRYPTO, account })

describe('the turns of cookies in a file', () => {
  it('are known after the outbox was opened anew', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const sql = openFile(path)
    const before = await open(sql)
    await before.takeTurn('cookie', `${T} b`, LEASE, T)

    const again = await open(openFile(path))
    const older = await again.takeTurn('cookie', `${T} a`, LEASE, T + 9 * LEASE)
    const newer = await again.takeTurn('cookie', `${T} c`, LEASE, T + SECOND)

    expect([older, newer]).toStrictEqual([null, LEASE - SECOND])
  })

  it('are those of one visitor in one account', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await open(sql)
    const other = await open(sql, 'other')
    await outbox.takeTurn('cookie', `${T} b`, LEASE, T)

    const answers = [
      await outbox.takeTurn('another cookie', `${T} a`, LEASE, T),
      await other.takeTurn('cookie', `${T} a`, LEASE, T),
    ]

    expect(answers).toStrictEqual([0, 0])
  })

  it('end early by the lead that has it alone', async () => {
    const outbox = await open(openFile(join(makeFolder(), 'outbox.sqlite')))
    await outbox.takeTurn('cookie', `${T} b`, LEASE, T)
    await outbox.takeTurn('cookie', `${T} a`, 0, T)
    await outbox.takeTurn('another cookie', `${T} b`, 0, T)
    const before = await outbox.takeTurn('cookie', `${T} b`, LEASE, T + SECOND)
    await outbox.takeTurn('cookie', `${T} b`, 0, T + SECOND)
    const after = await outbox.takeTurn('cookie', `${T} c`, LEASE, T + SECOND)

    expect([before, after]).toStrictEqual([LEASE - SECOND, 0])
  })

  it('forget the ids of erased leads, and keep the order of the visitor', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await open(sql)
    const id = '0193573a-1c00-7000-8000-0123456789ab'
    await outbox.takeTurn('cookie', `${T} ${id} 1001`, 0, T)
    await outbox.takeTurn('another cookie', `${T} 0193573a-1c00-7000-8000-0123456789ac 1002`, 0, T)

    await outbox.forgetTurns([id])

    const newest = sql.run<{ newest: string }>('SELECT newest FROM visitor').map((row) => row.newest)
    expect(newest.toSorted()).toStrictEqual([String(T), `${T} 0193573a-1c00-7000-8000-0123456789ac 1002`])
    expect(await outbox.takeTurn('cookie', `${T - 1} older 1001`, LEASE, T)).toBeNull()
    expect(await outbox.takeTurn('cookie', `${T + 1} newer 1003`, LEASE, T)).toBe(0)
  })

  it('hold no cookie in clear', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await open(sql)

    await outbox.takeTurn('id:123-ABC-456&token:_mch-acme.example', `${T} a`, LEASE, T)

    const rows = sql.run('SELECT * FROM visitor')
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain('_mch')
  })

  it('are forgotten ten days after the receipt of the newest lead', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await open(sql)
    for (const n of [1, 2, 3]) await outbox.takeTurn(`cookie ${n}`, `${T + n * DAY} a`, LEASE, T)
    const left = () => sql.run('SELECT newest FROM visitor ORDER BY newest').map(({ newest }) => newest)

    await outbox.sweep(T + 11 * DAY, 500)
    const before = left()
    await outbox.sweep(T + 13 * DAY, 500)

    expect(before).toHaveLength(3)
    expect(left()).toStrictEqual([`${T + 3 * DAY} a`])
  })
})
