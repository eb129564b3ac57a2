/**
 * Creates the demo site: the pages of a small company, with the Munchkin script of a Marketo customer and one form in
 * `<form-sync>`; it knows the relay and the simulator only by their addresses.
 */
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { trimTrailingSlash } from 'hono/trailing-slash'
import { icon, styleSheet } from './assets.ts'
import { CACHE_IMMUTABLE, CACHE_REVALIDATE, siteHeaders } from './headers.ts'
import { renderPage } from './layout.ts'
import { munchkinSnippet } from './munchkin.ts'
import type { SiteOptions } from './page.ts'
import { forecast } from './pages/forecast.ts'
import { home } from './pages/home.ts'
import { missing } from './pages/missing.ts'
import { pilot } from './pages/pilot.ts'
import { pricing } from './pages/pricing.ts'
import { thanks } from './pages/thanks.ts'

export type { SiteOptions } from './page.ts'

/**
 * Creates the site as a Hono app.
 *
 * @throws TypeError if an address is not a valid URL
 */
export function createSite({ relay, journeys, munchkinId }: SiteOptions): Hono {
  const options = { relay: withoutSlash(relay), journeys: withoutSlash(journeys), munchkinId }
  const snippet = munchkinSnippet(options)
  const headers = siteHeaders(options, snippet)
  const site = new Hono()

  site.use(trimTrailingSlash(), etag(), async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) c.header(name, value)
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', CACHE_REVALIDATE)
  })
  for (const { path, type, body } of [styleSheet, icon]) {
    site.get(path, (c) => c.body(body, 200, { 'Content-Type': type, 'Cache-Control': CACHE_IMMUTABLE }))
  }
  for (const page of [home, forecast, pricing, pilot(options), thanks(options)]) {
    site.get(page.path, (c) => c.html(renderPage(page, options, snippet)))
  }
  site.notFound((c) => c.html(renderPage(missing, options, snippet), 404))
  return site
}

function withoutSlash(address: string): string {
  return new URL(address).href.replace(/\/$/, '')
}
