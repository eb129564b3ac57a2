/** Drives a real browser. Each browser context is a visitor with its own cookies. */
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { chromiumArgs, chromiumPath } from './chromium.ts'

/** Starts the browser. `hosts` maps host names to ports of this machine. */
export async function startBrowser(hosts: Record<string, number> = {}): Promise<Browser> {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`)
  const resolver = rules.length > 0 ? [`--host-resolver-rules=${rules.join(',')}`] : []
  return chromium.launch({ executablePath: await chromiumPath(), args: [...chromiumArgs, ...resolver] })
}

/** Visits four pages of the demo, and waits until each visit is reported to Munchkin. */
export async function visitPages(page: Page, site: string): Promise<void> {
  for (const path of ['/', '/forecast', '/pricing', '/pilot']) {
    const reported = page.waitForResponse((response) => response.url().includes('/webevents/visitWebPage'))
    await page.goto(`${site}${path}`)
    await reported
  }
}

/** Creates a context with the same cookies but without scripts. */
export async function withoutScript(browser: Browser, context: BrowserContext): Promise<BrowserContext> {
  return browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() })
}

/** Fills in fields by name. */
export async function fillIn(page: Page, answers: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(answers)) await page.locator(`[name="${name}"]`).fill(value)
}
