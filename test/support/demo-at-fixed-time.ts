/**
 * The whole demo with clocks that the test sets, so that a screenshot is the same each time.
 *
 * Site, relay and simulator run in this process under host names of their own. The browser has a fixed time and fixed
 * random numbers.
 */
import { createAdaptorServer } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright'
import { demoForms } from '../../demo/forms.ts'
import { DEMO_ACCOUNT, serveSimulator } from '../../demo/simulator/serve.ts'
import { serveSite } from '../../demo/site/serve.ts'
import { createApp, createDispatcher, createTransport, readConfig } from '../../relay/index.ts'
import { createMemoryOutbox } from '../oracle/memory-outbox.ts'
import { readWidget } from '../../relay/runtime/node/widget-files.ts'
import { startBrowser } from './browser.ts'

export interface DemoAtFixedTime {
  site: string
  journeys: string
  browser: Browser
  /** Deletes all people of the simulator. */
  clear: () => Promise<void>
  /** Advances every clock by some seconds. */
  pass: (seconds: number) => void
  /** Creates a browser context. `random` is its fixed random number, which makes its cookie unique. */
  visitor: (random: number, options?: Parameters<Browser['newContext']>[0]) => Promise<BrowserContext>
  /** Visits a page of the site, and waits until the visit is reported to Munchkin. */
  visit: (page: Page, path: string) => Promise<void>
  end: () => Promise<void>
}

/** Monday, 4 May 2026, 09:30 UTC, in epoch milliseconds. */
const STARTS_AT = Date.UTC(2026, 4, 4, 9, 30)

const SITE = 'http://www.tidewater.example'
const RELAY = 'http://forms.tidewater.example'
const JOURNEYS = 'http://journeys.example'

/** Starts the demo on free ports. */
export async function startDemoAtFixedTime(): Promise<DemoAtFixedTime> {
  let time = STARTS_AT
  const now = () => time
  const simulator = await serveSimulator({ port: 0, now, site: SITE, names: [new URL(JOURNEYS).hostname] })

  const config = readConfig(
    {
      MARKETO_SOAP_ENDPOINT: `${simulator.url}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
      MUNCHKIN_ID: DEMO_ACCOUNT.munchkinId,
    },
    demoForms(SITE),
  )
  const outbox = createMemoryOutbox()
  const dispatcher = createDispatcher({
    outbox,
    transport: createTransport(config.marketo, { fetch, now, timeout: config.limits.timeout }),
    now,
    random: () => 0,
    wakeAt: () => {},
    log: () => {},
  })
  const app = createApp({
    config,
    outbox,
    wake: dispatcher.wake,
    now,
    randomBytes: (length) => new Uint8Array(length),
    log: () => {},
    widget: readWidget(join(import.meta.dirname, '../../dist/widget')),
  })
  const relay = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const pages = await serveSite({
    port: 0,
    relay: RELAY,
    journeys: JOURNEYS,
    munchkinId: DEMO_ACCOUNT.munchkinId,
  })

  const browser = await startBrowser({
    [new URL(SITE).host]: portOf(pages.url),
    [new URL(RELAY).host]: (relay.address() as AddressInfo).port,
    [new URL(JOURNEYS).host]: portOf(simulator.url),
  })

  return {
    site: SITE,
    journeys: JOURNEYS,
    browser,
    clear: async () => void (await fetch(`${simulator.url}/sim/reset`, { method: 'POST' })),
    pass: (seconds) => (time += seconds * 1_000),
    async visitor(random, options) {
      const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options })
      await context.addInitScript((number) => (Math.random = () => number), random)
      return context
    },
    async visit(page, path) {
      await page.clock.setFixedTime(time)
      const reported = page.waitForResponse((response) => response.url().includes('/webevents/visitWebPage'))
      await page.goto(`${SITE}${path}`)
      await reported
    },
    async end() {
      await browser.close()
      await dispatcher.stop()
      await pages.close()
      await new Promise((resolve) => relay.close(resolve))
      await simulator.close()
    },
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}
