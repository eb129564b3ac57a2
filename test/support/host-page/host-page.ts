/**
 * Pages around the widget, in a real browser: each has the built widget, libraries from `node_modules`, and a form that
 * posts to the relay of the widget's tests.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright'
import { build } from 'vite'
import { startBrowser } from '../browser.ts'
import { serveWidgetRelay, type ReceivedRequest } from '../widget-relay.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Name of the sites' domain, which the browser maps to this machine: cookies need one. */
const HOST = 'www.acme.test'

const DEBIAN = '/usr/share/javascript'

/** Scripts of libraries by their path on the site. */
const LIBRARIES: Record<string, () => string | Promise<string>> = {
  '/jquery.js': () => module('jquery/dist/jquery.js'),
  '/rails-ujs.js': () => module('@rails/ujs/app/assets/javascripts/rails-ujs.js'),
  '/turbo.js': () => module('@hotwired/turbo/dist/turbo.es2017-umd.js'),

  '/react.js': () => bundle('test/support/host-page/react.js'),
  // The widget as a page's own bundler puts it together, with Lit's own element.
  '/bundled.js': () => bundle('dist/bundler/index.js'),
  // The Debian packages libjs-prototype and libjs-mootools; where they are missing, what they do to the globals used here.
  '/prototype.js': () => debian('prototype/prototype.js') ?? file('test/support/host-page/like-prototype.js'),
  '/mootools.js': () => debian('mootools/mootools-core-nc.js') ?? file('test/support/host-page/like-mootools.js'),
}

function file(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

function module(path: string): string {
  return file(`node_modules/${path}`)
}

function debian(path: string): string | undefined {
  return existsSync(`${DEBIAN}/${path}`) ? readFileSync(`${DEBIAN}/${path}`, 'utf8') : undefined
}

async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      lib: { entry, formats: ['iife'], name: 'unused', fileName: 'bundle' },
    },
  })
  const [output] = built as unknown as [{ output: [{ code: string }] }]
  return output.output[0].code
}

/** An address of the relay with replies and a request log of its own. */
interface HostRelay {
  action: string
  requests(): Promise<ReceivedRequest[]>
  /** Returns the fields of each request, in order. */
  posted(): Promise<URLSearchParams[]>
  release(): Promise<unknown>
}

interface HostPage {
  page: Page
  /** Errors that no script has caught. */
  errors: string[]
  /** Texts of `console.warn`. */
  warnings: string[]
  /** Waits until the element has the state. */
  waitForState(state: string): Promise<void>
  close(): Promise<void>
}

export interface Hosts {
  /** Address of the site. */
  site: string
  /** @param replies joined by `+`, see widget-relay.ts */
  relay(replies: string): HostRelay
  /** Serves a document under a path of the site. */
  serve(path: string, html: string): void
  /** Opens a page of the site in a browser of a visitor's own, and waits until the widget has started. */
  open(html: string, options?: BrowserContextOptions): Promise<HostPage>
  end(): Promise<void>
}

/** Starts the site, the relay and the browser. The widget is the one that `npm run build` creates. */
export async function startHosts(): Promise<Hosts> {
  const { origin, end: endRelay } = await serveWidgetRelay()
  const documents = new Map<string, string>()
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url!, 'http://localhost')
      const [type, body] = documents.has(pathname)
        ? ['text/html; charset=utf-8', documents.get(pathname)]
        : await script(pathname)
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body)
    })()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const site = `http://${HOST}:${port}`
  const browser: Browser = await startBrowser({ [HOST]: port, 'acme.test': port })
  let keys = 0

  return {
    site,
    relay(replies) {
      const key = `host${(keys += 1)}`
      const requests = async () => (await (await fetch(`${origin}/requests/${key}`)).json()) as ReceivedRequest[]
      return {
        action: `${origin}/f/${encodeURIComponent(replies).replaceAll('%2B', '+')}/${key}`,
        requests,
        posted: async () => (await requests()).map(({ body }) => new URLSearchParams(body)),
        release: () => fetch(`${origin}/release/${key}`),
      }
    },
    serve: (path, html) => void documents.set(path, html),
    async open(html, options) {
      const path = `/page${(keys += 1)}`
      documents.set(path, `<!doctype html><html lang=en><title>Page</title>${html}`)
      const context = await browser.newContext(options)
      const page = await context.newPage()
      const [errors, warnings]: [string[], string[]] = [[], []]
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => void (message.type() === 'warning' && warnings.push(message.text())))
      await page.goto(`${site}${path}`)
      await page.waitForFunction(() => customElements.get('form-sync'))
      return {
        page,
        errors,
        warnings,
        waitForState: async (state) =>
          void (await page.waitForSelector(`form-sync[state=${state}]`, { state: 'attached' })),
        close: () => context.close(),
      }
    },
    async end() {
      await browser.close()
      server.closeAllConnections()
      server.close()
      endRelay()
    },
  }
}

/** Returns type and content of a script or style sheet of the site, or no content. */
async function script(path: string): Promise<[type: string, body: string | undefined]> {
  const type = path.endsWith('.css') ? 'text/css' : 'text/javascript'
  if (LIBRARIES[path]) return [type, await LIBRARIES[path]()]
  // The files of a library that loads others of its own.
  if (path.startsWith('/node_modules/')) return [type, existsSync(join(ROOT, path)) ? file(path) : undefined]
  const built = join(ROOT, 'dist/widget', path)
  return [type, /^\/[\w.-]+\.js$/.test(path) && existsSync(built) ? readFileSync(built, 'utf8') : undefined]
}

/** The script element that loads the widget. */
export const WIDGET = '<script type=module src=/form-sync.js></script>'
