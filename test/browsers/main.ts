/**
 * `npm run test:browsers`: runs the gallery of forms and the core path in each browser that is installed.
 *
 * Exit codes: 0 when all browsers that are installed pass, 1 when one fails or none is installed, 2 for a wrong option.
 */
import { parseArgs } from 'node:util'
import { compareCapture } from './capture.ts'
import { CORE_PATH } from './core-path.ts'
import { lowestChromium, newestChromium } from './drivers/chromium.ts'
import type { Driver, RunningBrowser } from './drivers/driver.ts'
import { firefox } from './drivers/firefox.ts'
import { webkit } from './drivers/webkit.ts'
import { GALLERY } from './gallery/index.ts'
import { startSite, type Site } from './site.ts'

const DRIVERS: readonly Driver[] = [newestChromium, lowestChromium, firefox, webkit]
const NAMES = DRIVERS.map(({ name }) => name).join(', ')

const HELP = `Usage: npm run test:browsers [-- --browser <name>]

Compares in real browsers what the widget posts for ${GALLERY.length} forms with what the browser posts by itself,
and runs the core path of a form.

  --browser <name>   only this one: ${NAMES}; may be repeated

A browser that is not installed is named and left out:
${DRIVERS.map(({ name, hint }) => `  ${name.padEnd(17)}${hint}`).join('\n')}

Exit codes: 0 when all browsers that are installed pass, 1 when one fails or none is installed, 2 for a wrong option.`

const print = (line: string) => void process.stdout.write(`${line}\n`)

process.exitCode = await main(process.argv.slice(2))

async function main(words: string[]): Promise<number> {
  let chosen: string[]
  try {
    const options = { browser: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } as const
    const { values } = parseArgs({ args: words, options })
    if (values.help) {
      print(HELP)
      return 0
    }
    chosen = values.browser ?? DRIVERS.map(({ name }) => name)
  } catch (error) {
    return misuse((error as Error).message)
  }
  const unknown = chosen.find((name) => !DRIVERS.some((driver) => driver.name === name))
  if (unknown !== undefined) return misuse(`unknown browser: ${unknown}; use one of ${NAMES}`)

  const site = await startSite()
  const passed: string[] = []
  const failed: string[] = []
  const absent: string[] = []
  for (const driver of DRIVERS.filter(({ name }) => chosen.includes(name))) {
    const started = await driver.start().catch((error: unknown) => error as Error)
    if (typeof started === 'string') {
      absent.push(`${driver.name.padEnd(17)}did not run: ${started} (${driver.hint})`)
    } else if (started instanceof Error) {
      failed.push(`${driver.name.padEnd(17)}did not start: ${started.message}`)
    } else {
      const failures = await runAll(started, site)
      const list = failures > 0 ? failed : passed
      const total = GALLERY.length + CORE_PATH.length
      list.push(`${driver.name.padEnd(17)}${started.version}: ${total - failures} of ${total} passed`)
      await started.close()
    }
  }
  site.end()
  for (const line of [...passed, ...failed, ...absent]) print(line)
  if (passed.length + failed.length === 0) print('No browser ran.')
  return failed.length > 0 || passed.length === 0 ? 1 : 0
}

/** Runs all cases in one browser. Prints those that fail, and returns their number. */
async function runAll(browser: RunningBrowser, site: Site): Promise<number> {
  const cases = [
    ...GALLERY.map((form) => ({ name: `capture of ${form.name}`, run: () => compareCapture(browser, site, form) })),
    ...CORE_PATH.map((step) => ({ name: step.name, run: () => step.run(browser, site) })),
  ]
  let failures = 0
  for (const { name, run } of cases) {
    try {
      await run()
    } catch (error) {
      failures += 1
      print(`FAIL  ${browser.version}: ${name}\n  ${(error as Error).message}`)
    }
  }
  return failures
}

function misuse(message: string): number {
  process.stderr.write(`${message}\n\n${HELP}\n`)
  return 2
}
