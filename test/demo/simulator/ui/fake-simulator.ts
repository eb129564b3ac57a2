/**
 * Fake simulator for tests of the page: serves the built page, configurable answers at `/sim/…` and an event stream that
 * the test controls. Also opens the page in a browser.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { serve, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright'
import { pageFilesIn } from '../../../../demo/simulator/page-files.ts'
import { pageRoutes } from '../../../../demo/simulator/page-routes.ts'
import type { CallDetail, CallView, LimitsView, PersonView, SimulatorEvent } from '../../../../demo/simulator/view.ts'
import { chromiumArgs, chromiumPath } from '../../../support/chromium.ts'
import { NOW, calls, details, limits, people } from './sample-data.ts'

const ROOT = join(import.meta.dirname, '../../../..')

/** Answers of `/sim/…`. A test may change them at any time. */
export interface FakeData {
  people: PersonView[]
  calls: CallView[]
  limits: LimitsView
  details: Record<number, Pick<CallDetail, 'status' | 'request' | 'response'>>
}

/** Returns a copy, which a test may change. */
export function sampleData(): FakeData {
  return structuredClone({ people, calls, limits, details })
}

export class FakeSimulator {
  data: FakeData = sampleData()
  /** URL of the site in the served page. */
  site = ''
  /** True: `/sim/…` answers 503. */
  down = false
  readonly url: string
  readonly #server: ServerType
  readonly #browser: Browser
  readonly #streams = new Set<SSEStreamingApi>()
  readonly #pages = new Set<Page>()

  private constructor(url: string, server: ServerType, browser: Browser, app: Hono) {
    this.url = url
    this.#server = server
    this.#browser = browser
    this.#routes(app)
  }

  static async open(): Promise<FakeSimulator> {
    // `npm test` builds the page first, but a single test file may run without a build.
    if (!existsSync(join(ROOT, 'dist/journeys/index.html'))) {
      execFileSync('npx', ['vite', 'build', '--mode', 'journeys'], { cwd: ROOT, stdio: 'pipe' })
    }
    const app = new Hono()
    const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 })
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const browser = await chromium.launch({ executablePath: await chromiumPath(), args: chromiumArgs })
    return new FakeSimulator(`http://127.0.0.1:${port}/`, server, browser, app)
  }

  #routes(app: Hono): void {
    app.use('/sim/*', async (c, next) => (this.down ? c.text('down', 503) : next()))
    app.get('/sim/leads', (c) => c.json(this.data.people))
    app.get('/sim/calls', (c) => c.json(this.data.calls))
    app.get('/sim/limits', (c) => c.json(this.data.limits))
    app.get('/sim/calls/:number', (c) => {
      const number = Number(c.req.param('number'))
      const call = this.data.calls.find((one) => one.number === number)
      const detail = this.data.details[number]
      return call && detail ? c.json({ ...call, ...detail }) : c.json({}, 404)
    })
    app.get('/sim/events', (c) =>
      streamSSE(c, async (stream) => {
        this.#streams.add(stream)
        // Shortens the browser's delay before it reconnects, three seconds by default.
        await stream.writeSSE({ data: '', retry: 50 })
        await new Promise<void>((resolve) => {
          stream.onAbort(resolve)
        })
        this.#streams.delete(stream)
      }),
    )
    const readFile = pageFilesIn(pathToFileURL(join(ROOT, 'dist/journeys/')))
    app.get('*', (c) =>
      pageRoutes(readFile, { site: this.site || undefined, munchkinId: '123-ABC-456' }).fetch(c.req.raw),
    )
  }

  /** Adds or replaces a person and publishes the event, like the simulator. */
  async putPerson(person: PersonView): Promise<void> {
    const at = this.data.people.findIndex((one) => one.id === person.id)
    this.data.people = at < 0 ? [...this.data.people, person] : this.data.people.with(at, person)
    await this.publish('person', person)
  }

  async addCall(call: CallView): Promise<void> {
    this.data.calls = [...this.data.calls, call]
    await this.publish('call', call)
  }

  async publish(event: SimulatorEvent, data: unknown): Promise<void> {
    await Promise.all([...this.#streams].map((stream) => stream.writeSSE({ event, data: JSON.stringify(data) })))
  }

  /** Closes every event stream, as if the simulator ended. */
  async breakStreams(): Promise<void> {
    const streams = [...this.#streams]
    this.#streams.clear()
    await Promise.all(streams.map((stream) => stream.close()))
  }

  /** Opens the page in a new browser context, at a fixed time in UTC, and waits until it is connected. */
  async openPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      timezoneId: 'UTC',
      locale: 'en-GB',
      ...options,
    })
    const page = await context.newPage()
    this.#pages.add(page)
    await page.clock.setFixedTime(NOW)
    await page.goto(this.url)
    await page.getByText('Live', { exact: true }).waitFor()
    return page
  }

  /** Closes all pages and restores the sample data. Call after each test. */
  async clear(): Promise<void> {
    for (const page of this.#pages) await page.context().close()
    this.#pages.clear()
    this.#streams.clear()
    this.data = sampleData()
    this.site = ''
    this.down = false
  }

  async close(): Promise<void> {
    await this.clear()
    await this.#browser.close()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
