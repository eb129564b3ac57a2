/**
 * Lets only programs and the simulator's own pages use `/sim/…`.
 *
 * Any page of the web may send requests to a port of this machine. Its browser then names the page (`Origin`), or the page
 * has made its own name point here (DNS rebinding), and then stands in `Host`. It does not read the rest of the request.
 */
import type { MiddlewareHandler } from 'hono'

/**
 * Refuses requests of other pages with 403.
 *
 * @param names host names of the simulator in the public DNS
 */
export function ownPagesOnly(names: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const { hostname, host } = new URL(c.req.url)
    const origin = c.req.header('origin')
    const refuse = (field: 'Host' | 'Origin', message: string) => c.json({ errors: [{ field, message }] }, 403)
    if (!isOwnName(hostname) && !names.includes(hostname)) {
      return refuse('Host', `is not a name of the simulator; use its address, or start it with --name ${hostname}`)
    }
    if (origin === undefined || isOwnPage(origin, host)) return next()
    return refuse('Origin', `is another page than the simulator's own: ${origin.slice(0, 100)}`)
  }
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
