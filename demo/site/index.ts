/**
 * The demo site: a small company's pages, which carry Munchkin as a Marketo customer's do, and one form inside
 * `<form-sync>`. It knows the relay and the simulator by their addresses alone.
 */
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { trimTrailingSlash } from 'hono/trailing-slash'
import { icon, styleSheet } from './assets.ts'
import { ASK, FOREVER, siteHeaders } from './headers.ts'
import { framed } from './layout.ts'
import { munchkinSnippet } from './munchkin.ts'
import type { Surroundings } from './page.ts'
import { forecast } from './pages/forecast.ts'
import { home } from './pages/home.ts'
import { missing } from './pages/missing.ts'
import { pilot } from './pages/pilot.ts'
import { pricing } from './pages/pricing.ts'
import { thanks } from './pages/thanks.ts'

export type { Surroundings } from './page.ts'

/** The site as an app that answers requests. It throws if an address is none. */
export function createSite({ relay, journeys, munchkinId }: Surroundings): Hono {
  const around = { relay: withoutSlash(relay), journeys: withoutSlash(journeys), munchkinId }
  const snippet = munchkinSnippet(around)
  const headers = siteHeaders(around, snippet)
  const site = new Hono()

  site.use(trimTrailingSlash(), etag(), async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) c.header(name, value)
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', ASK)
  })
  for (const { path, type, body } of [styleSheet, icon]) {
    site.get(path, (c) => c.body(body, 200, { 'Content-Type': type, 'Cache-Control': FOREVER }))
  }
  for (const page of [home, forecast, pricing, pilot(around), thanks]) {
    site.get(page.path, (c) => c.html(framed(page, around, snippet)))
  }
  site.notFound((c) => c.html(framed(missing, around, snippet), 404))
  return site
}

function withoutSlash(address: string): string {
  return new URL(address).href.replace(/\/$/, '')
}
