/** Opens pages of the demo site in Chromium, with stubs in place of the relay's and the simulator's scripts. */
import { type Browser, type BrowserContextOptions, chromium } from 'playwright'
import { afterAll, beforeAll } from 'vitest'
import { type RunningSite, serveSite } from '../../../demo/site/serve.ts'
import { chromiumArgs, chromiumPath } from '../../support/chromium.ts'

export const RELAY = 'http://relay.test'
export const JOURNEYS = 'http://journeys.test'

/** Test options for a browser on a busy machine. */
export const SLOW = { timeout: 30_000 }

let site: RunningSite
let browser: Browser

/** Starts site and browser before the tests of a file and closes them afterwards. */
export function useChromium(): void {
  beforeAll(async () => {
    site = await serveSite({ port: 0, relay: RELAY, journeys: JOURNEYS, munchkinId: '123-ABC-456' })
    browser = await chromium.launch({ executablePath: await chromiumPath(), args: chromiumArgs })
  }, SLOW.timeout)

  afterAll(async () => {
    await browser.close()
    await site.close()
  })
}

/**
 * Opens a page and records its requests and errors.
 *
 * @param widget content of the relay's script; empty by default
 */
export async function open(path: string, options: BrowserContextOptions = {}, widget = '') {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const requestedUrls: string[] = []
  const errors: string[] = []
  context.on('request', (request) => requestedUrls.push(request.url()))
  await context.route(`${RELAY}/form-sync.js`, (route) =>
    route.fulfill({ contentType: 'text/javascript', headers: { 'access-control-allow-origin': '*' }, body: widget }),
  )
  await context.route(`${JOURNEYS}/munchkin.js`, (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: 'self.Munchkin = { init: (id) => document.documentElement.setAttribute("data-munchkin", id) }',
    }),
  )
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(site.url + path)
  return { page, home: site.url, requestedUrls, errors, [Symbol.asyncDispose]: () => context.close() }
}
