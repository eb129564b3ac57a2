import { describe } from 'vitest'
import { accountTests } from '../../../suites/accounts.ts'
import { makeFolder } from '../../../support/folder.ts'
import { withPostgres } from '../../../support/postgres.ts'

withPostgres({}, (server) => {
  describe('a relay with several accounts, on PostgreSQL', () => {
    accountTests(async () => ({ data: makeFolder(), env: { FORM_SYNC_DATABASE: await server.schema() } }))
  })
})
