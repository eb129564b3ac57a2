/** Random lives of the outbox on SQLite. fast-check prints the seed and the shortest life that fails. */
import { join } from 'node:path'
import * as fc from 'fast-check'
import { it } from 'vitest'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import { createSqlOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../support/folder.ts'
import { live, lives, type Living } from '../suites/outbox/model.ts'

async function inFile(path: string, limits: Limits): Promise<Living> {
  let sql = openSqlite(path)
  return {
    outbox: createSqlOutbox(sql, limits),
    reopen() {
      sql.close()
      sql = openSqlite(path)
      return createSqlOutbox(sql, limits)
    },
    close: () => sql.close(),
  }
}

it('memory and SQLite agree on every answer, and both keep the promises', { timeout: 60_000 }, async () => {
  const folder = makeFolder()
  let files = 0

  await fc.assert(
    fc.asyncProperty(lives, (life) => {
      files += 1
      return live(life, (limits) => inFile(join(folder, `${files}.sqlite`), limits))
    }),
    // The shortest life that fails may take long to find: what was found by then is told.
    { numRuns: 50, interruptAfterTimeLimit: 40_000 },
  )
})
