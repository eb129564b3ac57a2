/** The journeys page at `/`: files that were built before and are handed in by whoever can read them. */
import { Hono } from 'hono'
import type { Carried } from './marketo.ts'

/** Gives a built file by its path below the page's folder, `index.html` or `assets/index.js`; undefined when there is none. */
export type Pages = (path: string) => Promise<Page | undefined>

interface Page {
  content: Uint8Array<ArrayBuffer> | string
  /** Its media type. */
  type: string
}

/** @param site the address of the site whose visits arrive here; the page links to it */
export function pageRoutes(pages: Pages | undefined, site: string | undefined): Hono<Carried> {
  const app = new Hono<Carried>()
  app.get('*', async (c) => {
    const path = c.req.path === '/' ? 'index.html' : c.req.path.slice(1)
    const page = await pages?.(path)
    if (page)
      return c.body(path === 'index.html' ? withSite(page.content, site) : page.content, 200, {
        'Content-Type': page.type,
        'Cache-Control': 'no-cache',
      })
    return path === 'index.html' ? c.html(UNBUILT) : c.text('There is nothing at this address.', 404)
  })
  return app
}

/** The page has an empty `<meta name="site">`; what is handed in is an address, with nothing to escape once parsed. */
function withSite(content: Page['content'], site: string | undefined): Page['content'] {
  if (site === undefined) return content
  const html = typeof content === 'string' ? content : new TextDecoder().decode(content)
  return html.replace(
    /(<meta name="site" content=")(")/,
    (_, before: string, after: string) => `${before}${new URL(site).href}${after}`,
  )
}

const UNBUILT = `<!doctype html>
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
