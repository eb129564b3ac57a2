import { expect, it } from 'vitest'
import { corruptionIn, describeError, isBusy } from '../../../../relay/runtime/node/storage-errors.ts'

/** An error of SQLite as Deno's `exec` throws it: without the number of its code. */
function errorOfDeno(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR' })
}

it('an error of SQLite without a number is known by its words', () => {
  expect(isBusy(errorOfDeno('database is locked'))).toBe(true)
  expect(isBusy(errorOfDeno('no such table: locked'))).toBe(false)
  expect(corruptionIn(errorOfDeno('file is not a database'))).toBe('file is not a database')
  expect(describeError(errorOfDeno('unable to open database file: /data/outbox.sqlite'))).toContain(
    'Check that it is a file',
  )
})

it('an error of SQLite with a number is known by it, whatever its words are', () => {
  const numbered = Object.assign(errorOfDeno('file is not a database'), { errcode: 5 })

  expect(isBusy(numbered)).toBe(true)
  expect(corruptionIn(numbered)).toBe(undefined)
})
