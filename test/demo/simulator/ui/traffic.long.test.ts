/**
 * The page under traffic: 1,000 people and 20 events a second for a minute, with a simulator of its own and in a browser.
 *
 * A task of the page is measured by the time that its thread computed, so that a busy machine makes it no longer. What the
 * browser itself calls a long task, by the clock, is printed.
 */
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator, type RunningSimulator } from '../../../../demo/simulator/serve.ts'
import { startBrowser } from '../../../support/browser.ts'

const PEOPLE = 1_000
const EVENTS = 1_200
const EVENT_INTERVAL_MS = 50
const MAX_TASK_MS = 50
/** Pages per visitor before the traffic begins. */
const PATHS = ['/', '/forecast', '/pricing']
/** Of each number of events, the last ones are these. */
const CALL_EVERY = 5
const FAULT_EVERY = 10
const NEWCOMER_EVERY = 7

let simulator: RunningSimulator
let browser: Browser
let page: Page
let token: string
const noise: string[] = []

async function ask(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(`${simulator.url}${path}`, init)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response
}

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

function tokenOf(visitor: number): string {
  return `_mch-tidewater.example-1764000000000-${10_000 + visitor}`
}

function visit(visitor: number, path: string): Promise<Response> {
  const report = new URLSearchParams({
    _mchId: DEMO_ACCOUNT.munchkinId,
    _mchTk: tokenOf(visitor),
    _mchHo: 'tidewater.example',
    _mchPc: 'https:',
    _mchRu: path,
    _mchTi: `Page ${path} – Tidewater`,
  })
  return ask(`/webevents/visitWebPage?${report}`)
}

/** Writes a visitor by REST, and joins the visits. An unknown field makes the call fail. */
async function sendForm(visitor: number, field: string): Promise<void> {
  const email = `visitor${visitor}@harbour.example`
  const reply = await post('/rest/v1/leads.json', { input: [{ email, firstName: 'Visitor', [field]: `${visitor}` }] })
  const { result } = (await reply.json()) as { result: { id?: number }[] }
  const id = result[0]?.id
  if (id === undefined) return
  const cookie = encodeURIComponent(`id:${DEMO_ACCOUNT.munchkinId}&token:${tokenOf(visitor)}`)
  await post(`/rest/v1/leads/${id}/associate.json?cookie=${cookie}`, {})
}

/** Makes the event with this number: a visit, a newcomer, a form, or a form whose call fails. */
function makeEvent(n: number): Promise<unknown> {
  const visitor = (n * 7) % PEOPLE
  if (n % FAULT_EVERY === FAULT_EVERY - 1) return sendForm(visitor, 'noSuchField')
  if (n % CALL_EVERY === CALL_EVERY - 1) return sendForm(visitor, 'lastName')
  return visit(n % NEWCOMER_EVERY === 0 ? PEOPLE + n : visitor, `/article-${n % 11}`)
}

/** Makes all events, each at its time. One that is late is made at once. */
async function makeTraffic(): Promise<void> {
  const startsAt = performance.now()
  const pending: Promise<unknown>[] = []
  for (let n = 0; n < EVENTS; n++) {
    const early = startsAt + n * EVENT_INTERVAL_MS - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    pending.push(makeEvent(n))
  }
  await Promise.all(pending)
}

/** Returns the place of each row that exists, in the list and in the window. */
function placesOfRows(): Promise<string[]> {
  return page
    .locator('people-list li[aria-posinset]')
    .evaluateAll((items) => items.map((item) => `${item.ariaPosInSet} at ${item.getBoundingClientRect().top}`))
}

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** Microseconds by the clock, and of computing. */
  dur?: number
  tdur?: number
  args: { name?: string }
}

/** Returns the tasks of the page's main thread, in ms, those that computed most first. */
function tasksOf(trace: Buffer): { clock: number; computed: number }[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const threads = new Set(
    traceEvents.flatMap(({ name, args, pid, tid }) =>
      name === 'thread_name' && args.name === 'CrRendererMain' ? [`${pid} ${tid}`] : [],
    ),
  )
  return traceEvents
    .filter(({ name, pid, tid, tdur }) => name === 'RunTask' && tdur !== undefined && threads.has(`${pid} ${tid}`))
    .map(({ dur = 0, tdur = 0 }) => ({ clock: dur / 1000, computed: tdur / 1000 }))
    .toSorted((a, b) => b.computed - a.computed)
}

beforeAll(async () => {
  simulator = await serveSimulator({ port: 0 })
  await ask('/sim/limits', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ratePer20s: 100_000, daily: 1_000_000, concurrency: 1_000 }),
  })
  const identity = await ask(
    `/identity/oauth/token?grant_type=client_credentials&client_id=${DEMO_ACCOUNT.clientId}&client_secret=${DEMO_ACCOUNT.clientSecret}`,
  )
  token = ((await identity.json()) as { access_token: string }).access_token
  for (const path of PATHS)
    for (let from = 0; from < PEOPLE; from += 50)
      await Promise.all(Array.from({ length: 50 }, (_, i) => visit(from + i, path)))
  browser = await startBrowser()
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.on('console', (message) => noise.push(message.text()))
  page.on('pageerror', (error) => noise.push(error.message))
  page.on('response', (response) => response.status() >= 400 && noise.push(`${response.status()} ${response.url()}`))
  await page.goto(simulator.url)
  await page.locator('person-line').first().waitFor()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await simulator?.close()
})

describe('a minute of 20 events a second with 1,000 people', () => {
  it('moves nothing while somebody reads, and leaves the page time to answer', { timeout: 300_000 }, async () => {
    await page.mouse.move(300, 500)
    await page.mouse.wheel(0, 2_000)
    await page.waitForFunction(() => scrollY === 2_000)
    const before = await placesOfRows()
    await page.evaluate(() => {
      const watched = { scrolls: 0, longTasks: [] as number[] }
      addEventListener('scroll', () => watched.scrolls++)
      new PerformanceObserver((list) =>
        watched.longTasks.push(...list.getEntries().map((task) => task.duration)),
      ).observe({
        type: 'longtask',
      })
      Object.assign(globalThis, { watched })
    })
    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] })

    await makeTraffic()

    await page.getByRole('button', { name: /\d new/ }).waitFor()
    const tasks = tasksOf(await browser.stopTracing())
    const { scrolls, longTasks } = await page.evaluate(
      () => (globalThis as unknown as { watched: { scrolls: number; longTasks: number[] } }).watched,
    )
    process.stdout.write(
      `${tasks.length} tasks. The longest computed ${tasks[0]?.computed.toFixed(1)} ms. ` +
        `Long by the clock: ${longTasks.length}, the longest ${Math.max(0, ...longTasks).toFixed(0)} ms.\n`,
    )
    expect(tasks.length).toBeGreaterThan(EVENTS / 10)
    expect(tasks.filter(({ computed }) => computed > MAX_TASK_MS)).toEqual([])
    expect(scrolls).toBe(0)
    expect(await page.evaluate(() => scrollY)).toBe(2_000)
    expect(await placesOfRows()).toEqual(before)
    expect(before.length).toBeLessThan(40)
    expect(noise).toEqual([])
  })

  it('is shown when the reader asks for it, with a failed count that the filter agrees with', async () => {
    await page.getByRole('button', { name: /\d new/ }).click()
    await page.locator('call-log .fault').first().waitFor()
    await page.locator('.kind.fault').click()

    const failed = EVENTS / FAULT_EVERY
    await expect.poll(() => page.locator('.kind.fault .count').textContent()).toBe(`${failed}`)
    expect(await page.locator('call-log .sum b').textContent()).toBe(`${failed} failed`)
    expect(await page.locator('call-log .fault').first().textContent()).toMatch(/^\s*Field not found: syncLeads failed/)
    expect(noise).toEqual([])
  })
})
