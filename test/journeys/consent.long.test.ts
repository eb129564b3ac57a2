/** The visitor's decision about tracking, from a consent tool on the page to the lead that the relay has stored. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { startNodeRelay } from '../support/node-relay.ts'

const SITE = 'http://www.acme.example'
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-11111'
const CONSENT = { decision: 'Consent__c', source: 'Consent_Source__c', time: 'Consent_Time__c' }

/** What the script of Cookiebot leaves on the page of a visitor who has accepted or declined. */
const COOKIEBOT = `window.Cookiebot = {
  consent: { necessary: true, preferences: false, statistics: ACCEPTED, marketing: ACCEPTED, method: 'explicit' },
  consented: ACCEPTED, declined: !ACCEPTED, hasResponse: true, consentUTC: new Date('2026-10-05T06:07:08Z'),
}`

let browser: Browser
/** The page of the site. */
let html = ''
const site = createServer((_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(html))

beforeAll(async () => {
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening))
  browser = await startBrowser({ 'www.acme.example': (site.address() as AddressInfo).port })
})

afterAll(async () => {
  await browser.close()
  site.close()
})

/** Prepares a page with the form, and a relay that takes it. */
async function openForm(attributes: string, script = '') {
  const fields = { Email: { type: 'email', required: true } }
  const form = {
    origins: [SITE],
    fields,
    consent: CONSENT,
    associate: 'when-consented',
    capture: { utm_source: 'UTM__c' },
  }
  const relay = await startNodeRelay({ forms: { forms: { contact: form } }, env: { MUNCHKIN_ID: '123-ABC-456' } })
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  await context.addCookies([{ name: '_mkto_trk', value: COOKIE, domain: '.acme.example', path: '/' }])
  const page = await context.newPage()
  const parts: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.startsWith('/form-sync')) parts.push(pathname)
  })
  html = `<!doctype html><title>Contact</title><script>${script}</script>
    <script type="module" src="${relay.url}/form-sync.js"></script>
    <form-sync ${attributes}><form method="post" action="${relay.url}/f/contact">
      <label>E-mail <input name="Email" type="email" required></label> <button>Send</button>
    </form></form-sync>`
  const open = () => page.goto(`${SITE}/contact?utm_source=mail`)
  const stored = () => {
    const [row] = relay.rows<{ lead: string }>('SELECT lead FROM job')
    const { attributes, cookie } = JSON.parse(row!.lead) as {
      attributes: { name: string; value: string }[]
      cookie?: string
    }
    return { ...Object.fromEntries(attributes.map(({ name, value }) => [name, value])), ...(cookie && { cookie }) }
  }
  return { page, parts, open, stored }
}

async function send(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill('zoe@harbour.example')
  await page.getByRole('button').click()
  await page.locator('form-sync[state=sent]').waitFor({ state: 'attached' })
}

it('a visitor who has accepted at the banner is recognised, and the decision is stored as the form maps it', async () => {
  const { page, parts, open, stored } = await openForm('consent=cookiebot', COOKIEBOT.replaceAll('ACCEPTED', 'true'))
  await open()
  await send(page)

  expect(stored()).toEqual({
    UTM__c: 'mail',
    Consent__c: 'granted',
    Consent_Source__c: 'cookiebot',
    Consent_Time__c: '2026-10-05T06:07:08Z',
    cookie: COOKIE,
  })
  expect(parts).toEqual(['/form-sync.js', '/form-sync-consent.js'])
})

it('a visitor who has declined is not recognised, and the lead is stored with the decision', async () => {
  const { page, open, stored } = await openForm('consent=cookiebot', COOKIEBOT.replaceAll('ACCEPTED', 'false'))
  await open()
  await send(page)

  expect(stored()).toEqual({
    Consent__c: 'denied',
    Consent_Source__c: 'cookiebot',
    Consent_Time__c: '2026-10-05T06:07:08Z',
  })
})

it('a page without the attribute loads no part of the widget', async () => {
  const { page, parts, open, stored } = await openForm('')
  await open()
  await send(page)

  expect(stored()).toEqual({ UTM__c: 'mail' })
  expect(parts).toEqual(['/form-sync.js'])
})

it.each(['abort', 'hang'])('a part that does not arrive (%s) costs no lead', async (failure) => {
  const { page, open, stored } = await openForm('consent=granted')
  await page.route('**/form-sync-consent.js', (route) => (failure === 'abort' ? route.abort() : undefined))
  await open()
  await send(page)

  expect(stored()).toEqual({})
})
