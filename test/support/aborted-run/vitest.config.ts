/** Configuration of the test run that `test/repo/aborted-run.long.test.ts` kills. */
import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['endless.ts'], testTimeout: 60_000, hookTimeout: 60_000 } })
