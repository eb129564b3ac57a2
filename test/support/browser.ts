/** Visitors in a real browser, each with cookies of their own. */
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { chromiumArgs, chromiumPath } from './chromium.ts'

/** Starts the browser, with `hosts` as names of ports of this machine. */
export async function startBrowser(hosts: Record<string, number> = {}): Promise<Browser> {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`)
  const resolver = rules.length > 0 ? [`--host-resolver-rules=${rules.join(',')}`] : []
  return chromium.launch({ executablePath: await chromiumPath(), args: [...chromiumArgs, ...resolver] })
}

/** Walks the demo's pages in the order in which a curious visitor would, waiting until each visit is reported. */
export async function lookAround(page: Page, site: string): Promise<void> {
  for (const path of ['/', '/forecast', '/pricing', '/pilot']) {
    const reported = page.waitForResponse((response) => response.url().includes('/webevents/visitWebPage'))
    await page.goto(`${site}${path}`)
    await reported
  }
}

/** The same visitor with script turned off: the cookies go along. */
export async function withoutScript(browser: Browser, context: BrowserContext): Promise<BrowserContext> {
  return browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() })
}

/** Fills in the pilot form. */
export async function fillIn(page: Page, answers: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(answers)) await page.locator(`[name="${name}"]`).fill(value)
}
