/**
 * Takes the screenshots of the docs from the running demo, with fixed size, time and data.
 *
 * Each run takes them and checks that they are not blank. `npm run pictures` also writes them to `docs/pictures/`; look at
 * them before you commit them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillIn } from '../support/browser.ts'
import { startDemoAtFixedTime, type DemoAtFixedTime } from '../support/demo-at-fixed-time.ts'

const FOLDER = join(import.meta.dirname, '../../docs/pictures')
const SIZE = { width: 1280, height: 800 }
const PHONE = { width: 360, height: 740 }

/** A screenshot of a single colour is smaller than this. */
const MIN_BYTES = 12_000

/** Takes a picture, and compares its size with that of the window. */
async function take(page: Page, name: string, size = SIZE): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  if (process.env.PICTURES === 'keep') {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(join(FOLDER, `${name}.png`), picture)
  }
  // A PNG has its size in the header: RFC 2083, 4.1.1.
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([size.width, size.height])
  expect(picture.byteLength).toBeGreaterThan(MIN_BYTES)
}

describe('the screenshots', () => {
  let demo: DemoAtFixedTime

  beforeAll(async () => {
    demo = await startDemoAtFixedTime()
  })
  afterAll(() => demo?.end())

  async function walk(context: BrowserContext, paths: [string, number][]): Promise<Page> {
    const page = await context.newPage()
    for (const [path, seconds] of paths) {
      await demo.visit(page, path)
      demo.pass(seconds)
    }
    return page
  }

  async function request(page: Page, answers: Record<string, string>): Promise<void> {
    await fillIn(page, answers)
    await page.getByRole('button', { name: 'Request a pilot' }).click()
    await page.waitForURL('**/thanks')
  }

  it('show the form, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await demo.browser.newContext({ viewport: SIZE, colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(`${demo.site}/pilot`)
      await fillIn(page, { FirstName: 'Zoë', LastName: 'Marsh', Email: 'zoe.marsh@eastholm.example' })
      await page.locator('h2, legend').first().scrollIntoViewIfNeeded()
      await take(page, `pilot-${colorScheme}`)
      await context.close()
    }
  })

  it('show the message about an invalid field', async () => {
    const context = await demo.browser.newContext({ viewport: SIZE, reducedMotion: 'reduce' })
    const page = await context.newPage()
    await page.goto(`${demo.site}/pilot`)
    await page.locator('form').evaluate((form: HTMLFormElement) => (form.noValidate = true))
    await fillIn(page, { FirstName: 'Zoë', Email: 'zoe.marsh' })
    await page.getByRole('button', { name: 'Request a pilot' }).click()
    await page.locator('[name="Email"][aria-invalid="true"]').waitFor()
    await page.getByText('There is a problem').scrollIntoViewIfNeeded()
    await take(page, 'errors-light')
    await context.close()
  })

  it('show the journeys, in light and dark, also on a phone', async () => {
    await demo.clear()
    const [zoe, ben, cleo] = [await demo.visitor(0.21), await demo.visitor(0.47), await demo.visitor(0.83)]
    const early = await walk(zoe, [
      ['/', 40],
      ['/forecast', 95],
    ])
    const other = await walk(ben, [
      ['/pricing', 30],
      ['/pilot', 50],
    ])
    await request(other, { Email: 'b.okafor@northport.example', FirstName: 'Ben', LastName: 'Okafor' })
    demo.pass(75)
    await demo.visit(other, '/forecast')
    demo.pass(1_425)
    await walk(cleo, [
      ['/', 20],
      ['/forecast', 35],
      ['/pricing', 15],
    ])
    demo.pass(120)
    await demo.visit(early, '/pricing')
    demo.pass(60)
    await demo.visit(early, '/pilot')
    demo.pass(75)
    await request(early, {
      Email: 'zoe.marsh@eastholm.example',
      FirstName: 'Zoë',
      LastName: 'Marsh',
      Company: 'Eastholm Harbour',
      Harbour: 'Eastholm',
    })
    demo.pass(90)
    await demo.visit(early, '/pricing')

    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await demo.visitor(0.5, { viewport: SIZE, colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(demo.journeys)
      await page
        .getByRole('button', { name: /^Zoë Marsh/ })
        .first()
        .click()
      await page.getByText('What is known').first().waitFor()
      await page.mouse.move(0, 0)
      await take(page, `journeys-${colorScheme}`)
      await page
        .locator('call-log')
        .getByRole('button', { name: /^Zoë Marsh became known/ })
        .click()
      await page.getByText('paramsSyncLead').first().waitFor()
      await take(page, `journeys-call-${colorScheme}`)
      await page.reload()
      await page.setViewportSize(PHONE)
      await page
        .getByRole('button', { name: /^Zoë Marsh/ })
        .first()
        .waitFor()
      await take(page, `journeys-phone-${colorScheme}`, PHONE)
      await context.close()
    }
    await Promise.all([zoe.close(), ben.close(), cleo.close()])
  })
})
