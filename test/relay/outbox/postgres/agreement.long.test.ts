import { it } from 'vitest'
import { withPostgres } from '../../../support/postgres.ts'
import { checkAgreement } from './agreement.ts'
import { sharedTables } from './shared-tables.ts'

withPostgres({ fsync: 'off' }, (server) => {
  const { prepare } = sharedTables(server)

  it('the oracle and PostgreSQL agree on every answer in many scenarios', { timeout: 180_000 }, () =>
    checkAgreement(prepare, 5),
  )
})
