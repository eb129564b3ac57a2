/** The upgrade of a file that an older program has written. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Batch } from '../../../../relay/outbox/outbox.ts'
import type { Row, Sql } from '../../../../relay/outbox/sqlite/database.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { VERSION } from '../../../../relay/outbox/sqlite/tables.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite, type SqliteFile } from '../../../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import { lead, LATER, SECOND, settleBatch, T } from '../../../suites/outbox/leads.ts'
import { OLD_TABLES, upgrading } from '../../../suites/outbox/sqlite/upgrade.ts'
import { openFile } from './open-file.ts'

type OldTables = (typeof OLD_TABLES)[number]

/** Makes a file with old tables, and returns its path. */
function writeOld({ statements }: OldTables): string {
  const path = join(makeFolder(), 'outbox.sqlite')
  const sql = openSqlite(path)
  for (const statement of statements) sql.run(statement)
  sql.close()
  return path
}

/** Returns the tables of a file with their rows, and the indexes and triggers. */
function dump(sql: Sql): Record<string, Row[]> {
  const schema = sql.run<{ name: string; type: string; sql: string }>(
    `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'upgrade_%' ORDER BY type, name`,
  )
  const tables = schema.filter(({ type }) => type === 'table')
  return {
    schema: schema.map((row) => ({ ...row })),
    ...Object.fromEntries(
      tables.map(({ name }) => [name, sql.run(`SELECT * FROM ${name} ORDER BY 1`).map((row) => ({ ...row }))]),
    ),
  }
}

/** The check of the tables in the programs of versions 1 to 3. Those of later versions have other words. */
function checkVersion(sql: Sql, known: number): void {
  sql.transaction(() => {
    sql.run('CREATE TABLE IF NOT EXISTS meta (version INTEGER NOT NULL)')
    const found = sql.run<{ version: number }>('SELECT version FROM meta')[0]?.version ?? 0
    if (found > known) {
      throw new Error(`the outbox has version ${found} and this form-sync knows up to ${known}: run a newer form-sync`)
    }
  })
}

/** Wraps a database whose n-th statement throws. */
function failing(sql: SqliteFile, n: number): Sql {
  let count = 0
  return {
    run(statement, ...values) {
      count += 1
      if (count === n) throw new Error(`statement ${n} was interrupted`)
      return sql.run(statement, ...values)
    },
    write: (statement, ...values) => sql.write(statement, ...values),
    transaction: (work) => sql.transaction(work),
  }
}

upgrading(async (tables, limits) => createSqliteOutbox(openFile(writeOld(tables)), { ...OUTBOX_OPTIONS, limits }))

describe.each(OLD_TABLES)('a file of version $version', (tables) => {
  const { version } = tables

  it('has the tables of today after the upgrade, and is not upgraded again', async () => {
    const sql = openFile(writeOld(tables))
    await createSqliteOutbox(sql, OUTBOX_OPTIONS)
    const before = dump(sql)
    const fresh = openFile(join(makeFolder(), 'outbox.sqlite'))
    await createSqliteOutbox(fresh, OUTBOX_OPTIONS)

    await createSqliteOutbox(sql, OUTBOX_OPTIONS)

    expect(dump(sql)).toStrictEqual(before)
    expect(before.meta).toMatchObject([{ version: VERSION }])
    expect(before.schema).toStrictEqual(dump(fresh).schema)
  })

  it('has counters by form after the upgrade', async () => {
    const sql = openFile(writeOld(tables))
    await createSqliteOutbox(sql, OUTBOX_OPTIONS)

    const counters = sql.run(
      `SELECT form, waiting, held, parked, accepted_total, parked_total, delivered_total, account FROM counter`,
    )

    const demo = version >= 4 ? ['demo', 2, 1, 0, 5, 0, 2] : ['demo', 2, 0, 0, 4, 0, 2]
    // A lead whose receipt was swept has no form any more.
    const expected =
      version === 1
        ? [['contact', 7, 0, 2, 9, 2, 0], demo]
        : [['', 0, 0, 0, 1, 0, 1], ['contact', 10, 0, 3, 13, 3, 0], demo]
    expect(counters.map((row) => Object.values(row))).toStrictEqual(expected.map((row) => [...row, 'default']))
  })

  it('has the limits and the circuit breaker in the state of the account after the upgrade', async () => {
    const sql = openFile(writeOld(tables))
    await createSqliteOutbox(sql, OUTBOX_OPTIONS)

    const controls = sql.run<{ account: string; transport: string; state: string }>('SELECT * FROM control')

    const budget = {
      tokens: version === 2 ? expect.any(Number) : 4,
      filledAt: T + (version === 2 ? 29 : 60) * SECOND,
      rateShare: 0.5,
      rateReducedAt: T + 20 * SECOND,
      concurrencyShare: 1,
      concurrencyReducedAt: 0,
      spent: version === 2 ? 15 : 16,
      dayEndsAt: 1_700_028_060_000,
    }
    const breaker = { reason: 'bad key', blocked: true, passed: 0, retryAt: T + 60 * SECOND }
    expect(controls.map((row) => ({ ...row, state: JSON.parse(row.state) as object }))).toStrictEqual([
      {
        account: 'default',
        transport: 'soap',
        state: {
          // Version 1 counted no calls.
          budget: version === 1 ? null : budget,
          ...(version < 3 && { breaker: { ...breaker, probe: null } }),
          ...(version >= 3 && {
            breaker: { ...breaker, probe: { batch: 16, leaseExpiresAt: T + 160 * SECOND } },
          }),
        },
      },
    ])
  })

  it('has the same digest for all leads of a person, and the addresses in the leads alone', async () => {
    const sql = openFile(writeOld(tables))
    const outbox = await createSqliteOutbox(sql, OUTBOX_OPTIONS)
    await outbox.add([lead('one-4', { person: 'one@example.com' })], T)

    const keys = sql.run<{ id: string; person_key: string | null; visitor_key: string | null; lead: string | null }>(
      'SELECT id, person_key, visitor_key, lead FROM job',
    )
    const withAddress = Object.entries(dump(sql)).flatMap(([table, rows]) =>
      rows.flatMap((row) =>
        Object.keys(row).flatMap((column) => (/example\.com/.test(String(row[column])) ? `${table}.${column}` : [])),
      ),
    )

    const of = (name: string) => keys.filter(({ id }) => id.startsWith(name)).map(({ person_key: key }) => key)
    expect(new Set(of('one')).size).toBe(1)
    expect(new Set(of('another')).size).toBe(1)
    // Three more leads of one person, one of another, and two receipts.
    expect(new Set(keys.map(({ person_key: key }) => key)).size).toBe(keys.length - 5)
    expect(of('delivered')).toStrictEqual([null])
    for (const { visitor_key: visitor, lead } of keys) {
      expect(visitor !== null).toBe(lead?.includes('"cookie"') ?? false)
    }
    expect(new Set(withAddress)).toStrictEqual(new Set(['job.lead']))
  })

  it('has no byte of personal data once all leads are delivered', async () => {
    const path = writeOld(tables)
    const sql = openSqlite(path)
    const outbox = await createSqliteOutbox(sql, OUTBOX_OPTIONS)
    await outbox.replay(['parked', 'older', 'partly', 'held'], {}, T)
    for (let now = T; (await outbox.status(now)).waiting > 0;) {
      now = Math.max(now, (await outbox.nextDueAt(now))!)
      for (const batch of await outbox.claim(now, now + SECOND, 10)) {
        await settleBatch(outbox, batch, { kind: 'delivered', leadId: 7 }, now)
      }
    }
    sql.checkpoint()
    sql.close()
    const bytes = readFileSync(path)

    expect(bytes.includes('contact')).toBe(true)
    expect(['example.com', '_mch', 'Zoë', 'Ulm'].filter((word) => bytes.includes(word))).toStrictEqual([])
  })

  it('stays as it was when the upgrade is interrupted at any statement', async () => {
    const path = writeOld(tables)
    const sql = openFile(path)
    const old = dump(sql)
    let interrupted = 0

    for (let n = 1; n < 200; n += 1) {
      const error = await createSqliteOutbox(failing(sql, n), OUTBOX_OPTIONS).then(
        () => undefined,
        (error: Error) => error.message,
      )
      const found = dump(sql)
      if (found.meta![0]!.version === VERSION) break
      interrupted += 1
      expect(error).toBe(`statement ${n} was interrupted`)
      expect(found).toStrictEqual(old)
      checkVersion(sql, version)
      // Nothing that an interrupted upgrade leaves has an address.
      const left = sql.run<{ name: string }>(`SELECT name FROM sqlite_schema WHERE name = 'upgrade_key'`)
      const keys = left.length > 0 ? sql.run('SELECT * FROM upgrade_key') : []
      expect(JSON.stringify(keys)).not.toContain('example')
    }

    expect(interrupted).toBeGreaterThan(version >= 4 ? 3 : 20)
    const outbox = await createSqliteOutbox(sql, OUTBOX_OPTIONS)
    expect(await outbox.status(T + 61 * SECOND)).toStrictEqual(tables.status)
    expect(sql.run(`SELECT name FROM sqlite_schema WHERE name LIKE 'upgrade%'`)).toStrictEqual([])
  })

  it('is refused and left unchanged by a program that must not upgrade it', async () => {
    const path = writeOld(tables)
    const before = readFileSync(path)
    const sql = openSqlite(path)

    await expect(createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, upgrade: false })).rejects.toThrow(
      `the outbox has version ${version}, and this form-sync works with version ${VERSION}: start its relay once, which upgrades it`,
    )
    sql.close()

    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('is refused by the older program once it is upgraded', async () => {
    const sql = openFile(writeOld(tables))
    await createSqliteOutbox(sql, OUTBOX_OPTIONS)
    const before = dump(sql)

    expect(() => checkVersion(sql, version)).toThrow(
      `the outbox has version ${VERSION} and this form-sync knows up to ${version}: run a newer form-sync`,
    )
    expect(dump(sql)).toStrictEqual(before)
  })
})

describe('a file of today', () => {
  it('is opened by a program that must not upgrade it', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    await (await createSqliteOutbox(sql, OUTBOX_OPTIONS)).add([lead('a')], T)

    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, upgrade: false })

    expect(await outbox.claim(T, LATER, 10)).toHaveLength(1)
  })

  it('is not made by a program that must not upgrade it', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))

    await expect(createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, upgrade: false })).rejects.toThrow('version 0')
    expect(sql.run('SELECT name FROM sqlite_schema')).toStrictEqual([])
  })
})

it('a file of a newer program is refused and left as it is', async () => {
  const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
  await createSqliteOutbox(sql, OUTBOX_OPTIONS)
  sql.run('UPDATE meta SET version = 99')
  const before = dump(sql)

  await expect(createSqliteOutbox(sql, OUTBOX_OPTIONS)).rejects.toThrow(
    `the outbox has version 99, and this form-sync works with version ${VERSION}: run a newer form-sync`,
  )
  expect(dump(sql)).toStrictEqual(before)
})

it('a cookie that is owed in a file of version 6 is still owed after the upgrade', async () => {
  const sql = openFile(writeOld(OLD_TABLES.find(({ version }) => version === 6)!))
  sql.run(
    `INSERT INTO owed (seq, account, lead_id, visitor_key, email, cookie, due_at, accepted_at)
     VALUES (4, 'default', 102, 'v', 'younger@example.com', 'c', ?, ?)`,
    T,
    T,
  )

  const outbox = await createSqliteOutbox(sql, OUTBOX_OPTIONS)

  const claimed: Batch[] = []
  for (let now = T + 3_600 * SECOND; !claimed.some(({ owed }) => owed); now += 100 * SECOND) {
    for (const batch of await outbox.claim(now, now + SECOND, 10)) {
      claimed.push(batch)
      if (!batch.owed) await settleBatch(outbox, batch, { kind: 'delivered', leadId: 7 }, now)
    }
  }
  expect(claimed.at(-1)?.owed?.cookie).toStrictEqual({
    id: 'younger',
    leadId: 102,
    email: 'younger@example.com',
    cookie: 'c',
    acceptedAt: T,
  })
})
