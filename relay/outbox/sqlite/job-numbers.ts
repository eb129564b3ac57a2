/**
 * Numbers of new jobs. A number is never given twice: the names that newer leads have sent, and owed cookies,
 * refer to a job by its number, also when its receipt was swept. SQLite by itself gives the number of a deleted last row again.
 */
import type { AccountSql } from './database.ts'

/** The highest number that was given in a database, as far as anything may still refer to it. */
export interface JobNumbers {
  last: number
}

const NUMBERS = new WeakMap<object, JobNumbers>()

/**
 * Opens the numbers of a database, which its accounts share, within a transaction that stores jobs. The next number is
 * `last + 1`; the caller counts `last` up for each job that it stores.
 */
export function openNumbers(sql: AccountSql): JobNumbers {
  const numbers = NUMBERS.get(sql.database) ?? { last: highest(sql, REFERRED) }
  NUMBERS.set(sql.database, numbers)
  // The jobs that were there before, and those of another process that had the file.
  numbers.last = Math.max(numbers.last, highest(sql, 'SELECT max(seq) AS last FROM job'))
  return numbers
}

function highest(sql: AccountSql, statement: string): number {
  return sql.run<{ last: number | null }>(statement)[0]?.last ?? 0
}

/** What refers to jobs that may be gone. It reads all rows of small tables, once while a database is open. */
const REFERRED = `SELECT max(last) AS last FROM (
    SELECT max(seq) AS last FROM owed
    UNION ALL SELECT max(newest) FROM newest_sent
  )`
