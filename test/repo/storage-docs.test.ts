/** docs/storage.md describes the tables as the outbox creates them, and what a receipt contains; docs/upgrade.md quotes what refuses others. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AccountState } from '../../relay/outbox/account-state.ts'
import { FULL_BUDGET } from '../../relay/outbox/limits/call-budget.ts'
import type { Database, Row, Transaction } from '../../relay/outbox/postgres/database.ts'
import * as postgres from '../../relay/outbox/postgres/schema.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { openTables } from '../../relay/outbox/sqlite/schema.ts'
import * as sqlite from '../../relay/outbox/sqlite/tables.ts'
import { NODE_CRYPTO } from '../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite, type SqliteFile } from '../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../support/folder.ts'
import { lead } from '../suites/outbox/leads.ts'

const read = (page: string) => readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8')
const PAGE = read('storage.md')
const PREFIX = 'form_sync_'
/** The tables that PostgreSQL does not have. */
const SQLITE_ONLY = new Set(['visitor'])
const T = Date.UTC(2026, 10, 23, 9, 30)

type Tables = Record<string, string[]>

/** Returns the rows of the tables below each heading of the third level, by its title. */
function documentedRows(): Record<string, string[][]> {
  const sections = PAGE.split(/^(?=#{2,3} )/m).filter((section) => section.startsWith('### '))
  return Object.fromEntries(
    sections.map((section) => {
      const [title = '', ...lines] = section.split('\n')
      const rows = lines.filter((line) => line.startsWith('| `'))
      const cells = rows.map((row) => row.split('|').map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')))
      return [title.slice('### '.length).replaceAll('`', ''), cells.map((row) => row.slice(1, -1))]
    }),
  )
}

function documentedTables(): Tables {
  const tables = Object.entries(documentedRows()).filter(([title]) => !title.includes(' '))
  return sorted(tables.map(([title, rows]) => [title, rows.map(([column = '']) => column)]))
}

function sorted(tables: [name: string, columns: string[]][]): Tables {
  return Object.fromEntries(tables.map(([name, columns]) => [name, columns.toSorted()]))
}

function openFile(): SqliteFile {
  const sql = openSqlite(join(makeFolder(), 'outbox.sqlite'))
  onTestFinished(() => sql.close())
  return sql
}

/** Creates the tables on SQLite and reads their columns. */
async function sqliteTables(): Promise<Tables> {
  const sql = openFile()
  await openTables(sql, NODE_CRYPTO)
  const tables = sql.run<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
  const own = tables.filter(({ name }) => !name.startsWith('sqlite_'))
  return sorted(
    own.map(({ name }) => [name, sql.run<{ name: string }>(`PRAGMA table_info(${name})`).map((column) => column.name)]),
  )
}

/** Returns a database without tables that records what is sent to it. */
function recordingDatabase(version?: number): { database: Database; sent: string[] } {
  const sent: string[] = []
  const run = async <R extends Row>(statement: string): Promise<R[]> => {
    if (statement.includes('to_regclass')) return [{ meta: version === undefined ? null : 'meta' }] as Row[] as R[]
    if (statement.includes('SELECT version')) return (version === undefined ? [] : [{ version }]) as Row[] as R[]
    return [{ secret: '00' }] as Row[] as R[]
  }
  const sql: Transaction = { run, send: (statement) => void sent.push(statement) }
  return { database: { run, transaction: (work) => work(sql) }, sent }
}

/** Reads the columns of the tables from the statements that create them on PostgreSQL. */
async function postgresTables(): Promise<Tables> {
  const { database, sent } = recordingDatabase()
  await postgres.openTables(database, NODE_CRYPTO, true)
  const tables = new Map<string, string[]>()
  for (const statement of sent) {
    const [, created, body = ''] = /^CREATE TABLE (\w+) \(([^]*)\)[^)]*(?:\([^)]*\))?$/.exec(statement) ?? []
    if (created) tables.set(created, columnsOf(body))
    const [, altered = '', added] = /^ALTER TABLE (\w+) ADD COLUMN (\w+)/.exec(statement) ?? []
    if (added) tables.get(altered)?.push(added)
  }
  return sorted([...tables])
}

function columnsOf(body: string): string[] {
  let depth = 0
  const parts = ['']
  for (const character of body) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (character === ',' && depth === 0) parts.push('')
    else parts.push(`${parts.pop()}${character}`)
  }
  const isConstraint = /^(CHECK|CONSTRAINT|FOREIGN|PRIMARY|UNIQUE)\b/
  return parts.flatMap((part) => (isConstraint.test(part.trim()) ? [] : (/\w+/.exec(part) ?? [])))
}

/** An account's state with every field that it can have. */
type Complete<T> = T extends object ? { [Key in keyof T]-?: Complete<NonNullable<T[Key]>> } : T
const STATE: Complete<AccountState> = {
  budget: { ...FULL_BUDGET, weak: 1, weakFullAt: T, putOff: 1, servers: 1, quota: { metAt: T, retryAt: T } },
  breaker: {
    retryAt: T,
    reason: '',
    blocked: false,
    passed: 0,
    doubt: { failed: 1, lead: '' },
    probe: { batch: 1, leaseExpiresAt: T },
  },
  batchSize: { max: 1, answered: 1, holdUntil: T },
  deliveredAt: T,
  turns: { led: [''], shared: true, inARow: 1 },
  counted: [[1, 1]],
  lost: [],
  pressure: { after: 1 },
  fingerprint: '',
  expiry: { keepMs: 1, since: T, checkedAt: T },
}

function pathsOf(value: object): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? pathsOf(inner).map((path) => `${key}.${path}`)
      : [key],
  )
}

describe('docs/storage.md', () => {
  it('describes every table and column of SQLite, and no other', async () => {
    const tables = await sqliteTables()

    const documented = Object.entries(documentedTables()).filter(([name]) => !name.startsWith(PREFIX))

    expect(Object.keys(tables).length).toBeGreaterThan(5)
    expect(Object.fromEntries(documented)).toEqual(tables)
  })

  it('describes every table and column of PostgreSQL, and no other', async () => {
    const tables = await postgresTables()

    const documented: Tables = {}
    for (const [name, columns] of Object.entries(documentedTables())) {
      if (SQLITE_ONLY.has(name)) continue
      const table = name.startsWith(PREFIX) ? name : `${PREFIX}${name}`
      documented[table] = [...(documented[table] ?? []), ...columns].toSorted()
    }

    expect(Object.keys(tables).length).toBeGreaterThan(6)
    expect(documented).toEqual(tables)
  })

  it('names the current versions of the tables', () => {
    expect(PAGE).toContain(`SQLite has version ${sqlite.VERSION}`)
    expect(PAGE).toContain(`PostgreSQL has version ${postgres.VERSION}`)
  })

  it.each([
    ['newer tables', 1, 'run a newer form-sync'],
    ['older tables that it must not upgrade', -1, 'start its relay once'],
  ])('quotes the message of a program that opens %s', async (_, difference, advice) => {
    const sql = openFile()
    await openTables(sql, NODE_CRYPTO)
    sql.run(`UPDATE meta SET version = version + ${difference}`)
    const { database } = recordingDatabase(postgres.VERSION + difference)
    const quoted =
      read('upgrade.md')
        .split('\n')
        .find((line) => line.startsWith('the outbox has version') && line.includes(advice)) ?? '?'
    const onPostgres = quoted
      .replace(/(?<=has version )\d+/, `${postgres.VERSION + difference}`)
      .replace(/(?<=with version )\d+/, `${postgres.VERSION}`)

    await expect(openTables(sql, NODE_CRYPTO, false)).rejects.toThrow(quoted)
    await expect(postgres.openTables(database, NODE_CRYPTO, false)).rejects.toThrow(onPostgres)
  })

  it('describes every field of the state of an account', () => {
    const documented = documentedRows()['The JSON of control.state']?.map(([name]) => name)

    expect(documented).toEqual(pathsOf(STATE))
  })

  it('lists as wiped or emptied all that a receipt does not have', async () => {
    const sql = openFile()
    const batchKeys = { name: 'test', batchKey: () => 'any', cookies: 'with-lead' } as const
    const outbox = await createSqliteOutbox(sql, { crypto: NODE_CRYPTO, batchKeys })
    const [id, email, cookie] = [
      '0193573a-1c00-7000-8000-0123456789ab',
      'ana@acme.example',
      'id:123-ABC-456&token:_mch-x',
    ]
    const attributes = [{ name: 'FirstName', value: 'Ana' }]
    const given = lead(id, { email, cookie, attributes, acceptedAt: T, notes: ['n'] })
    await outbox.add([given], T)
    const [first] = await outbox.claim(T, T + 100_000, 1)
    const retry = { kind: 'retry', dueAt: T, reason: 'FAILED', suspect: true } as const
    await outbox.settle(first!.id, [{ id, attempt: 1, ...retry }], T)
    const [second] = await outbox.claim(T, T + 100_000, 1)

    await outbox.settle(second!.id, [{ id, attempt: 2, kind: 'delivered', leadId: 7 }], T)

    const [receipt = {}] = sql.run('SELECT * FROM job')
    const absent = Object.entries(receipt).filter(([, value]) => value === null || value === '[]')
    const notKept = documentedRows().job?.filter(([, , , kept = '']) => kept.replaceAll('*', '') !== 'with the receipt')
    expect(notKept?.map(([column]) => column)).toEqual(absent.map(([column]) => column))
    for (const text of [email, cookie, 'Ana', 'FAILED']) expect(JSON.stringify(receipt)).not.toContain(text)
  })
})
