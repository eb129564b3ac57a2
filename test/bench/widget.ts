/**
 * Measures the widget beside `@formspree/ajax`, for the same form in Chromium: bytes, script start to ready, press to success.
 *
 * Both scripts are classic ones, put into the page as text, so that no network counts. A page is new for each measurement.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import type { Browser } from 'playwright'
import { startBrowser } from '../support/browser.ts'

const ROOT = join(import.meta.dirname, '../..')

/** An odd number, so that a median is a measured value. */
const ROUNDS = 21

/** How a side's page says that the script has taken the form over, and that the form was sent. */
interface Side {
  script: string
  page: (origin: string) => string
  ready: string
  success: string
}

interface Times {
  ready: number
  success: number
}

const FIELDS = '<label>E-mail <input name=email type=email value=zoe@harbour.example></label><button>Send</button>'

const OURS: Side = {
  script: 'dist/widget/form-sync-classic.js',
  page: (origin) => `<form-sync><form method=post action="${origin}/f/contact">${FIELDS}</form></form-sync>`,
  ready: 'form-sync[state=idle]',
  success: 'form-sync[state=sent]',
}

const THEIRS: Side = {
  script: 'node_modules/@formspree/ajax/dist/global.js',
  page: (origin) => `<div data-fs-success></div><form>${FIELDS}</form><script>
    formspree = function () { (formspree.q = formspree.q || []).push(arguments) }
    formspree('initForm', { formElement: 'form', formId: 'contact', origin: '${origin}',
      onInit: () => document.body.setAttribute('data-ready', '') })</script>`,
  ready: 'body[data-ready]',
  success: '[data-fs-success][data-fs-active]',
}

export const widgetBench = {
  about: 'the widget beside @formspree/ajax: bytes, script start to ready, press to success',

  async run(print: (line: string) => void): Promise<boolean> {
    if (!existsSync(join(ROOT, OURS.script))) throw new Error('dist/widget is missing; run npm run build')
    const server = await startServer()
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const browser = await startBrowser()
    const rounds: { ours: Times; theirs: Times }[] = []
    // The first round starts what all later ones use.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const order = round % 2 === 0 ? [OURS, THEIRS] : [THEIRS, OURS]
      const times = [await measure(browser, origin, order[0]!), await measure(browser, origin, order[1]!)] as const
      const [ours, theirs] = round % 2 === 0 ? times : [times[1], times[0]]
      if (round > 0) rounds.push({ ours, theirs })
    }
    await browser.close()
    server.closeAllConnections()
    server.close()

    const bytes = [OURS, THEIRS].map((side) => brotliCompressSync(read(side)).byteLength) as [number, number]
    print(`in Chromium, medians of ${ROUNDS}   ours  formspree   ours by formspree`)
    print(row('bytes in brotli', bytes[0], bytes[1], bytes[0] / bytes[1], 0))
    const results = (['ready', 'success'] as const).map((what) => {
      const ratio = median(rounds.map(({ ours, theirs }) => ours[what] / theirs[what]))
      const name = what === 'ready' ? 'script start to ready, ms' : 'press to success, ms'
      const [ours, theirs] = (['ours', 'theirs'] as const).map((side) =>
        median(rounds.map((round) => round[side][what])),
      )
      print(row(name, ours!, theirs!, ratio, 1))
      return { name, ratio }
    })
    for (const { name, ratio } of results) {
      print(`${ratio <= MAX_RATIO ? 'PASS' : 'FAIL'}  ${name}: ${ratio.toFixed(1)} × theirs (at most ${MAX_RATIO} ×)`)
    }
    return results.every(({ ratio }) => ratio <= MAX_RATIO)
  },
}

const MAX_RATIO = 2

function row(what: string, ours: number, theirs: number, ratio: number, digits: number): string {
  const [left, right] = [ours, theirs].map((value) => value.toFixed(digits))
  return `${what.padEnd(26)}${left!.padStart(8)}${right!.padStart(11)}${ratio.toFixed(1).padStart(18)} ×`
}

const read = ({ script }: Side): string => readFileSync(join(ROOT, script), 'utf8')

/** Runs the side's script in a new page, presses the button, and returns both times in ms. */
async function measure(browser: Browser, origin: string, side: Side): Promise<Times> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${origin}/?${encodeURIComponent(side.page(origin))}`)
  const ready = await page.evaluate(timeUntil, { selector: side.ready, source: read(side) })
  const success = await page.evaluate(timeUntil, { selector: side.success, source: '' })
  await context.close()
  return { ready, success }
}

/** Runs the source, or presses the button, and resolves with the time until an element matches. Runs in the page. */
function timeUntil({ selector, source }: { selector: string; source: string }): Promise<number> {
  return new Promise((done) => {
    const script = document.createElement('script')
    script.textContent = source
    const check = (): void => {
      if (!document.querySelector(selector)) return
      observer.disconnect()
      done(performance.now() - start)
    }
    const observer = new MutationObserver(check)
    observer.observe(document, { subtree: true, childList: true, attributes: true })
    const start = performance.now()
    if (source) document.body.append(script)
    else document.querySelector('button')!.click()
  })
}

/** Serves the page that the query holds, and accepts each form at once, as both services reply. */
async function startServer(): Promise<Server> {
  const server = createServer((request, response) => {
    const { search } = new URL(request.url!, 'http://localhost')
    const headers = {
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    }
    request.resume()
    if (request.method === 'GET') {
      const html = `<!doctype html><title>Page</title><body>${decodeURIComponent(search.slice(1))}`
      response.writeHead(200, { 'content-type': 'text/html' }).end(html)
      return
    }
    const isOurs = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
    const body = isOurs ? { ok: true, id: '0' } : { ok: true, next: 'http://localhost/thanks' }
    response.writeHead(isOurs ? 202 : 200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return server
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
