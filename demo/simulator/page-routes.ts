/** Serves the built journeys page at `/`. Names no runtime: the function that reads the files is a parameter. */
import { Hono } from 'hono'
import type { SimulatorEnv } from './marketo.ts'

/** What the page tells a newcomer about this simulator. */
export interface PageFacts {
  /** URL of the site whose visits arrive here. The page links to it. */
  site?: string | undefined
  /** Munchkin id that cookies of its visitors have. */
  munchkinId?: string | undefined
}

/**
 * Content-Security-Policy of every reply of the page. It allows the page's own files and calls alone, and no inline script
 * or style. Lit's templates are the one trusted source of markup.
 */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self'`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types lit-html`,
].join('; ')

/**
 * Reads a file of the built page; undefined if there is none.
 *
 * @param path relative to the page's folder: `index.html`, `assets/index.js`
 */
export type ReadPageFile = (path: string) => Promise<PageFile | undefined>

interface PageFile {
  content: Uint8Array<ArrayBuffer> | string
  /** Media type. */
  type: string
}

export function pageRoutes(readFile: ReadPageFile | undefined, facts: PageFacts = {}): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>()
  app.get('*', async (c) => {
    c.header('Content-Security-Policy', POLICY)
    const path = c.req.path === '/' ? 'index.html' : c.req.path.slice(1)
    const file = await readFile?.(path)
    if (file)
      return c.body(path === 'index.html' ? withFacts(file.content, facts) : file.content, 200, {
        'Content-Type': file.type,
        'Cache-Control': 'no-cache',
      })
    // A browser asks for it beside JSON, which names no icon.
    if (path === 'favicon.ico') return c.body(null, 204)
    return path === 'index.html' ? c.html(NOT_BUILT) : c.text('Not found.', 404)
  })
  return app
}

/** Fills the empty `<meta>` elements of the page. */
function withFacts(content: PageFile['content'], { site, munchkinId }: PageFacts): PageFile['content'] {
  const html = typeof content === 'string' ? content : new TextDecoder().decode(content)
  const values: Record<string, string> = {
    ...(site !== undefined && { site: new URL(site).href }),
    ...(munchkinId !== undefined && { munchkin: munchkinId }),
  }
  return html.replace(
    /(<meta name="(\w+)" content=")(")/g,
    (_, before: string, name: string, after: string) => `${before}${escapeAttribute(values[name] ?? '')}${after}`,
  )
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Simulator</title>
<h1>The simulator is running</h1>
<p>The page that shows people and their journeys is not built yet. Build it and reload:</p>
<pre>npm run build</pre>
<p>Until then: <a href="/sim/leads">people</a>, <a href="/sim/calls">calls</a>, <a href="/sim/limits">limits</a>.</p>
</html>
`
