/**
 * Lets only programs and the simulator's own pages use `/sim/…`.
 *
 * Any page of the web may send requests to a port of this machine. Its browser then names the page (`Origin`), or the page
 * has made its own name point here (DNS rebinding), and then stands in `Host`. It does not read the rest of the request.
 */
import type { MiddlewareHandler } from 'hono'

/** Refuses requests of other pages with 403. */
export const ownPagesOnly: MiddlewareHandler = async (c, next) => {
  const { hostname, host } = new URL(c.req.url)
  const origin = c.req.header('origin')
  const message = isOwnName(hostname)
    ? origin !== undefined && !isOwnPage(origin, host)
      ? `is not the simulator's own: ${origin.slice(0, 100)}`
      : undefined
    : 'is not a name of this machine; use localhost or its address'
  if (message === undefined) return next()
  return c.json({ errors: [{ field: isOwnName(hostname) ? 'Origin' : 'Host', message }] }, 403)
}

/** Returns whether a name cannot be one of the public DNS: an address, `localhost`, or a name of a single label. */
function isOwnName(hostname: string): boolean {
  return /^[\d.]+$|^\[|^[^.]+$|(^|\.)localhost$/.test(hostname)
}

/** Returns whether a page is the simulator's own, or one that this machine serves. */
function isOwnPage(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  return page.host === host || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(page.hostname)
}
