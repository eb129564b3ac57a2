/**
 * One run of four projects: Node, workerd, the widget in Chromium, and journeys through the whole product. With `--mode
 * long`, the tests named `*.long.test.ts` run in place of all others; with `--mode runtimes` those in `test/runtimes/`.
 */
import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArgs, chromiumPath } from './test/support/chromium.ts'
import { COMPILE_CACHE } from './test/support/compile-cache.ts'
import { useMemoryFolder } from './test/support/memory-folder.ts'
import { WORKERD_WITH_PARENT } from './test/support/with-parent.ts'
import { WIDGET_ALIASES } from './vite.config.ts'

/** Time limit of a test, in ms, with room for a busy machine. A test that takes seconds by itself sets its own. */
const testTimeout = 60_000

/** The tests that need more than Node, by project. All other tests belong to the project `node`, so that none is left out. */
const WORKERD = 'test/workers/**/*.test.ts'
const BROWSER = 'test/widget/**/*.test.ts'
const JOURNEYS = 'test/journeys/**/*.test.ts'

/** Tests that take long for what they add to the others. `npm run test:long` runs them, and nothing else. */
const LONG = 'test/**/*.long.test.ts'

/** The tests of the core in other runtimes. `npm run test:runtimes` runs them, and nothing else. */
const RUNTIMES = 'test/runtimes/*.test.ts'

// Vitest starts workerd and its workers from this process.
Object.assign(process.env, WORKERD_WITH_PARENT, COMPILE_CACHE, useMemoryFolder())

const launchOptions = { executablePath: await chromiumPath(), args: chromiumArgs }

export default defineConfig(({ mode }) => ({
  test: {
    api: { host: '127.0.0.1' },
    // Half of the time is spent waiting for programs, browsers and databases.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: 'node',
          include: [mode === 'long' ? LONG : mode === 'runtimes' ? RUNTIMES : 'test/**/*.test.ts'],
          exclude: [
            WORKERD,
            BROWSER,
            JOURNEYS,
            ...(mode === 'long' ? [] : [LONG]),
            ...(mode === 'runtimes' ? [] : [RUNTIMES]),
          ],
          testTimeout,
          // Most files take less time than loading their imports anew for each of them would.
          isolate: false,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './test/workers/wrangler.jsonc' } })],
        test: {
          name: 'workerd',
          include: [mode === 'long' ? 'test/workers/**/*.long.test.ts' : WORKERD],
          exclude: mode === 'long' ? [] : [LONG],
          testTimeout,
        },
      },
      {
        // What pages load is tested. Bundlers take Lit's own element.
        resolve: { alias: WIDGET_ALIASES },
        optimizeDeps: { include: ['axe-core'] },
        test: {
          name: 'widget',
          include: [BROWSER],
          globalSetup: ['test/support/widget-relay.ts'],
          testTimeout,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'journeys',
          include: [mode === 'long' ? 'test/journeys/**/*.long.test.ts' : JOURNEYS],
          exclude: mode === 'long' ? [] : [LONG],
          testTimeout,
          hookTimeout: 60_000,
        },
      },
    ],
  },
}))
