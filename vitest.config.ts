/** One run, four worlds: Node, workerd, the widget in Chromium, and whole journeys from the outside. */
import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArgs, chromiumPath } from './test/support/chromium.ts'
import { WORKERD_WITH_PARENT } from './test/support/with-parent.ts'

/** Milliseconds, for a machine with other work. The few tests that take seconds by themselves name their own. */
const testTimeout = 20_000

// The test runner in workerd is started by this process.
Object.assign(process.env, WORKERD_WITH_PARENT)

const launchOptions = { executablePath: await chromiumPath(), args: chromiumArgs }

export default defineConfig({
  test: {
    api: { host: '127.0.0.1' },
    // Half of what the tests take is waiting for programs, browsers and databases.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { test: { name: 'node', include: ['test/{relay,demo,repo,chaos}/**/*.test.ts'], testTimeout } },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './test/workers/wrangler.jsonc' } })],
        test: { name: 'workerd', include: ['test/workers/**/*.test.ts'], testTimeout },
      },
      {
        optimizeDeps: { include: ['lit', 'axe-core'] },
        test: {
          name: 'widget',
          include: ['test/widget/**/*.test.ts'],
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
          include: ['test/journeys/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
})
