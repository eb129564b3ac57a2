/** A form with a ticket and a challenge in a real browser, on pages whose Content-Security-Policy allows no more than it needs. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { startNodeRelay } from '../support/node-relay.ts'

const KEY = 'hjVYpx8p0tYbqXl3mHn0L1Rk2zq7bQw5'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})

afterAll(() => browser.close())

/** Serves one page, and returns its origin. Without `policy` there is none. */
async function servePage(html: (origin: string) => string, policy: (origin: string) => string): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.setHeader('content-security-policy', policy(origin))
    response.end(html(origin))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => void (server.closeAllConnections(), server.close()))
  return origin
}

/** Starts a relay, and a page of its form with the policy. Returns the relay and what the page asks it for. */
async function startForm(form: object, policy: (relay: string) => string) {
  let relayUrl = ''
  const origin = await servePage(
    () => `<!doctype html><title>Contact</title>
      <script nonce="n0nce" type="module" src="${relayUrl}/form-sync.js"></script>
      <form-sync><form method="post" action="${relayUrl}/f/contact">
        <label>E-mail <input name="Email" type="email" required></label> <button>Send</button>
      </form></form-sync>`,
    () => policy(relayUrl),
  )
  const fields = { Email: { type: 'email', required: true } }
  // The browser fills in the form in less than a second.
  const rules = { ticket: 'hold', 'too-fast': 'off' }
  const relay = await startNodeRelay({
    env: { FORM_SYNC_TICKET_KEY: KEY },
    forms: { forms: { contact: { origins: [origin], fields, rules, ...form } } },
  })
  relayUrl = relay.url
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const requests: string[] = []
  page.on(
    'request',
    (request) => void (request.url().startsWith(relayUrl) && requests.push(new URL(request.url()).pathname)),
  )
  const violations = await watchPolicy(page)
  await page.goto(origin)
  return { relay, page, requests, violations }
}

/** Collects what the policy of a page has blocked. */
async function watchPolicy(page: Page): Promise<string[]> {
  const violations: string[] = []
  await page.exposeFunction('reportViolation', (text: string) => void violations.push(text))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      const { reportViolation } = globalThis as unknown as { reportViolation: (text: string) => void }
      reportViolation(`${violatedDirective} ${blockedURI}`)
    })
  })
  return violations
}

/** Fills in the form and sends it once it has the field: a submit waits for a late ticket no longer than 300 ms. */
async function sendForm(page: Page, field: '_ticket' | '_challenge'): Promise<void> {
  await page.getByLabel('E-mail').fill('zoe@harbour.example')
  const read = () => page.locator('form').evaluate((form: HTMLFormElement, name) => new FormData(form).has(name), field)
  await expect.poll(read, { timeout: 15_000 }).toBe(true)
  await page.getByRole('button').click()
  await page.locator('form-sync[state=sent]').waitFor({ state: 'attached' })
}

it.each([
  ['the host of the relay', (relay: string) => `script-src ${relay}`],
  ['a nonce alone', () => `script-src 'nonce-n0nce'`],
  ['a nonce and strict-dynamic', () => `script-src 'nonce-n0nce' 'strict-dynamic'`],
])('a form with a ticket and a challenge is delivered from a page whose policy allows %s', async (_, scripts) => {
  const policy = (relay: string) => `default-src 'none'; connect-src ${relay}; form-action ${relay}; ${scripts(relay)}`
  const { relay, page, requests, violations } = await startForm({ ticket: true, challenge: 'altcha' }, policy)
  expect(requests).toEqual(['/form-sync.js'])

  await sendForm(page, '_challenge')

  expect(relay.rows('SELECT state, rules FROM job')).toEqual([{ state: 'ready', rules: null }])
  expect(requests).toEqual(['/form-sync.js', '/f/contact/ticket', '/form-sync-challenge.js', '/f/contact'])
  expect(violations).toEqual([])
})

it('a form with a ticket alone loads no part of the widget', async () => {
  const { relay, page, requests } = await startForm({ ticket: true }, (relay) => `script-src ${relay}`)

  await sendForm(page, '_ticket')

  expect(relay.rows<{ state: string }>('SELECT state FROM job')).toEqual([{ state: 'ready' }])
  expect(requests).toEqual(['/form-sync.js', '/f/contact/ticket', '/f/contact'])
})

it('a form whose challenge the page may not load is sent without, and its lead is held', async () => {
  const policy = () => `script-src 'nonce-n0nce'; connect-src *`
  const { relay, page } = await startForm({ ticket: true, challenge: 'altcha' }, policy)
  await page.route('**/form-sync-challenge.js', (route) => route.abort())

  await sendForm(page, '_ticket')

  expect(relay.rows<{ state: string; rules: string }>('SELECT state, rules FROM job')).toEqual([
    { state: 'held', rules: 'challenge' },
  ])
})
