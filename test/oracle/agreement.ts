/** The model test of the outbox on SQLite. fast-check prints the seed and the shortest scenario that fails. */
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { DataKeys } from '../../relay/outbox/sealing/sealing.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'
import { KNOWN_SECRET, runScenario, scenarios, type TestedOutbox } from '../suites/outbox/model.ts'
import type { OutboxSettings } from '../suites/outbox/suite.ts'
import { makeFolder } from '../support/folder.ts'

/** The counters of jobs by form, counted anew. */
const COUNTED = `SELECT form, sum(state IN ('ready', 'queued')) AS waiting, sum(state = 'held') AS held,
  sum(state = 'parked') AS parked FROM job WHERE state <> 'delivered' GROUP BY form ORDER BY form`
const COUNTERS = `SELECT form, waiting, held, parked FROM counter WHERE waiting + held + parked <> 0 ORDER BY form`

async function openTested(path: string, settings: OutboxSettings, dataKeys?: DataKeys): Promise<TestedOutbox> {
  let sql = openSqlite(path)
  const open = () => createSqliteOutbox(sql, { ...settings, crypto: KNOWN_SECRET, dataKeys })
  return {
    outbox: await open(),
    reopen() {
      sql.close()
      sql = openSqlite(path)
      return open()
    },
    check: () => expect(sql.run(COUNTERS)).toStrictEqual(sql.run(COUNTED)),
    close: () => sql.close(),
  }
}

/**
 * Checks that the oracle and SQLite agree on every answer in random scenarios, and that both keep the promises of the port.
 *
 * @param numRuns number of scenarios
 * @param dataKeys keys that SQLite encrypts with
 */
export async function checkAgreement(numRuns: number, dataKeys?: DataKeys): Promise<void> {
  const folder = makeFolder()
  let files = 0
  await fc.assert(
    fc.asyncProperty(scenarios, (scenario) => {
      files += 1
      return runScenario(scenario, (settings) => openTested(join(folder, `${files}.sqlite`), settings, dataKeys))
    }),
    // Shrinking may take long: what was found by then is reported.
    { numRuns, interruptAfterTimeLimit: 2_000 * numRuns },
  )
}
