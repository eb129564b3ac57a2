/**
 * The main use case, end to end: an unknown visitor views pages and submits the form, and Marketo knows the person.
 */
import type { Browser } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { fillIn, visitPages, startBrowser, withoutScript } from '../../support/browser.ts'
import type { Api } from '../../support/account-variables.ts'
import { startDemo, type Demo, type Platform } from '../../support/demo.ts'

const TEXT = `Zoë O'Brien & <Söhne> "😀"`
const SOON = { timeout: 15_000, interval: 50 }

/** Declares the tests of a visitor who becomes known, on a platform and by a way to Marketo. */
export function knownSuite(platform: Platform, api: Api): void {
  describe(`an unknown visitor becomes a known person, on ${platform} by ${api}`, () => {
    let demo: Demo
    let browser: Browser

    beforeAll(async () => {
      ;[demo, browser] = await Promise.all([startDemo(platform, api), startBrowser()])
    }, 60_000)
    beforeEach(() => demo.reset())
    afterAll(async () => {
      await browser?.close()
      await demo?.end()
    })

    /** Waits until the only person of the simulator is known, and returns that person. */
    async function journeyOf(email: string) {
      return vi.waitFor(async () => {
        const people = await demo.people()
        const person = people.find((one) => one.email === email)
        if (!person?.known) throw new Error(`${email} is not known; there are ${people.length} people`)
        expect(people).toHaveLength(1)
        return person
      }, SOON)
    }

    it('with scripts, and the open page of journeys shows it live', async () => {
      const context = await browser.newContext()
      const [page, journeys] = [await context.newPage(), await context.newPage()]
      await visitPages(page, demo.site)
      await journeys.goto(demo.journeys)
      await journeys
        .getByText(/^Visitor [0-9a-z]{4}/)
        .first()
        .waitFor()

      await fillIn(page, { Email: 'zoe@harbour.example', LastName: TEXT, Message: 'one\ntwo' })
      await page.getByRole('button', { name: 'Request a pilot' }).click()

      await page.waitForURL(`${demo.site}/thanks`)
      const person = await journeyOf('zoe@harbour.example')
      expect(person.attributes).toMatchObject({ LastName: TEXT, Message__c: 'one\ntwo', LeadSource: 'Web' })
      const visits = person.activities
        .filter((activity) => activity.type === 'visit')
        .map(({ url }) => new URL(url).pathname)
      expect(visits.slice(0, 4)).toEqual(['/', '/forecast', '/pricing', '/pilot'])
      expect(person.activities.findIndex(({ type }) => type === 'known')).toBeGreaterThanOrEqual(4)
      await journeys
        .getByText(/Zoë O'Brien/)
        .first()
        .waitFor()
      await context.close()
    })

    it('without scripts', async () => {
      const context = await browser.newContext()
      await visitPages(await context.newPage(), demo.site)
      const plain = await withoutScript(browser, context)
      const page = await plain.newPage()

      await page.goto(`${demo.site}/pilot`)
      await fillIn(page, { Email: 'bo@harbour.example', LastName: TEXT })
      await page.getByRole('button', { name: 'Request a pilot' }).click()

      await page.waitForURL(`${demo.site}/thanks`)
      const person = await journeyOf('bo@harbour.example')
      expect(person.attributes.LastName).toBe(TEXT)
      expect(person.activities.filter(({ type }) => type === 'visit').length).toBeGreaterThanOrEqual(4)
      await Promise.all([context.close(), plain.close()])
    })

    it('after correcting the field that the error message names', async () => {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`${demo.site}/pilot`)
      await page.locator('form').evaluate((form: HTMLFormElement) => (form.noValidate = true))
      await fillIn(page, { Email: 'not-an-address', LastName: 'Ito' })

      await page.getByRole('button', { name: 'Request a pilot' }).click()
      const email = page.locator('[name="Email"]')
      await expect.poll(() => email.getAttribute('aria-invalid')).toBe('true')
      await fillIn(page, { Email: 'ito@harbour.example' })
      await page.getByRole('button', { name: 'Request a pilot' }).click()

      await page.waitForURL(`${demo.site}/thanks`)
      await journeyOf('ito@harbour.example')
      await context.close()
    })

    it('with one lead although the button is clicked five times', async () => {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`${demo.site}/pilot`)
      await fillIn(page, { Email: 'kit@harbour.example', LastName: 'Kit' })

      await page.getByRole('button', { name: 'Request a pilot' }).evaluate((button: HTMLButtonElement) => {
        for (let press = 0; press < 5; press++) button.click()
      })

      await page.waitForURL(`${demo.site}/thanks`)
      await journeyOf('kit@harbour.example')
      expect((await demo.calls()).filter(({ operation }) => /^sync/i.test(operation))).toHaveLength(1)
      await context.close()
    })
  })
}
