import { it } from 'vitest'
import { checkAgreement } from './agreement.ts'

it('the oracle and SQLite agree on every answer, and both keep the promises of the port', { timeout: 60_000 }, () =>
  checkAgreement(6),
)
