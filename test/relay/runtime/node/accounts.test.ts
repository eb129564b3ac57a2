import { describe } from 'vitest'
import { accountTests } from '../../../suites/accounts.ts'
import { makeFolder } from '../../../support/folder.ts'

describe('a relay with several accounts, on SQLite', () => {
  accountTests(() => Promise.resolve({ data: makeFolder(), env: {} }))
})
