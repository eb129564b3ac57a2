/**
 * Rotation of the data keys of a store: seals all of its rows with the first key, in steps, while relays run. Pure; the
 * databases have the statements.
 */
import { isOfKey, type Rotation } from './data-keys.ts'
import type { SealedOwed } from './sealing.ts'

/** Rows that one step examines, in one transaction. */
export const RESEALED_ROWS = 500

/** A place in the tables of a store: the rows of a table are examined in the order of their numbers. */
export interface ResealPlace {
  table: 'job' | 'owed'
  seq: number
}

/** Where a rotation begins. */
export const FIRST_PLACE: ResealPlace = { table: 'job', seq: -1 }

/** A row of either table as it is stored, with its account. */
export interface StoredRow {
  [column: string]: string | number | null
  seq: number
  id: string
  account: string
  history: string
}

/** Number of rows that are sealed with a key, by its id; `null` stands for rows that are not sealed. */
export type RowsByKey = ReadonlyMap<string | null, number>

/** Returns the id of the key of a sealed text, as an expression of either database; NULL for a text that is not sealed. */
export function keyIdOf(column: string): string {
  return `CASE WHEN substr(${column}, 1, 3) = 's1.' THEN substr(${column}, 4, 8) END`
}

/** Returns the numbers that a database has counted. */
export function rowsByKey(counted: readonly { key: string | null; leads: number }[]): RowsByKey {
  return new Map(counted.map(({ key, leads }) => [key, leads]))
}

/** A store while its keys are rotated. */
export interface ResealedStore {
  /** Seals the rows after a place again that need it. Resolves with their number and the place of the next step. */
  step(after: ResealPlace): Promise<{ changed: number; next?: ResealPlace }>
  /**
   * Counts the rows by their keys. Where none needs another key than the first one, it alone is expected from now on.
   */
  finish(): Promise<RowsByKey>
}

/** Returns a row sealed with the key of the rotation; undefined when it is sealed so already. */
export function reseal(row: StoredRow, { keyId, sealing }: Rotation): StoredRow | undefined {
  if (isOfKey(row, keyId)) return undefined
  const open = sealing.open(row, row.account)
  return 'cookie' in open
    ? sealing.sealOwed(open as StoredRow & SealedOwed, row.account)
    : sealing.sealJob(open, row.account)
}

/** Returns the place after a page of rows; undefined at the end of the last table. */
export function placeAfterRows({ table }: ResealPlace, rows: readonly { seq: number }[]): ResealPlace | undefined {
  const last = rows.at(-1)
  if (last && rows.length === RESEALED_ROWS) return { table, seq: last.seq }
  return table === 'job' ? { table: 'owed', seq: -1 } : undefined
}

/** Returns whether all rows are those of one key; of none, where there is no key. */
export function isRotated(rows: RowsByKey, keyId: string | undefined): boolean {
  return [...rows.keys()].every((id) => id === (keyId ?? null))
}
