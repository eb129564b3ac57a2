/** Chromium by Playwright: the version that `npm ci` installs, and the lowest one that the widget supports. */
import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createBrotliDecompress } from 'node:zlib'
import { chromium } from 'playwright'
import { chromiumArgs, chromiumPath } from '../../support/chromium.ts'
import type { Driver, RunningBrowser } from './driver.ts'

/** Version of the package `@sparticuz/chromium` with the lowest version of Chromium that docs/widget.md names. */
const LOWEST = '112.0.2'

const CACHE = join(import.meta.dirname, '../../../.cache')

export const newestChromium: Driver = {
  name: 'chromium',
  hint: 'run npm ci',
  start: async () => start(await chromiumPath()),
}

export const lowestChromium: Driver = {
  name: 'chromium-lowest',
  hint: `npm installs @sparticuz/chromium@${LOWEST} into .cache at the first run; this needs a registry`,
  async start() {
    try {
      return await start(await lowestPath())
    } catch (error) {
      return `@sparticuz/chromium@${LOWEST} could not be installed or started: ${String(error).split('\n')[0]}`
    }
  },
}

/** Returns the path of the lowest version, and installs it if needed: no other test needs its 50 MB. */
async function lowestPath(): Promise<string> {
  const folder = join(CACHE, `lowest-${LOWEST}`)
  const unpacked = join(folder, 'chromium')
  if (existsSync(unpacked)) return unpacked

  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const words = ['install', '--no-save', '--no-audit', '--no-fund', `@sparticuz/chromium@${LOWEST}`]
  await promisify(execFile)('npm', words, { cwd: folder })
  const packed = join(folder, 'node_modules/@sparticuz/chromium/bin/chromium.br')
  const partial = `${unpacked}.${process.pid}`
  await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(partial, { mode: 0o755 }))
  renameSync(partial, unpacked)
  return unpacked
}

async function start(executablePath: string): Promise<RunningBrowser> {
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs, '--disable-software-rasterizer'] })
  const page = await browser.newPage()
  return {
    version: `Chromium ${browser.version()}`,
    open: async (url) => void (await page.goto(url)),
    run: (expression) => page.evaluate(expression),
    type: (selector, text) => page.locator(selector).pressSequentially(text),
    press: (selector) => page.locator(selector).first().click({ noWaitAfter: true }),
    // Playwright looks into open shadow trees.
    pressInShadow: (selector) => page.locator(`form-sync ${selector}`).click(),
    close: () => browser.close(),
  }
}
