/** Builds the headers of the site's responses: Content-Security-Policy and caching; it knows no pages. */
import { scriptHash } from './munchkin.ts'
import type { SiteOptions } from './page.ts'

/** Caching for assets: their address changes with their content. */
export const CACHE_IMMUTABLE = 'public, max-age=31536000, immutable'

/** Caching for pages: the browser revalidates each time, and gets a 304 while the ETag is the same. */
export const CACHE_REVALIDATE = 'no-cache'

/**
 * Returns the headers of every response.
 *
 * @param snippet the only inline script, allowed by its hash
 */
export function siteHeaders({ relay, journeys }: SiteOptions, snippet: string): Record<string, string> {
  const otherOrigins = `${new URL(relay).origin} ${new URL(journeys).origin}`
  const policy = [
    `default-src 'none'`,
    `script-src 'self' ${otherOrigins} ${scriptHash(snippet)}`,
    `style-src 'self'`,
    `connect-src 'self' ${otherOrigins}`,
    `img-src 'self' ${otherOrigins}`,
    // Applies to redirects as well: the relay redirects to the thanks page of this site.
    `form-action 'self' ${new URL(relay).origin}`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  }
}
