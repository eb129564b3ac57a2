/** Serves the pages of the tests and the built widget on one origin, and a relay that records posts on another one. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serveWidgetRelay, type ReceivedRequest } from '../support/widget-relay.ts'

const WIDGET = join(import.meta.dirname, '../../dist/widget')

/** The script element that loads the widget. */
export const SCRIPT = '<script type=module src=/form-sync.js></script>'

export interface Recorder {
  action: string
  requests(): Promise<ReceivedRequest[]>
}

export interface Site {
  /** Serves a document and returns its address. */
  serve(html: string): string
  /** @param replies joined by `+`, see widget-relay.ts */
  record(replies: string): Recorder
  end(): void
}

/** @throws Error if the widget is not built */
export async function startSite(): Promise<Site> {
  if (!existsSync(join(WIDGET, 'form-sync.js'))) throw new Error('dist/widget is missing; run npm run build')
  const relay = await serveWidgetRelay()
  const documents: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const html = documents[Number(path.match(/^\/page(\d+)$/)?.[1])]
    const file = join(WIDGET, path)
    const isScript = /^\/[\w.-]+\.js$/.test(path) && existsSync(file)
    const body = html ?? (isScript ? readFileSync(file, 'utf8') : undefined)
    const type = html === undefined ? 'text/javascript' : 'text/html; charset=utf-8'
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let keys = 0

  return {
    serve: (html) => `${origin}/page${documents.push(`<!doctype html><html lang=en><title>Page</title>${html}`) - 1}`,
    record(replies) {
      const key = `browser${(keys += 1)}`
      return {
        action: `${relay.origin}/f/${encodeURIComponent(replies).replaceAll('%2B', '+')}/${key}`,
        requests: async () => (await (await fetch(`${relay.origin}/requests/${key}`)).json()) as ReceivedRequest[],
      }
    },
    end() {
      server.closeAllConnections()
      server.close()
      relay.end()
    },
  }
}
