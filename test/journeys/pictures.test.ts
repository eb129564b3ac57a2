/**
 * The pictures of the docs, taken from the running demo: fixed size, fixed clock, fixed data.
 *
 * Every run takes them and looks whether there is something on them; `npm run pictures` also puts them into
 * `docs/pictures/`. Look at them before you commit them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillIn } from '../support/browser.ts'
import { setStage, type Stage } from '../support/stage.ts'

const FOLDER = join(import.meta.dirname, '../../docs/pictures')
const SIZE = { width: 1280, height: 800 }

/** A picture of one colour is smaller than this many bytes. */
const BLANK = 12_000

async function take(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  if (process.env.PICTURES === 'keep') {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(join(FOLDER, `${name}.png`), picture)
  }
  // The size stands in the picture's header: RFC 2083, 4.1.1.
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([SIZE.width, SIZE.height])
  expect(picture.byteLength).toBeGreaterThan(BLANK)
}

describe('the pictures', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await setStage()
  })
  afterAll(() => stage?.end())

  async function walk(context: BrowserContext, paths: [string, number][]): Promise<Page> {
    const page = await context.newPage()
    for (const [path, seconds] of paths) {
      await stage.visit(page, path)
      stage.pass(seconds)
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
      const context = await stage.browser.newContext({ viewport: SIZE, colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(`${stage.site}/pilot`)
      await fillIn(page, { FirstName: 'Zoë', LastName: 'Marsh', Email: 'zoe.marsh@eastholm.example' })
      await page.locator('h2, legend').first().scrollIntoViewIfNeeded()
      await take(page, `pilot-${colorScheme}`)
      await context.close()
    }
  })

  it('show what is to be corrected', async () => {
    const context = await stage.browser.newContext({ viewport: SIZE, reducedMotion: 'reduce' })
    const page = await context.newPage()
    await page.goto(`${stage.site}/pilot`)
    await page.locator('form').evaluate((form: HTMLFormElement) => (form.noValidate = true))
    await fillIn(page, { FirstName: 'Zoë', Email: 'zoe.marsh' })
    await page.getByRole('button', { name: 'Request a pilot' }).click()
    await page.locator('[name="Email"][aria-invalid="true"]').waitFor()
    await page.getByText('There is a problem').scrollIntoViewIfNeeded()
    await take(page, 'errors-light')
    await context.close()
  })

  it('show the journeys, in light and dark', async () => {
    await stage.clear()
    const [zoe, ben, cleo] = [await stage.visitor(0.21), await stage.visitor(0.47), await stage.visitor(0.83)]
    const early = await walk(zoe, [
      ['/', 40],
      ['/forecast', 95],
    ])
    const other = await walk(ben, [
      ['/pricing', 30],
      ['/pilot', 50],
    ])
    await request(other, { Email: 'b.okafor@northport.example', FirstName: 'Ben', LastName: 'Okafor' })
    stage.pass(1_500)
    await walk(cleo, [
      ['/', 20],
      ['/forecast', 35],
      ['/pricing', 15],
    ])
    stage.pass(120)
    await stage.visit(early, '/pricing')
    stage.pass(60)
    await stage.visit(early, '/pilot')
    stage.pass(75)
    await request(early, {
      Email: 'zoe.marsh@eastholm.example',
      FirstName: 'Zoë',
      LastName: 'Marsh',
      Company: 'Eastholm Harbour',
      Harbour: 'Eastholm',
    })

    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await stage.visitor(0.5, { viewport: SIZE, colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(stage.journeys)
      const person = page.getByRole('button', { name: /^Zoë Marsh/ })
      await person.waitFor()
      if ((await person.getAttribute('aria-expanded')) !== 'true') await person.click()
      await page.getByText('paramsSyncLead').first().waitFor()
      await take(page, `journeys-${colorScheme}`)
      await context.close()
    }
    await Promise.all([zoe.close(), ben.close(), cleo.close()])
  })
})
