/** Serves the built journeys page at `/`. Names no runtime: the function that reads the files is a parameter. */
import { Hono } from 'hono'
import type { SimulatorEnv } from './marketo.ts'

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

/** @param site URL of the site whose visits arrive here; the page links to it */
export function pageRoutes(readFile: ReadPageFile | undefined, site: string | undefined): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>()
  app.get('*', async (c) => {
    const path = c.req.path === '/' ? 'index.html' : c.req.path.slice(1)
    const file = await readFile?.(path)
    if (file)
      return c.body(path === 'index.html' ? withSite(file.content, site) : file.content, 200, {
        'Content-Type': file.type,
        'Cache-Control': 'no-cache',
      })
    return path === 'index.html' ? c.html(NOT_BUILT) : c.text('Not found.', 404)
  })
  return app
}

/** Fills the empty `<meta name="site">` of the page. A parsed URL needs no escaping. */
function withSite(content: PageFile['content'], site: string | undefined): PageFile['content'] {
  if (site === undefined) return content
  const html = typeof content === 'string' ? content : new TextDecoder().decode(content)
  return html.replace(
    /(<meta name="site" content=")(")/,
    (_, before: string, after: string) => `${before}${new URL(site).href}${after}`,
  )
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
