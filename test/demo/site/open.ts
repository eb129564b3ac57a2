/**
 * The site in a real Chromium, for the tests beside this file. The relay and the journeys are stand-ins that only answer.
 */
import { type Browser, type BrowserContextOptions, chromium } from 'playwright'
import { afterAll, beforeAll } from 'vitest'
import { type Listening, serveSite } from '../../../demo/site/serve.ts'
import { chromiumArgs, chromiumPath } from '../../support/chromium.ts'

export const RELAY = 'http://relay.test'
export const JOURNEYS = 'http://journeys.test'

/** A browser on a busy machine takes its time. */
export const SLOW = { timeout: 30_000 }

let site: Listening
let browser: Browser

/** Serves the site and starts the browser before the tests of a file, and ends both after them. */
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

/** Opens a page and hands over what it asked for and what it complained about. */
export async function open(path: string, look: BrowserContextOptions = {}) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...look })
  const asked: string[] = []
  const complaints: string[] = []
  context.on('request', (request) => asked.push(request.url()))
  await context.route(`${RELAY}/form-sync.js`, (route) =>
    route.fulfill({ contentType: 'text/javascript', headers: { 'access-control-allow-origin': '*' }, body: '' }),
  )
  await context.route(`${JOURNEYS}/munchkin.js`, (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: 'self.Munchkin = { init: (id) => document.documentElement.setAttribute("data-munchkin", id) }',
    }),
  )
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(site.url + path)
  return { page, home: site.url, asked, complaints, [Symbol.asyncDispose]: () => context.close() }
}
