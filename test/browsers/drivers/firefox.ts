/** Firefox by Puppeteer, over WebDriver BiDi. */
import { existsSync } from 'node:fs'
import { launch } from 'puppeteer-core'
import type { Driver } from './driver.ts'

/** `FIREFOX_BIN` selects another one. */
const PATHS = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox']

export const firefox: Driver = {
  name: 'firefox',
  hint: 'on Debian: apt-get install firefox-esr; otherwise set FIREFOX_BIN',

  async start() {
    const executablePath = process.env.FIREFOX_BIN ?? PATHS.find((path) => existsSync(path))
    if (executablePath === undefined || !existsSync(executablePath)) return 'not installed'
    const browser = await launch({ browser: 'firefox', executablePath, headless: true })
    const page = await browser.newPage()
    return {
      version: (await browser.version()).replace('/', ' ').replace(/^./, (first) => first.toUpperCase()),
      open: async (url) => void (await page.goto(url)),
      run: (expression) => page.evaluate(expression),
      type: (selector, text) => page.type(selector, text),
      press: (selector) => page.click(selector),
      pressInShadow: (selector) => page.click(`form-sync >>> ${selector}`),
      close: () => browser.close(),
    }
  },
}
