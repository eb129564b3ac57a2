import { it } from 'vitest'
import { checkAgreement } from './agreement.ts'

it('the oracle and SQLite agree on every answer in many scenarios', { timeout: 120_000 }, () => checkAgreement(40))
